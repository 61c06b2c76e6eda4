"""English word order: from "did Rosa pick on Tuesday" to "Rosa picked" and "on Tuesday".

It turns the words of a question about; what is asked and how it is answered is `core.split_question`.
"""

import re

from pipeline.core import verbs
from pipeline.core.wordset import wordset

AUXILIARY = wordset(
    """
    are can could did do does had has have is must should was were will would
    """
)
DO = frozenset({"did", "does", "do"})
BE = frozenset({"is", "are", "was", "were"})
PERFECT = frozenset({"has", "have", "had"})
PRONOUNS = frozenset({"he", "she", "it", "they", "there", "we", "you", "this", "that", "these", "those"})
DETERMINERS = wordset(
    """
    a all an both each every everybody everyone everything her his its my our the their your
    """
)
_ADVERBS = wordset(
    "actually currently initially all also altogether both each eventually finally just now originally still then"
    " together"
)
GIVING = wordset("pay pays paid owe owes owed give gives gave cost costs charge charged save saves saved tip lend")
_TAKE_INFINITIVE = frozenset({"need", "have", "want", "plan", "expect", "get", "manage", "afford"})
_TAKE_PARTICIPLE = wordset(
    "finish finishes finished start starts started stop stops stopped keep keeps kept enjoy enjoys"
)
FOLLOWERS = wordset(
    """
    a about above across after afterwards again against ago alone along altogether among anymore apart around as at
    available away back because before behind below beside between beyond by combined daily during each
    either every
    for from here home if in initially inside instead into last left longer monthly more next now of on once onto
    or originally outside over overall per remaining since so still than that then there this through
    throughout to today together tomorrow tonight too total toward towards under until upon weekly when
    where which while who with within without worth yearly yesterday yet
    """
)
"""What may stand after an amount: "she has seventy two left", never "she needs three her assignment"."""


def with_particle(subject_verb: str, tail: str) -> tuple[str, str]:
    """ "He will end" + "up using": particle and participle belong to the verb."""
    given = tail.split()
    if given and given[0].endswith("ing") and subject_verb.rsplit(" ", 1)[-1] in _TAKE_PARTICIPLE:
        return f"{subject_verb} {given[0]}", " ".join(given[1:])
    if not given or given[0] not in ("up", "out", "off", "down", "away"):
        return subject_verb, tail
    taken = 2 if len(given) > 1 and (given[1].endswith("ing") or given[1] in ("with", "to", "at")) else 1
    return " ".join([subject_verb, *given[:taken]]), " ".join(given[taken:])


def for_whom(subject_verb: str, tail: str) -> tuple[str, str]:
    """ "It takes" + "him to finish": the person goes before the amount, "it takes him … to finish"."""
    match = re.match(r"((?:him|her|them|us|you|me|it|[A-Z]\w+(?: and [A-Z]\w+)?))\s+(to\b.*)$", tail)
    if match and subject_verb.rsplit(" ", 1)[-1] in ("take", "takes", "took", "cost", "costs"):
        return f"{subject_verb} {match[1]}", match[2]
    return subject_verb, tail


def turn(aux: str, after: list[str]) -> tuple[str, str] | None:
    """Subject and verb in the order of a statement, and the words after them."""
    end = _subject_end(aux, after) if after else None
    if end is None or "not" in after[: end + 2]:
        return None
    subject, rest = " ".join(after[:end]), after[end:]
    aux = _agreeing(aux, after[:end])
    if aux in DO:
        if len(rest) > 1 and rest[0].lower() in _ADVERBS:
            subject, rest = f"{subject} {rest[0]}", rest[1:]
        if not rest or not verbs.known(rest[0].lower()):
            return None
        verb = rest[0].lower()
        formed = verbs.past(verb) if aux == "did" else verbs.third_person(verb) if aux == "does" else verb
        return _with_infinitive(subject, verb, formed, rest[1:])
    taken = 0 if aux in BE else 1
    if taken and len(rest) > 1 and rest[0].lower() in _ADVERBS:
        taken = 2
    if rest[taken : taken + 2] in (["able", "to"], ["going", "to"]):
        taken += 3
    elif taken and rest[1:2] == ["to"] and rest[0].lower() in _TAKE_INFINITIVE:
        taken += 2
    return " ".join([subject, aux, *rest[:taken]]), " ".join(rest[taken:])


_OF_ONE = {"are": "is", "were": "was", "have": "has", "do": "does"}
"""A problem may ask "how many are Rosa left with"."""


def _agreeing(aux: str, subject: list[str]) -> str:
    """The auxiliary in the number of a subject of one name."""
    one = len(subject) == 1 and subject[0][:1].isupper() and not subject[0].endswith("s")
    return _OF_ONE.get(aux, aux) if one else aux


def _with_infinitive(subject: str, base: str, verb: str, rest: list[str]) -> tuple[str, str]:
    if rest[:1] == ["to"] and len(rest) > 1 and base in _TAKE_INFINITIVE:
        return f"{subject} {verb} to {rest[1]}", " ".join(rest[2:])
    return f"{subject} {verb}", " ".join(rest)


def _subject_end(aux: str, after: list[str]) -> int | None:
    """How many words the subject has; None where its end is not sure."""
    head = after[0]
    if head.lower() in PRONOUNS:
        if head.lower() not in ("this", "that", "these", "those") or len(after) == 1:
            return 1
        if aux not in (*BE, *PERFECT):
            return _verb_at(after, 1)
        return 1 if after[1].lower() in FOLLOWERS else None
    named = head[:1].isupper()
    if aux in DO or aux not in (*BE, *PERFECT):
        return _verb_at(after, 1) if named or head.lower() in DETERMINERS or not head.islower() else None
    if named:
        end = 1
        while end < len(after) and (after[end][:1].isupper() or after[end] == "and"):
            end += 1
        return None if "'" in " ".join(after[:end]) or "’" in " ".join(after[:end]) else end
    return None


def _verb_at(after: list[str], start: int) -> int | None:
    for k in range(start, min(len(after), start + 6)):
        word = after[k].lower()
        if verbs.known(word) and after[k - 1].lower() not in DETERMINERS:
            following = after[k + 1].lower() if k + 1 < len(after) else ""
            # "the coffee shop sell": the noun of a subject may look like a verb
            return k + 1 if after[0].lower() in DETERMINERS and verbs.known(following) else k
        if word in ("in", "at", "after", "before", "from") and k > start:
            return None
    return None
