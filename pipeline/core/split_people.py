"""Who a clause is about: names in a problem, and pronouns whose referent a listener would miss.

A clause taken out of its sentence keeps its "he" only where nobody else could be meant; otherwise the name that stood
before it in the same sentence takes its place, or the clause leans on the sentence before it. It never guesses.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.core import verbs
from pipeline.core.wordset import wordset

_NAME = re.compile(r"(?:(?:Mr|Mrs|Ms|Dr)\. )?[A-Z][a-zé]+(?: (?!(?:Mrs?|Ms|Dr)\.)[A-Z][a-zé]+)*")
_WORD = re.compile(r"[a-zé]+(?:['’][a-z]+)?")
_SENTENCE_END = frozenset('.!?:\n"“(')
_NO_NAMES = wordset(
    """
    A After All Also Altogether An And Another As At Because Before Both But By Calculate Combined Cost Determine
    Does During Each Every Find First Finally For Friday From Given Half He Her His How However I If In It Its Last
    Let Monday More Most My Next Now Of On Once One Only Other Our Out Per Saturday She Since So Some Sunday Sum
    Ten The Their Then There These They This Three Thursday Thus Total Tuesday Twice Two Up We Wednesday What When
    While With Within You Your January February March April May June July August September October November December
    Christmas Easter English French Spanish Thanksgiving Halloween
    """
)
_GENDERED = frozenset({"he", "him", "his", "she", "her", "hers"})
_OTHERS = frozenset({"they", "them", "their", "theirs", "it", "its"})
_MALE = frozenset({"he", "him", "his"})
_HE_OR_SHE = re.compile(r"[HhSs](?<!\w.)(?:(?P<he>(?<=[Hh])(?:e|im|is))|(?P<she>(?<=[Ss])he|(?<=[Hh])ers?))\b")
_MEN = "brother father dad husband son uncle grandfather grandpa man boy nephew"
_WOMEN = "sister mother mom wife daughter aunt grandmother grandma woman girl niece"
_ANYBODY = (
    "friend cousin neighbor boss teacher lawyer doctor nurse manager partner roommate coach clerk colleague customer "
    "worker owner parent child"
)
_ANOTHER = re.compile(
    r"(?:\b(?:an?|the|his|her|their|my)|['’]s) (?:\w+ )?"
    rf"(?:(?P<he>{_MEN.replace(' ', '|')})|(?P<she>{_WOMEN.replace(' ', '|')})|(?P<any>{_ANYBODY.replace(' ', '|')}))\b"
)
"""Somebody without a name who may be "he" or "she"."""
_SOMEBODY = frozenset(
    f"{noun}{ending}"
    for noun in f"{_MEN} {_WOMEN} {_ANYBODY}".split()
    for ending in ("", *(f"{mark}{letters}" for mark in "'’" for letters in ("s", "d", "ll", "ve", "re", "m")))
)
_ASKING = re.compile(r"[.!]\s")
_PRONOUN = re.compile(
    r"\b(?P<word>he|him|his|she|hers|her|they|them|their|theirs|it|its)\b(?!['’]s? (?:take|cost))", re.IGNORECASE
)
_EXPLETIVE = re.compile(
    r"it (?:will |would |can |could |has |had )?(?:takes?|took|taken|costs?|rained|rains|snowed)\b", re.I
)
_PAIR = re.compile(r"\band\b|\bboth\b|\w[a-rt-z]s\b")
_POSSESSIVE = re.compile(r"['’]s?\b")


class People(NamedTuple):
    """The names of a problem and which persons its pronouns could mean."""

    names: frozenset[str]
    alone: bool
    """Whether "he" or "she" can mean one person only."""
    asked: frozenset[str]
    """The pronouns of the sentence that asks: there they are clear."""


class Clause(NamedTuple):
    """A clause and who it is about."""

    text: str
    named: str
    """The same with the name in place of its first pronoun; where none is known, the text itself."""
    leans: bool
    """Whether it is clear only right after the sentence that stands before it in the solution."""


@lru_cache(maxsize=8)
def people_of(question: str) -> People:
    """The persons (and places: better one too many) that a question names."""
    names: set[str] = set()
    lower = frozenset(_WORD.findall(question))
    for match in _NAME.finditer(question):
        name = match[0]
        head, _, rest = name.partition(" ")
        if head in _NO_NAMES:
            if not rest or rest in _NO_NAMES:
                continue
            name = rest
        if name.lower() in lower:
            continue
        before = question[: match.start()].rstrip(" ")[-1:]
        if (not before or before in _SENTENCE_END) and not _acts(question[match.end() :]):
            continue
        names.add(name)
    meant = {match.lastgroup for match in _HE_OR_SHE.finditer(question)}
    asked = frozenset(_WORD.findall(_ASKING.split(question.strip())[-1])) & (_OTHERS | _GENDERED)
    others: set[str] = set()
    if not _SOMEBODY.isdisjoint(lower):
        others = {match[0] for match in _ANOTHER.finditer(question) if _may_be(match, her="she" in meant)}
    alone = len(names) + len(others) < 2 and len(meant) < 2
    return People(frozenset(names), alone, asked)


def _may_be(somebody: re.Match[str], *, her: bool) -> bool:
    """Whether the problem's pronoun could mean this person: "his wife" is not "he"."""
    return somebody.lastgroup == "any" or (somebody.lastgroup == "she") is her


