"""What a word problem asks for, as words that can open and close an answer.

"How many badges did Ottilie sell in May?" asks "how many badges Ottilie sold in May" and is answered by
"Ottilie sold … in May". It reads the last question of a text by its grammar and knows nothing of the solution.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.core import verbs
from pipeline.core.numberish import numberless
from pipeline.core.split_asking import sentences, unit_asked
from pipeline.core.split_grammar import (
    AUXILIARY,
    BE,
    DETERMINERS,
    DO,
    FOLLOWERS,
    GIVING,
    PERFECT,
    PRONOUNS,
    for_whom,
    turn,
    with_particle,
)
from pipeline.core.wordset import wordset

MAX_CLAUSE_WORDS = 14
"""A longer clause is no opening a listener follows; it is cut at a joint or given up."""
MAX_NOUN_WORDS = 5
MAX_FRONT_WORDS = 8
MAX_SUBJECT_WORDS = 7
"""Subject and verb of an answering statement; more is a misread clause."""


class Asked(NamedTuple):
    """The thing asked for; every part is "" where the grammar was not understood."""

    clause: str = ""
    """Indirect question: "how many badges Ottilie sold in May", "the total cost"."""
    noun: str = ""
    """What is counted: "badges"; "" for "how much"."""
    before: str = ""
    """Start of the answering statement, up to the amount: "Ottilie sold"; "" where the amount is its subject."""
    after: str = ""
    """Its end: "in May", "are left in the tree"."""
    measure: str = ""
    """"old", "long", "far", "tall": the adjective of "how old"."""
    stuff: str = ""
    """What "how much" asks of: "water", "money"; or how the amount compares: "more", "longer"."""

    front: str = ""
    """What may open the statement because it holds a given number: "in 30 days"."""

    @property
    def is_question(self) -> bool:
        """Whether the clause is an indirect question and no noun phrase."""
        return self.clause.lower().startswith(("how", "what", "in ", "by ", "for ", "at ", "to ", "after "))


_QUESTION = re.compile(
    r"\b(?P<wh>(?:(?:in|by|for|at|to|after)\s+)?how\s+(?P<measure>many|much|long|old|far|tall|fast"
    r"|heavy|high|wide|deep|big|large|often)"
    r"|what(?:'s|\s+(?P<be>is|was|are|were|will\s+be|would\s+be|percentage|percent|fraction))?"
    r"|calculate|find|determine|work\s+out)\b",
    re.IGNORECASE,
)
_CUTS = re.compile(
    r"(?:,|;|\s-\s|\s–\s|\(|\bif\b|\bassuming\b|\bgiven\b|\bsuppos|\bbecause\b|\bwhen\b|\bsince\b"
    r"|\bconsidering\b|\bknowing\b|\bsuch that\b).*$",
    re.IGNORECASE | re.DOTALL,
)
_CLAUSE_CUTS = re.compile(_CUTS.pattern.replace(",|;", ";", 1), re.IGNORECASE | re.DOTALL)
_MAY_CUT = (",", ";", "(", "-", "–", "if", "ing", "given", "suppos", "because", "when", "since", "such that")
"""Some of these every text holds that is cut."""
_LIST = re.compile(r",[^,]*,? (?:and|or) ")
""""The croissants, cakes, and pizzas": cut at its comma it would be another question."""
_FORMULA = re.compile(r"sqrt|[\^_=\\|]|\w\(|\)\(")
_IN_UNITS = re.compile(
    r",?\s*\b(?:in|as an?|to the nearest)\s+(?:total\s+)?(?:dollars|cents|years|minutes|hours|seconds|days"
    r"|pounds|grams|ounces|inches|feet|meters|miles|percentage|fraction|integer|dollar|cent),(?=\s|$)",
    re.IGNORECASE,
)
""""How much does it cost, in dollars, to …": the unit is no part of the clause."""


@lru_cache(maxsize=16)
def asked(question: str) -> Asked:
    """Read the last question of a problem; the empty Asked where it has no known form."""
    every = sentences(question)
    asking = [sentence for sentence in every if sentence.endswith("?")]
    for sentence in reversed(asking or every):
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
    if _FORMULA.search(rest):
        return Asked()
    rest = _IN_UNITS.sub(" ", rest)
    rest = _uncut(rest).strip(" ,").replace("each one", "each")
    rest = re.sub(r"\b(?:in\s+)?(?:in|using)\s+(?:dollars|cents)(?=$| at | after | for | by )", "", rest).strip()
    named = unit_asked(sentence)
    rest = re.sub(rf"\s+in {named}$", "", rest) if named else rest
    rest, front = _without_numbers(rest, counts=bool(match["measure"]))
    found = _parse(match, rest)
    if found is None:
        return None
    clause = f"{found.clause} {front}" if found.clause and _ORDINALS_ONLY.match(front) else found.clause
    if _CUT_SHORT.fullmatch(clause):
        clause = ""
    if not front:
        return found._replace(clause=clause)
    fits = len(front.split()) <= MAX_FRONT_WORDS and front.split()[0] != "of" and front.split()[0] in _FRONTS
    fits = fits and _CROWDED.search(front) is None
    return found._replace(clause=clause, front=front if fits else "")


_CUT_SHORT = re.compile(r"how many (?:[a-z-]+ ){1,5}(?<!there )(?:are|were|will be)", re.IGNORECASE)
""""How many quarts are in 3 gallons" without the gallons."""
_CROWDED = re.compile(
    r"\b(?:double|half|twice|triple|dozen|quarter|(?:four|fif|six|seven|eigh|nin|ten)th|\d+th)\b"
    r"|\d.*\d\D.*\d|,|\d [a-z]+ and \d"
)
_FRONTS = wordset("in for after from with on at during by over before within between among to")
_ORDINALS_ONLY = re.compile(
    r"^(?!.*\d)[^$%]*\b(?:first|second|third|last)\b(?![^$%]*\b(?:first|second|third)\b)[^$%]*$"
)


def _without_numbers(rest: str, *, counts: bool) -> tuple[str, str]:
    """A clause up to the joint before its first number, and the words from there on: "he walk" and "in 30 days"."""
    if numberless(rest):
        return rest, ""
    words = rest.split()
    first = next((k for k, word in enumerate(words) if not numberless(word)), 0)
    if "that" in words[:first]:
        return rest, ""  # "the probability that the sum of": cut short it says nothing
    for k in range(first - 1, 0, -1):
        if words[k].lower() in _FRONTS and not (words[k] == "to" and words[k - 1] in ("able", "going", "up")):
            return " ".join(words[:k]), " ".join(words[k:])
    cut = 0 if counts else next((k for k in range(first - 1, 0, -1) if words[k] == "of"), 0)
    return (" ".join(words[:cut]), "") if cut else (rest, "")


def _uncut(rest: str) -> str:
    """A clause up to the first aside or condition in it."""
    low = rest.lower()
    if not any(mark in low for mark in _MAY_CUT):
        return rest
    return (_CLAUSE_CUTS if _LIST.search(rest) else _CUTS).sub("", rest)


def _parse(match: re.Match[str], rest: str) -> Asked | None:
    wh = match["wh"].lower()
    if match["measure"]:
        return _how(wh, match["measure"].lower(), rest)
    be = (match["be"] or "is").lower()
    if be in ("percentage", "percent", "fraction"):
        return _percentage(wh, rest)
    if wh.startswith("what") and not (match["be"] or wh == "what's"):
        return None
    return _noun_phrase(rest, " ".join(be.split()))


def _noun_phrase(rest: str, be: str = "is") -> Asked | None:
    """ "What is the total cost", "Find the length of each side": the phrase is what is asked."""
    rest = re.sub(r"^out\s+", "", rest)
    words = rest.split()
    if not words or len(words) > MAX_CLAUSE_WORDS or not numberless(rest):
        return Asked()
    if words[0].lower() in ("how", "what"):
        return _read(rest + "?")
    if words[0].lower() not in DETERMINERS and "'" not in words[0] and "’" not in words[0]:
        return Asked()
    plural = words[0].lower() in ("the", "his", "her", "their") and len(words) > 1 and _PLURAL_HEAD.match(rest)
    words = _unloosed(words)
    rest = " ".join(words)
    halved = "between" in words and "and" not in words
    if not words or words[-1].lower() in _EMPTY_NOUNS or halved:
        return Asked()
    return Asked(clause=rest, before="" if plural or be == "are" else f"{_capital(rest)} {be}")


_PLURAL_HEAD = re.compile(
    r"\w+\s+(?:total\s+)?\w*[a-rt-z]s\b(?!\s+\w*(?:price|cost|age|value|amount|number))", re.IGNORECASE
)


def _percentage(wh: str, rest: str) -> Asked:
    clause = f"{wh} {rest}"
    words = rest.split()
    if not numberless(rest) or len(clause.split()) > MAX_CLAUSE_WORDS or not words:
        return Asked()
    at = next((k for k, word in enumerate(words) if word.lower() in AUXILIARY), None)
    if at is None:
        plain = any(verbs.is_form(word) for word in words[2:])
        return Asked(clause=clause, after=rest if plain and words[0] == "of" else "")
    if words[0] == "of" and _follows_subject(words[at].lower(), words[at + 1 :]):
        return Asked(clause=clause, after=rest)
    turned = turn(words[at].lower(), words[at + 1 :])
    if turned is None:
        return Asked()
    counted = " ".join(words[:at])
    subject_verb, tail = turned
    clause = _clause(" ".join(part for part in (wh, counted, subject_verb, tail) if part))
    states = counted.startswith("of ") and (not tail or tail.split()[0].lower() in FOLLOWERS)
    return Asked(
        clause, before=_capital(subject_verb) if states else "", after=f"{counted} {tail}".strip() if states else ""
    )


def _how(wh: str, measure: str, rest: str) -> Asked:
    words = rest.split()
    at = next((k for k, word in enumerate(words) if word.lower() in AUXILIARY), None)
    limit = MAX_NOUN_WORDS if measure == "many" else MAX_NOUN_WORDS + 1
    counted = " ".join(words[:at]) if at is not None and at <= limit else ""
    noun = _noun(measure, words, at)
    kept = measure if measure not in ("many", "much") else ""
    stuff = counted if measure == "much" else ""
    if at is None:
        return _acting(wh, measure, words, kept)
    if at and not counted:
        return Asked(noun=noun)
    bare = wh.startswith("how")
    whole = _whole_subject(measure, words) if at == 0 and bare else ""
    if whole:
        return Asked(clause=whole.rsplit(" ", 1)[0] if not whole.endswith(" be") else "", before=_capital(whole))
    turned = turn(words[at].lower(), words[at + 1 :])
    if turned is None:
        return _as_subject(wh, words, at, Asked(noun=noun, measure=kept, stuff=stuff)) if counted else Asked(noun=noun)
    subject_verb, tail = turned
    clause = _clause(" ".join(part for part in (wh, counted, subject_verb, tail) if part))
    subject_verb, tail = with_particle(*for_whom(subject_verb, tail))
    giver = subject_verb.rsplit(" ", 1)[-1]
    given = tail.split()
    if giver in GIVING and 0 < len(given) <= 3 and given[0].lower() not in FOLLOWERS:
        subject_verb, tail = f"{subject_verb} {tail}", ""
    if not bare and numberless(tail) and len(f"{subject_verb} {tail}".split()) <= MAX_CLAUSE_WORDS:
        before = _capital(f"{subject_verb} {tail} {wh.split()[0]}".replace("  ", " "))
        return Asked(clause, noun, before if noun and not tail.endswith(wh.split()[0]) else "", measure=kept)
    if tail in _HELD or (tail.rsplit(" ", 1)[-1] in _HELD and given[0].lower() in DETERMINERS):
        subject_verb, tail = f"{subject_verb} {tail}", ""
    states = bare and numberless(f"{subject_verb} {tail}") and len(subject_verb.split()) <= MAX_SUBJECT_WORDS
    states = states and _may_follow(tail)
    if kept and not _measured(kept, subject_verb, words[at].lower(), tail):
        states = False
    if re.search(r"\b(?:fewer|less|extra|additional)\b", counted):
        states = states and (measure == "many" or counted == "less")
    return Asked(clause, noun, _capital(subject_verb) if states else "", tail if states else "", kept, stuff)


_HELD = ("with", "for", "from", "to", "on")
"""What a question leaves at its end and its answer puts before the amount: "she bought each bag for seven dollars"."""


def _as_subject(wh: str, words: list[str], at: int, parts: Asked) -> Asked:
    """ "How many birds are left in the tree": what is counted is the subject of the auxiliary at word `at`."""
    if not _follows_subject(words[at].lower(), words[at + 1 :]):
        return parts
    clause = _clause(f"{wh} {' '.join(words)}")
    predicate = " ".join(words[at:])
    states = clause and wh.startswith("how") and numberless(predicate) and len(words) <= MAX_CLAUSE_WORDS
    return parts._replace(clause=clause, after=predicate if states else "")


def _acting(wh: str, measure: str, words: list[str], kept: str) -> Asked:
    """ "How many pages remain in the pad": what is counted acts, and no auxiliary helps."""
    clause = _clause(f"{wh} {' '.join(words)}")
    for k in range(1, min(len(words), MAX_NOUN_WORDS + 1)):
        word = words[k].lower()
        if word in FOLLOWERS or word in DETERMINERS:
            break
        if verbs.is_form(word):
            noun = _noun(measure, words, k)
            states = noun and wh.startswith("how") and len(words) <= MAX_CLAUSE_WORDS and not word.endswith("ing")
            return Asked(clause, noun, after=" ".join(words[k:]) if states else "", measure=kept)
    return Asked(clause, _noun(measure, words, None), measure=kept)


def _whole_subject(measure: str, words: list[str]) -> str:
    """ "How much is Peter's remaining money": all that follows is the subject; "Peter's remaining money is"."""
    be = words[0].lower()
    subject = words[1:]
    if measure != "much" or (be not in BE and not (be in ("will", "would") and subject[:1] == ["be"])):
        return ""
    if be not in BE:
        be, subject = f"{be} be", subject[1:]
    owned = bool(subject) and subject[0].endswith(("'s", "’s"))
    if not subject or len(subject) > MAX_SUBJECT_WORDS or not (owned or subject[0].lower() in DETERMINERS):
        return ""
    if any(
        (word.endswith("ing") and word != "remaining") or word.lower() in ("able", "left", "spent", "paid", "worth")
        for word in subject[1:]
    ):
        return ""
    return f"{' '.join(subject)} {be}"


def _may_follow(tail: str) -> bool:
    """Whether these words may stand after an amount."""
    head = tail.split()[0].lower() if tail else ""
    return not head or head in FOLLOWERS or head.endswith("ing")


def _measured(measure: str, subject_verb: str, aux: str, tail: str) -> bool:
    """Whether "how far did he run" is answered by "he ran five miles"."""
    last = subject_verb.rsplit(" ", 1)[-1]
    if measure in ("long", "far"):
        return aux not in BE or last in ("be",) or bool(tail == "")
    return measure in ("old", "tall", "high", "wide", "deep") and last in (*BE, "be") and tail.split()[:1] != ["than"]


def _follows_subject(aux: str, after: list[str]) -> bool:
    """Whether what is counted is the subject itself: "how many birds are left", "how many people will come"."""
    if aux in DO or _inverts(after):
        return False
    return aux in (*BE, *PERFECT) or (bool(after) and (after[0].lower() == "be" or verbs.known(after[0].lower())))


def _inverts(after: list[str]) -> bool:
    if not after:
        return False
    head = after[0]
    return head.lower() in PRONOUNS or head.lower() in DETERMINERS or head[:1].isupper()


def _noun(measure: str, words: list[str], at: int | None) -> str:
    if measure != "many" or not words or words[0].lower() in _FRONTS:
        return ""
    end = at if at is not None else min(len(words), 1)
    noun = " ".join(words[:end])
    if 0 < end <= MAX_NOUN_WORDS and not numberless(noun):
        if any(word in _MEASURED_OUT for word in words[:end]):
            return ""  # "pairs of shoes": a number of shoes is another
        last = words[end - 1]  # "how many 150 ml servings": servings
        return last if last.endswith("s") and numberless(last) else ""
    if not 0 < end <= MAX_NOUN_WORDS:
        return ""
    return re.sub(r"^total\s+|\s+(?:in total|in all|total|altogether)$", "", noun)


def _clause(text: str) -> str:
    words = text.split()
    if words[0].lower() in _JOINTS:
        return ""  # "let's find out in how many days" is no English
    if len(words) > MAX_CLAUSE_WORDS:
        for k in range(MAX_CLAUSE_WORDS, 6, -1):
            if words[k].lower() in _JOINTS and not _wants_object(words, k):
                words = words[:k]
                break
        else:
            return ""
    words = _unloosed(words)
    clause = " ".join(words)
    return clause if numberless(clause) and len(words) > 3 else ""


def _wants_object(words: list[str], k: int) -> bool:
    """Whether a clause cannot end before word k: "needed to fill" says too little."""
    word = words[k - 1].lower()
    if word in DETERMINERS or word in AUXILIARY or word in ("need", "needs", "needed", "going", "able"):
        return True
    return words[k - 2].lower() == "to" and not BE.isdisjoint(words[: k - 2])


def _unloosed(words: list[str]) -> list[str]:
    """Words without what hangs loose at their end."""
    kept = list(words)
    while kept and kept[-1].lower() in _LOOSE_ENDS and kept[-2:] != ["after", "that"]:
        kept.pop()
    return kept


_MEASURED_OUT = wordset("pair pairs dozen dozens couples")
_JOINTS = wordset("in on at for during after before from by to with while")
_EMPTY_NOUNS = wordset("each number amount quantity fraction percentage average value values")
"""Cut off after these a phrase names nothing."""
_LOOSE_ENDS = frozenset(
    {"and", "or", "that", "the", "a", "an", "so", "per", "of", "he", "she", "than", "until", "before"}
)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
