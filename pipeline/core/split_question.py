"""What a word problem asks for, as words that can open and close an answer.

"How many clips did Natalia sell in May?" asks "how many clips Natalia sold in May" and is answered by
"Natalia sold … in May". It reads the last question of a text by its grammar and knows nothing of the solution.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.core import verbs
from pipeline.core.numberish import numberless
from pipeline.core.wordset import wordset

MAX_CLAUSE_WORDS = 14
"""A longer clause is no opening a listener follows; it is cut at a joint or given up."""
MAX_NOUN_WORDS = 4
MAX_SUBJECT_WORDS = 7
"""Subject and verb of an answering statement; more is a misread clause."""


class Asked(NamedTuple):
    """The thing asked for; every part is "" where the grammar was not understood."""

    clause: str = ""
    """Indirect question: "how many clips Natalia sold in May", "the total cost"."""
    noun: str = ""
    """What is counted: "clips"; "" for "how much"."""
    before: str = ""
    """Start of the answering statement, up to the amount: "Natalia sold"."""
    after: str = ""
    """Its end: "in May"; only used with `before`."""
    measure: str = ""
    """"old", "long", "far", "tall": the adjective of "how old"."""


_SENTENCE = re.compile(r"(?<!\bMr\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bMrs\.)(?<=[.!?])\s+|\n+")
_QUESTION = re.compile(
    r"\b(?P<wh>(?:(?:in|by|for|at|to|after)\s+)?how\s+(?P<measure>many|much|long|old|far|tall|fast"
    r"|heavy|high|wide|deep|big|large|often)"
    r"|what(?:'s|\s+(?P<be>is|was|are|were|will\s+be|would\s+be|percentage|percent|fraction))?"
    r"|calculate|find|determine|work\s+out)\b",
    re.IGNORECASE,
)
_AUXILIARY = wordset(
    """
    are can could did do does had has have is must should was were will would
    """
)
_DO = frozenset({"did", "does", "do"})
_BE = frozenset({"is", "are", "was", "were"})
_PERFECT = frozenset({"has", "have", "had"})
_PRONOUNS = frozenset({"he", "she", "it", "they", "there", "we", "you", "this", "that", "these", "those"})
_DETERMINERS = wordset(
    """
    a all an both each every her his its my our the their your
    """
)
_TAKE_INFINITIVE = frozenset({"need", "have", "want", "plan", "expect", "get", "manage", "afford"})
_FOLLOWERS = wordset(
    """
    a about across after altogether among as at available away back before between by combined during each every
    for from in initially last left more now of on originally over overall per remaining so still than that this
    through throughout to today together tomorrow total until with yesterday
    """
)
"""What may stand after an amount: "she has seventy two left", never "she needs three her assignment"."""
_CUTS = re.compile(
    r"(?:,|;|\s-\s|\s–\s|\(|\bif\b|\bassuming\b|\bgiven\b|\bsuppos|\bbecause\b|\bwhen\b|\bsince\b"
    r"|\bconsidering\b|\bsuch that\b).*$",
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=16)
def asked(question: str) -> Asked:
    """Read the last question of a problem; the empty Asked where it has no known form."""
    for sentence in reversed(_SENTENCE.split(question.strip())):
        found = _read(sentence)
        if found is not None:
            return found
    return Asked()


def _read(sentence: str) -> Asked | None:
    match = None
    for match in _QUESTION.finditer(sentence):
        if match["measure"] or match["be"] or sentence.rstrip().endswith(("?", ".")):
            break
    if match is None:
        return None
    rest = sentence[match.end() :].strip().rstrip("?.! ")
    rest = _CUTS.sub("", rest).strip(" ,")
    rest = re.sub(r"\b(?:in\s+)?(?:in|using)\s+(?:dollars|cents|total)$", "", rest).strip()
    wh = match["wh"].lower()
    if match["measure"]:
        return _how(wh, match["measure"].lower(), rest)
    if match["be"] in ("percentage", "percent", "fraction"):
        return _percentage(wh, rest)
    if wh.startswith("what") and not (match["be"] or wh == "what's"):
        return None
    return _noun_phrase(rest)


def _noun_phrase(rest: str) -> Asked | None:
    """ "What is the total cost", "Find the length of each side": the phrase is what is asked."""
    rest = re.sub(r"^out\s+", "", rest)
    words = rest.split()
    if not words or len(words) > MAX_CLAUSE_WORDS or not numberless(rest):
        return Asked()
    if words[0].lower() in ("how", "what"):
        return _read(rest + "?")
    if words[0].lower() not in _DETERMINERS and "'" not in words[0] and "’" not in words[0]:
        return Asked()
    plural = words[0].lower() in ("the", "his", "her", "their") and len(words) > 1 and _PLURAL_HEAD.match(rest)
    return Asked(clause=rest, before="" if plural else f"{_capital(rest)} is")


_PLURAL_HEAD = re.compile(
    r"\w+\s+(?:total\s+)?\w*[a-rt-z]s\b(?!\s+\w*(?:price|cost|age|value|amount|number))", re.IGNORECASE
)


def _percentage(wh: str, rest: str) -> Asked:
    clause = f"{wh} {rest}"
    if not numberless(rest) or len(clause.split()) > MAX_CLAUSE_WORDS or not _no_inversion(rest):
        return Asked()
    return Asked(clause=clause)


def _no_inversion(rest: str) -> bool:
    return not any(word.lower() in _AUXILIARY for word in rest.split())


def _how(wh: str, measure: str, rest: str) -> Asked:
    words = rest.split()
    at = next((k for k, word in enumerate(words) if word.lower() in _AUXILIARY), None)
    limit = MAX_NOUN_WORDS if measure == "many" else MAX_NOUN_WORDS + 1
    counted = " ".join(words[:at]) if at is not None and at <= limit else ""
    noun = _noun(measure, words, at)
    kept = measure if measure not in ("many", "much") else ""
    if at is None or (at and not counted):
        return Asked(clause=_clause(f"{wh} {rest}"), noun=noun, measure=kept) if at is None else Asked(noun=noun)
    turned = _turn(words[at].lower(), words[at + 1 :])
    if turned is None:
        subjectless = bool(counted) and _follows_subject(words[at].lower(), words[at + 1 :])
        return Asked(clause=_clause(f"{wh} {rest}") if subjectless else "", noun=noun, measure=kept)
    subject_verb, tail = turned
    clause = _clause(" ".join(part for part in (wh, counted, subject_verb, tail) if part))
    subject_verb, tail = _for_whom(subject_verb, tail)
    if tail in ("with", "for", "from", "to", "on"):
        subject_verb, tail = f"{subject_verb} {tail}", ""
    states = measure in ("many", "much") and wh.startswith("how") and numberless(f"{subject_verb} {tail}")
    states = states and len(subject_verb.split()) <= MAX_SUBJECT_WORDS
    states = states and (not tail or tail.split()[0].lower() in _FOLLOWERS)
    if measure == "much" and counted and counted not in ("money", "total money", "more money"):
        states = False
    if re.search(r"\b(?:more|fewer|less|longer|extra|additional)\b", counted):
        states = states and measure == "many"
    return Asked(clause, noun, _capital(subject_verb) if states else "", tail if states else "", kept)


def _for_whom(subject_verb: str, tail: str) -> tuple[str, str]:
    """ "It takes" + "him to finish": the person goes before the amount, "it takes him … to finish"."""
    match = re.match(r"((?:him|her|them|us|you|me|it|[A-Z]\w+(?: and [A-Z]\w+)?))\s+(to\b.*)$", tail)
    if match and subject_verb.rsplit(" ", 1)[-1] in ("take", "takes", "took", "cost", "costs"):
        return f"{subject_verb} {match[1]}", match[2]
    return subject_verb, tail


def _follows_subject(aux: str, after: list[str]) -> bool:
    """Whether what is counted is the subject itself: "how many birds are left", "how many people will come"."""
    if aux in _DO or _inverts(after):
        return False
    return aux in (*_BE, *_PERFECT) or (bool(after) and (after[0].lower() == "be" or verbs.known(after[0].lower())))


def _inverts(after: list[str]) -> bool:
    if not after:
        return False
    head = after[0]
    return head.lower() in _PRONOUNS or head.lower() in _DETERMINERS or head[:1].isupper()


def _noun(measure: str, words: list[str], at: int | None) -> str:
    if measure != "many" or not words:
        return ""
    end = at if at is not None else min(len(words), 1)
    noun = " ".join(words[:end])
    if not 0 < end <= MAX_NOUN_WORDS or not numberless(noun):
        return ""
    return re.sub(r"^(?:total|of)\s+", "", noun)


def _clause(text: str) -> str:
    words = text.split()
    if words[0].lower() in _JOINTS:
        return ""  # "let's find out in how many days" is no English
    if len(words) > MAX_CLAUSE_WORDS:
        for k in range(MAX_CLAUSE_WORDS, 6, -1):
            if words[k].lower() in _JOINTS:
                words = words[:k]
                break
        else:
            return ""
    while words and words[-1].lower() in _LOOSE_ENDS:
        words.pop()
    clause = " ".join(words)
    return clause if numberless(clause) and len(words) > 3 else ""


_JOINTS = wordset("in on at for during after before from by to with while")
_LOOSE_ENDS = frozenset({"and", "or", "that", "the", "a", "an", "so", "per", "he", "she", "than", "until", "before"})


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _turn(aux: str, after: list[str]) -> tuple[str, str] | None:
    """Subject and verb in the order of a statement, and the words after them."""
    if not after:
        return None
    end = _subject_end(aux, after)
    if end is None:
        return None
    subject, rest = " ".join(after[:end]), after[end:]
    if aux in _DO:
        if not rest or not verbs.known(rest[0].lower()):
            return None
        verb = rest[0].lower()
        formed = verbs.past(verb) if aux == "did" else verbs.third_person(verb) if aux == "does" else verb
        return _with_infinitive(subject, verb, formed, rest[1:])
    taken = 0 if aux in _BE else 1
    if rest[taken : taken + 2] in (["able", "to"], ["going", "to"]):
        taken += 3
    elif taken and rest[1:2] == ["to"] and rest[0].lower() in _TAKE_INFINITIVE:
        taken += 2
    return " ".join([subject, aux, *rest[:taken]]), " ".join(rest[taken:])


def _with_infinitive(subject: str, base: str, verb: str, rest: list[str]) -> tuple[str, str]:
    if rest[:1] == ["to"] and len(rest) > 1 and base in _TAKE_INFINITIVE:
        return f"{subject} {verb} to {rest[1]}", " ".join(rest[2:])
    return f"{subject} {verb}", " ".join(rest)


def _subject_end(aux: str, after: list[str]) -> int | None:
    """How many words the subject has; None where its end is not sure."""
    head = after[0]
    if head.lower() in _PRONOUNS:
        if head.lower() in ("this", "that", "these", "those") and aux in _DO:
            return _verb_at(after, 1)
        return 1
    named = head[:1].isupper()
    if aux in _DO or aux not in (*_BE, *_PERFECT):
        return _verb_at(after, 1) if named or head.lower() in _DETERMINERS or not head.islower() else None
    if named:
        end = 1
        while end < len(after) and (after[end][:1].isupper() or after[end] == "and"):
            end += 1
        return None if "'" in " ".join(after[:end]) or "’" in " ".join(after[:end]) else end
    return None


def _verb_at(after: list[str], start: int) -> int | None:
    for k in range(start, min(len(after), start + 6)):
        word = after[k].lower()
        if verbs.known(word) and after[k - 1].lower() not in _DETERMINERS:
            following = after[k + 1].lower() if k + 1 < len(after) else ""
            # "the coffee shop sell": the noun of a subject may look like a verb
            return k + 1 if after[0].lower() in _DETERMINERS and verbs.known(following) else k
        if word in ("in", "at", "after", "before", "from") and k > start:
            return None
    return None
