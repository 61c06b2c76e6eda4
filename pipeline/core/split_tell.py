"""One beat as one spoken clause: asides, conditions, commands and labels of written working become plain speech.

Returns None for what would not sound like a person; the caller then says less.
"""

import re
from typing import NamedTuple

from pipeline.core import verbs
from pipeline.core.numberish import number_words, numberless
from pipeline.core.split_beats import Beat, Working
from pipeline.core.split_people import Clause, People, about, people_of
from pipeline.core.split_reasoning import TRAILING, without_lead
from pipeline.core.wordset import wordset

MIN_WORDS = 3
MIN_PAST = 4
"""Letters of a past form in "-ed": "showed", and neither "red" nor "seed"."""
MAX_WORDS = 17
"""A longer clause is hard to follow by ear."""
MAX_CONDITION_WORDS = 9
"""A leading "In May," stays: without it the rest would be false, so a longer one is not told at all."""
MAX_IF_WORDS = 5
"""A longer "If each of the …," restates a given, and goes."""
_REASONS = wordset("since because given knowing considering as assuming to by from including adding using")

_LOWER = wordset(
    """
    across based among halfway twice according following only altogether every within without under over between
    including adding a an the this that these those his her hers its their our my your he she it they we you
    i'll there here each all both some any if when since because after before in on at for to from with by of
    during while as so then and but or another other not no what how which who let let's now next together
    overall combined total per out half due besides using counting today yesterday tomorrow later originally
    initially currently finally usually normally one two three four five six seven eight nine ten eleven twelve
    thirty forty fifty sixty most many much more fewer less several either neither everyone everybody
    """
)
_CONTRACTED = re.compile(r"\b(she|he|it|there|they)['’](s|re)(?= \$?\d)", re.IGNORECASE)
_FULL = {"s": "is", "re": "are", "S": "is", "RE": "are"}
_ASIDE = re.compile(r"\s*\([^()]*\)|\s*\[[^\]]*\]")
_UNIT_STROKE = re.compile(r"(?<=[a-zA-Z])\s?/\s?(?=[a-zA-Z])")
_MONEY_STROKE = re.compile(r"(?<=\d)\s?/\s?(?=[a-zA-Z])")
_CONDITION = re.compile(
    r"^(?P<clause>(?P<head>if|since|because|when|as|after|before|in|on|at|for|to|with|by|from|given|while"
    r"|once|including|of|during|out|assuming|knowing|between|without|adding|under|using"
    r"|considering)\b[^,]*(?:,(?=.*,\s)[^,]*)*),\s+(?P<main>[^,]+(?:,.*)?)$",
    re.IGNORECASE,
)
_REASON = re.compile(r",?\s+(?:because|since|as)\s.*$", re.IGNORECASE)
_RUN_ON = re.compile(
    r"^(?P<left>.*?),?\s+(?:so(?! far\b)|therefore|thus|hence|which means(?: that)?|meaning(?: that)?|which is"
    r"|then)\s+(?P<right>.+)$",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"^(?:find|calculate|determine|compute|figure out|work out|get|solve|add|subtract|multiply"
    r"|divide|take|use|convert|express|combine|double|halve|look|start|let)\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"\bto (?:find|get|calculate|determine|see|figure out|express|compute"
    r"|work out)\b(?: out)?\s+(?P<what>[^:]+?)\s*:",
    re.IGNORECASE,
)
_FINDING = re.compile(
    r"^(?:find|calculate|determine|compute|figure out|work out|get)\b(?: out)?\s+(?P<what>[^:]+?)\s*:", re.IGNORECASE
)
MAX_LABEL_WORDS = 12
_NO_LABEL = re.compile(
    r"^(?:how|what|which|when|where|the number of times)\b|\b(?:is|are|was|were|equals)\b", re.IGNORECASE
)
_DANGLING = re.compile(
    r"(?:that|this|which|these|those|it)\s+(?:is|was|are|were|leaves?|left|lost|means?|makes?|gives?"
    r"|gave|equals?|comes?|came|works?|goes|brings|amounts?|would|will|takes?|took|brings?|adds?)\b"
    r"|(?:for|of|by|with|if|when|since|because|while|to)\b(?:[^,]|,\d)*$|(?:and|or|than|of|is|are|was|times|more|plus|minus)\b|\w+ing\b",
    re.IGNORECASE,
)
"""Starts that lean on a sentence which the response may not tell."""
_BARE_NOUN = re.compile(
    r"(?:total|cost|number|price|amount|sum|average|combined|remaining|difference|volume|area"
    r"|perimeter|weight)\s(?:\w+\s){0,3}?(?:of|is|was|are|were|for|in)\b",
    re.IGNORECASE,
)
_LEFTOVER_SIGN = re.compile(r"[=<>+*^|\\{}\[\]~≈@#&_()\"“”:;/?]|\d[A-Za-z]|\d \d+(?![\d/])")
_LEFTOVER_DASH = re.compile(r"\w\s?[-–—]\s|\s[-–—]|\d\s?[-–—]\s?\d")
_EQUALS_SAID = re.compile(r"\bequals?\b", re.IGNORECASE)
_COPULAS = re.compile(
    r"\b(?:is|are|was|were)\b(?:(?!\b(?:that|which|who|when|and|if|so|as|than|because)\b).)*\s(?:is"
    r"|are)\s[\d$]",
    re.IGNORECASE,
)
_UNIT_TWICE = re.compile(r"([$]\s?\d[\d,.]*(?: more)?)\s+dollars?\b|([$]\s?0?\.\d+) cents\b")
_COUNTED = re.compile(
    r"\b(?:number|amount|total|difference|time|weight|rest|remainder)\b.*\s(?:is|are|was|were|will be)$", re.IGNORECASE
)
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
_SOLE_LETTER = re.compile(r"(?<![\w'’])[b-hj-zB-HJ-Z](?![\w'’])")
_VERB_FORMS = wordset(
    """
    is are was were be been has have had will would can could should must does do did takes gives makes needs
    gets costs comes means leaves left equals amounts stands weighs contains receives holds becomes remain
    remains
    """
)


class Scene(NamedTuple):
    """What the listener has heard in the question."""

    numbers: frozenset[str]
    """Its numbers as they are written."""
    words: frozenset[str]
    """Its words in lower case."""
    written: frozenset[str]
    """The words of question and solution as they are written: what stands in small letters somewhere is no name."""
    people: People
    supposes: bool
    """Whether the solution weighs cases ("If he drives, …"), so that a sentence without its condition is false."""


def scene_of(question: str, found: tuple[Beat, ...]) -> Scene:
    """The scene of a row."""
    cases = sum(beat.text[:3] in ("If ", "if ") for beat in found)
    words = frozenset(_WORD.findall(question.lower()))
    written = frozenset(" ".join((question, *(beat.text for beat in found))).split())
    return Scene(frozenset(NUMBER.findall(question)), words, written, people_of(question), cases > 1)


_WORD = re.compile(r"\b[a-z]+")


def lowered(text: str) -> str:
    """A text as it stands after a connective: names keep their capital."""
    head = re.split(r"[\s,']", text, maxsplit=1)[0]
    return text[:1].lower() + text[1:] if head.lower() in _LOWER else text


_BARE_TOTAL = re.compile(r"a total of \S+(?: [a-z-]+)? [a-z-]+s$", re.IGNORECASE)
"""An amount and its noun: "a total of 24 water bottles", whose words happen to be forms of verbs too."""


def _has_verb(text: str) -> bool:
    if _BARE_TOTAL.match(text) and _VERB_FORMS.isdisjoint(text.split()) and "ed " not in text:
        return False
    return any(
        word in _VERB_FORMS or verbs.is_form(word) or (len(word) > MIN_PAST and word.endswith("ed"))
        for word in _LETTERS.findall(text)
    )


def tell(beat: Beat, working: Working, scene: Scene) -> Clause | None:
    """The beat's result as a clause without full stop, its numbers still written; None where it reads badly."""
    text = _shape(beat.told, working.result, scene)
    if text is None:
        return None
    text = " ".join(text.split()).strip(" ,.!").replace(" ,", ",")
    text = _ALSO.sub(" ", text)
    text = _UNIT_TWICE.sub(r"\1\2", text) if "$" in text else text
    text = _without_repeated_unit(text, working.result)
    if not _reads_well(text, working) or not _grounded(text, working.result, scene):
        return None
    found = about(text, beat.told, scene.people)
    return found._replace(text=_begun(found.text, scene), named=_begun(found.named, scene)) if found else None


def _reads_well(text: str, working: Working) -> bool:
    """Whether a listener hears a whole sentence about the result, its cheapest faults looked for first."""
    result = working.result
    length = len(text.split())
    if result not in text or f", {result}" in text or not MIN_WORDS <= length <= MAX_WORDS + MAX_CONDITION_WORDS:
        return False
    if (length > MAX_WORDS and _CONDITION.match(text) is None) or (length == MIN_WORDS and text.endswith(result)):
        return False
    if verbs.is_form(text[: text.find(" ")]) or _DANGLING.match(text) or not _has_verb(text):
        return False
    if _STARTS_WITH.search(text) and _SUM_OR_DIFFERENCE.search(working.expression):
        return False
    if _misnumbered(text, working) or _left_over(text) or _BY_DOING.search(text[: text.find(result)]):
        return False
    return not (_SOLE_LETTER.search(text) or _SUBJECTLESS.match(text) or _COPULAS.search(text))


def _misnumbered(text: str, working: Working) -> bool:
    """ "one liters are left", "they need to make 1.5 times"."""
    after = text[text.find(working.result) + len(working.result) :].split(maxsplit=1)
    noun = after[0] if after else ""
    return (noun == "times" and len(after) == 1) or (working.value == 1 and _plural(noun))


def _left_over(text: str) -> bool:
    """Whether a sign of written mathematics or a second sentence is left in a clause."""
    if ". " in text or _LEFTOVER_SIGN.search(text):
        return True
    dashed = "-" in text or "–" in text or "—" in text
    return (dashed and _LEFTOVER_DASH.search(text) is not None) or (
        "qual" in text and _EQUALS_SAID.search(text) is not None
    )


_SUM_OR_DIFFERENCE = re.compile(r"\s[-+]\s")
_LETTERS = re.compile(r"[a-z]+")
_SUBJECTLESS = re.compile(
    r"an? (?:\w+ )?(?:cost|price|sum|amount|gift) of\b|.*, th(?:at|is) means\b"
    r"|we (?:add|find|multiply|subtract|divide|take|determine|calculate|perform)\b",
    re.IGNORECASE,
)
_BY_DOING = re.compile(r"\b(?:by|perform|performing|calculate|multiply|divide|subtract) (?:\w+ing )?$", re.IGNORECASE)
_STARTS_WITH = re.compile(r"\b(?:start(?:s|ed)?|begins?|began)(?: out| off)? (?:with|at)\b", re.IGNORECASE)
""""It began with 40 riders - 12 who got off = 28 riders": 28 is not what it started with."""


def _begun(text: str, scene: Scene) -> str:
    """The text with a small first letter unless it begins with a name."""
    head = _HEAD.match(text)
    word = head[0].lower() if head else ""
    return text[:1].lower() + text[1:] if word in scene.written or word in _LOWER else text


_HEAD = re.compile(r"[^\W\d_]+")


def _without_repeated_unit(text: str, result: str) -> str:
    """ "The number of nails is 64 nails" as "the number of nails is 64"."""
    head, found, tail = text.rpartition(f" {result} ")
    if not found or " " in tail or not _COUNTED.search(head):
        return text
    return f"{head} {result}" if re.search(rf"\b{re.escape(tail)}\b", head) else text


def _unfolded(told: str) -> str:
    """The sentence without asides and connectives, contractions and strokes written out."""
    text = _ASIDE.sub("", told) if "(" in told or "[" in told else told
    text = text.strip().rstrip(".!;")
    if "'" in text or "’" in text:
        text = _CONTRACTED.sub(lambda match: f"{match[1]} {_FULL[match[2]]}", text)
    text = without_lead(text)
    return _MONEY_STROKE.sub(" per ", _UNIT_STROKE.sub(" per ", text)) if "/" in text else text


def _shape(told: str, result: str, scene: Scene) -> str | None:
    text = _unfolded(told)
    if "=" in text and ":" not in text:
        text = _EQUALS.sub(": ", text, count=1)
    if ":" in text:
        return _labelled(text, result)
    if _COMMAND.match(text) or _DANGLING.match(text):
        return None
    if _BARE_NOUN.match(text):
        text = "the " + text[:1].lower() + text[1:]
    if _REASON.search(text) and result in _REASON.sub("", text):
        text = _REASON.sub("", text)
    match = _RUN_ON.match(text)
    if match and result in match["right"] and not verbs.known(match["right"].split()[0].lower()):
        if _TIMED.search(match["left"]):
            return None
        text = match["right"]
    match = _CONDITION.match(text)
    if match and result in match["main"]:
        stays = _stays(match["clause"], match["main"], match["head"].lower(), scene)
        if stays is None or not _is_clause(match["main"]):
            return None
        text = text if stays else without_lead(match["main"])
    return _shorter(text, result)


def _stays(clause: str, main: str, head: str, scene: Scene) -> bool | None:
    """Whether a leading condition is said too; None where the rest would be false without it and it is too long."""
    if head in _REASONS:
        return False
    length = len(clause.split())
    if head == "if":
        short = length <= MAX_IF_WORDS and numberless(clause) and not _HAS_PRONOUN.search(clause)
        return short or (None if scene.supposes or " would " in main else False)
    return True if length <= MAX_CONDITION_WORDS else None


_TIMED = re.compile(
    r"\b(?:ago|at that time|back then|at the time|if|in \d+ (?:years|days|weeks|hours|months))\b", re.IGNORECASE
)
"""A part that says when or in which case: without it the rest would be false."""
_HAS_PRONOUN = re.compile(r"\b(?:he|she|they|it|his|her|their|him|them|its)\b", re.IGNORECASE)
_EQUALS = re.compile(r"\s*=\s*")
_ALSO = re.compile(r"\s(?:also|therefore|thus|then)\s")


def _is_clause(main: str) -> bool:
    """Whether it starts like a clause: with a name, a determiner, a pronoun, a number, and not in a list."""
    head = main.split()[0]
    return head[:1].isupper() or head.lower() in _LOWER or head[:1].isdigit() or head[:1] == "$" or _plural(head)


def _shorter(text: str, result: str) -> str:
    """Cut what follows the result at a joint where the clause is too long."""
    if len(text.split()) <= MAX_WORDS:
        return text
    head, found, tail = text.rpartition(result)
    cut = re.search(r",|\s(?:and|but|which|while|when|if|that)\s", tail)
    return head + found + (tail[: cut.start()] if found and cut else tail)


def _labelled(text: str, result: str) -> str | None:
    """ "Find the total weight: 20 pounds" and "Total weight: 20 pounds" as "the total weight is 20 pounds"."""
    label, _, rest = text.partition(":")
    rest = rest.strip()
    if ":" in rest or not rest.startswith(result):
        return None
    match = _PURPOSE.search(text) or _FINDING.match(text)
    what = match["what"].strip() if match else label.strip()
    if not match and _COMMAND.match(label):
        return None
    what = re.sub(r"\s+by\s+\w+ing\s.*$", "", what)
    if _NO_LABEL.search(what) or len(what.split()) > MAX_LABEL_WORDS:
        return None
    if (
        not what
        or what.split()[-1].lower() in TRAILING
        or not re.match(
            r"(?:the|his|her|their|its|each|total|number|cost|price|amount|[A-Z][\w.]*['’]s)\b", what, re.IGNORECASE
        )
    ):
        return None
    if re.match(r"(?:total|number|cost|price|amount)\b", what, re.IGNORECASE):
        what = "the " + what[:1].lower() + what[1:]
    return f"{what} {'are' if _plural(what) else 'is'} {rest}"


_HEAD_END = re.compile(
    r"\s(?:of|in|for|on|at|from|to|that|with|after|before|he|she|they|it|\w+ing|spent?|spend|[A-Z]\w*|\w+ed)\s"
)
_SINGULAR = re.compile(
    r"\b(?:time|number|cost|amount|price|total|weight|sum|length|distance|difference|average|rest)\b"
)


def _plural(phrase: str) -> bool:
    words = _HEAD_END.split(f"{phrase} ", maxsplit=1)[0].split()
    if not words:
        return False
    head = words[-1].lower()
    if _SINGULAR.search(" ".join(words[-2:])) and not head.endswith(("times", "costs", "prices")):
        return len(words) > 1 and words[-2].lower() == "total" and head.endswith("s") and not head.endswith("ss")
    return head.endswith("s") and not head.endswith(("ss", "us", "'s", "’s"))


_YOU = re.compile(r"\byou(?:r)?\b", re.IGNORECASE)
_ORDERING = frozenset({"first", "second", "third"})
"""They number things and state nothing."""


def _grounded(text: str, result: str, scene: Scene) -> bool:
    """Whether every other number of the clause stands in the question."""
    rest = text.replace(result, " ", 1)
    if _YOU.search(text) and scene.words.isdisjoint(("you", "your")):
        return False
    if not scene.numbers.issuperset(NUMBER.findall(rest)):
        return False
    if numberless(NUMBER.sub(" ", rest.replace("$", " ").replace("%", " "))):
        return True
    return scene.words.issuperset(word for word in number_words(rest) if word not in _ORDERING)