def _acts(after: str) -> bool:
    following = _WORD.match(after.lstrip(" "))
    return after[:1] in "'’," or (following is not None and (following[0] in _VERBS or verbs.is_form(following[0])))


_VERBS = wordset("is was has had and can will would wants works needs likes does did went gets must also")


def mentioned(text: str, people: People) -> list[str]:
    """The names that a text holds, each once, in the order of the set."""
    return [name for name in people.names if name in text]


def about(text: str, sentence: str, people: People) -> Clause | None:
    """See to the first pronoun of a clause that was cut out of a sentence; None where its referent is lost."""
    match = _PRONOUN.search(text)
    if match is None or match["word"].lower() in people.asked - _GENDERED:
        return Clause(text, text, leans=False)
    word = match["word"].lower()
    before = text[: match.start()]
    if word in _GENDERED:
        return _person(text, match, before, sentence, people)
    if word in ("it", "its"):
        clear = bool(before.strip()) or _EXPLETIVE.match(text) is not None
    else:
        clear = _PAIR.search(before) is not None
    return Clause(text, text, leans=not clear)


def _person(text: str, match: re.Match[str], before: str, sentence: str, people: People) -> Clause | None:
    inside = mentioned(before, people)
    if inside:
        return Clause(text, text, leans=False) if len(inside) == 1 or before.startswith(tuple(inside)) else None
    of_him = match["word"].lower() in _MALE
    asked = any((word in _MALE) is of_him for word in people.asked & _GENDERED)
    if people.alone or (asked and len(people.names) < 2):
        name = next(iter(people.names), "")
        return Clause(text, _with_name(text, match, name) if name else text, leans=False)
    at = sentence.find(text[match.start() :][:24])
    earlier = mentioned(sentence[:at], people) if at > 0 else []
    if not earlier:
        return Clause(text, text, leans=True)
    if len(earlier) > 1 or _POSSESSIVE.match(sentence, sentence.find(earlier[0]) + len(earlier[0])):
        return None
    named = _with_name(text, match, earlier[0])
    return Clause(named, named, leans=False) if named != text else None


def _with_name(text: str, pronoun: re.Match[str], name: str) -> str:
    """The text with a name for a pronoun that stands as subject or possessor; else as it was."""
    word = pronoun["word"].lower()
    if word in ("he", "she"):
        said = name
    elif word in ("his", "her") and (pronoun.start() == 0 or text[: pronoun.start()].lower().endswith((" of ", ", "))):
        said = f"{name}'s" if not name.endswith("s") else f"{name}'"
    else:
        return text
    return text[: pronoun.start()] + said + text[pronoun.end() :]
