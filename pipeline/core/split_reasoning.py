"""Beats to the silent reasoning: one line a beat, a short label, the equation, its unit.

"Ottilie sold: 36 / 2 = 18 badges in May." Words that carry no fact are dropped; facts without arithmetic stay as short
lines. Every line can be read again by `core.steps`.
"""

import re
from enum import IntEnum
from fractions import Fraction
from itertools import takewhile

from pipeline.core.split_beats import Beat
from pipeline.core.wordset import wordset

MAX_LABEL_WORDS = 9
MAX_TAIL_WORDS = 6
MAX_FACT_WORDS = 16
"""Longer sentences without arithmetic restate the question and are left out."""

_LEAD = re.compile(
    r"(?:(?:so(?: far)?|then|therefore|thus|hence|next|finally|now|first(?:ly)?|second(?:ly)?|third(?:ly)?"
    r"|and|but|also|lastly"
    r"|after that|this means|that means|which means|in conclusion|as a result|consequently|similarly|likewise"
    r"|(?:so )?we (?:know|can see|see|find|have|get)(?: that)?|we know|it follows that|meaning"
    r"|you get|again|okay|well)\b(?: that\b(?! means))?[\s,:]*)+",
    re.IGNORECASE,
)


def without_lead(text: str) -> str:
    """A sentence without the connectives that open it."""
    match = _LEAD.match(text)
    return text[match.end() :] if match else text


_COMMAND = re.compile(
    r"^(?:find|calculate|determine|compute|figure out|work out|get|solve for|add(?: up)?|subtract"
    r"|multiply|divide"
    r"|take|use|convert|express|combine|double|halve)\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(
    r"^.*\bto (?:find|get|calculate|determine|see|figure out|express|compute|work out|obtain"
    r"|learn)\b(?: out)?(?: that)?\s+",
    re.IGNORECASE,
)
_COPULA = re.compile(
    r"(?:[\s,]+(?:is|are|was|were|will be|would be|be|equals?|=|comes? to|has|have|had|there (?:are"
    r"|is|were|was|will be)"
    r"|for(?: a)?(?: total)?(?: of)?|a total of|of|at|because|since|to|that|a|the|it|which is|so"
    r"|(?<!total )(?<!the )(?<!his )(?<!her )(?<!their )(?<!combined )(?<!average )(?<!final )costs?"
    r"|totals|totaling))+$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"^(?:if|since|because|when|as|after|before|in|on|at|for|to|with|by|from|given|while|once"
    r"|including|together)\b[^,]*,\s+",
    re.IGNORECASE,
)
_OF_COMMAND = re.compile(r"^\s*(?:the|out|how many|how much(?! (?:more|less|\w+er)\b))\s+")
_JOINTS = re.compile(r"[:;]\s*|,?\s(?:so(?! far\b)|thus|therefore|because|which|meaning|finding|then)\s")
_EMPTY_LABELS = wordset(
    """
    you i her his their its all both each total now only
    there it this that which in have has he she they we is are a an the of and so with or
    """
)
_STOP = re.compile(
    r"[,;:.!?(]|\s(?:because|since|so(?! far\b)|and|but|which|if|when|where|for|per|as|than)\b|\s[-–—]\s"
)


def label_of(prefix: str) -> str:
    """The few words that name what an equation works out, from the words before it."""
    text = without_lead(prefix.strip()).strip(" ,:;-–—=")
    if _COMMAND.match(text):
        text = _PURPOSE.sub("", text, count=1) if _PURPOSE.match(text) else _COMMAND.sub("", text, count=1)
        text = _OF_COMMAND.sub("", text)
    setting = ""
    while match := _CLAUSE.match(text):
        setting = setting or match[0].strip(" ,")
        text = without_lead(text[match.end() :])
    text = _JOINTS.split(text)[-1]
    text = _COPULA.sub("", without_lead(text)).strip(" ,:;-–—=.")
    label = " ".join(_named(_name_before(text)))
    label = " ".join(label.replace("=", " ").split()).strip(" +-*/,¢")
    label = _LOOSE_HEAD.sub("", label)
    label = "" if _SPOKEN_SUM.match(label) or _DOING.match(label) else label
    if label.lower() in _EMPTY_LABELS or not _LETTERS.search(label) or label[0] in "'’":
        label = setting if len(setting.split()) <= MAX_SETTING_WORDS and not _GIVEN.match(setting) else ""
    return label[:1].upper() + label[1:]


def _name_before(text: str) -> str:
    """The name that a formula gives: "time" of "time = way / speed"; else the text as it is."""
    head, equals, _ = text.partition("=")
    head = _REASON.sub("", head)
    named = equals and _LETTERS.search(head) and not _DIGIT.search(head) and head.strip().lower() not in _EMPTY_LABELS
    return head if named else text


_LETTERS = re.compile(r"[^\W\d_]")
_REASON = re.compile(r"(?:since|because|as|if|where|when|using|with)\s+", re.IGNORECASE)
_DOING = re.compile(
    r"(?:(?:we|by|this|that|it|do|performing|multiplying|adding|dividing|subtracting)\b"
    r"|(?:that )?(?:number|amount) (?:by|since)\b)",
    re.IGNORECASE,
)
"""Names what is done with numbers and not what comes of it."""
_SPOKEN_SUM = re.compile(r"[$\d.,]+\s(?:plus|minus|times|divided|multiplied|and multiply)\b")
_LOOSE_HEAD = re.compile(r"^(?:(?:that|and|or|than|but)\b\s*)+", re.IGNORECASE)


def _named(text: str) -> list[str]:
    """The words of a label that make a whole phrase: the last of a list of clauses, cut at a joint, no loose end."""
    words = text.split()
    if ", " in text:
        tail = text.rsplit(", ", 1)[1].split()
        words = tail if tail and tail[0].lower() not in _JOINING else text.split(", ", 1)[0].split()
    if len(words) > MAX_LABEL_WORDS:
        joint = next((k for k in range(MAX_LABEL_WORDS, 1, -1) if words[k].lower() in _CUT_AT), MAX_LABEL_WORDS)
        words = words[:joint]
    while words and words[-1].lower().strip(",") in TRAILING:
        words.pop()
    if words:
        words[-1] = words[-1].rstrip(",;:")
    return words


MAX_SETTING_WORDS = 6
_GIVEN = re.compile(r"(?:if|since|because|given|as)\b", re.IGNORECASE)
_JOINING = wordset("and or but so which")
_CUT_AT = wordset(
    "and or of in on at for from to with by than that which who if when where while per as because into after before"
)
TRAILING = wordset(
    """
    a about after also an and are as at be because before being but by can costing costs could did do does equal
    equals every finally for from get gets give gives giving had has have he his how if in into is it its just leave
    leaves leaving make makes making may means much must my need needs now of on only or our per plus she should since
    so spend spends takes than that the their then there these they this those to totaling using was we were what when
    where which while who will with would you your
    """
)
"""What no label and no noun phrase ends with."""
_LOOSE_TAILS = TRAILING | {"her"}
_DIGIT = re.compile(r"\d")


def tail_of(suffix: str) -> str:
    """The unit and the words that belong to it, from the words after a result."""
    text = suffix.strip(" ")
    if not text or not (text[0].isalpha() or text[0] == "/"):
        return ""
    stop = _STOP.search(text)
    text = text[: stop.start()] if stop else text
    words = list(takewhile(lambda word: not _DIGIT.search(word), text.split()))[:MAX_TAIL_WORDS]
    while words and words[-1].lower() in _LOOSE_TAILS and words[-2:-1] not in (["sq"], ["square"], ["cubic"]):
        words.pop()
    return " ".join(words)


def _line(beat: Beat, *, terse: bool) -> str:
    pieces: list[str] = []
    at = 0
    for index, working in enumerate(beat.workings):
        following = beat.workings[index + 1].start if index + 1 < len(beat.workings) else len(beat.text)
        prefix, suffix = beat.text[at : working.start], beat.text[working.end : following]
        label = "" if terse and working.expression else label_of(prefix)
        equation = f"{working.expression} {working.relation} {working.result}" if working.expression else working.result
        if not working.expression:
            # "9:00 - 7:00 = 2 hours" is no arithmetic this project reads: it stays as it is written
            named = label if _LETTERS.search(label) else " ".join(prefix.split()[-MAX_TAIL_WORDS:]).strip(" =")
            label, equation = "", f"{named} = {working.result}"
        degree = "°" if suffix.startswith("°") else ""
        suffix = suffix.removeprefix("°")
        tail = tail_of(suffix)
        joint = "" if tail.startswith("/") or not tail else " "
        pieces.append((f"{label}: " if label else "") + equation + degree + joint + tail)
        at = working.end + len(degree) + len(tail) + (len(suffix) - len(suffix.lstrip(" ")))
    return "; ".join(pieces) + "."


def _fact(beat: Beat) -> str:
    text = without_lead(beat.text).strip().rstrip(".!")
    if not text or _ANNOUNCES.search(text) or len(text.split()) > MAX_FACT_WORDS or "=" in text or "≈" in text:
        return ""
    return text[:1].upper() + text[1:] + "."


_ANNOUNCES = re.compile(
    r":$|^(?:let's|let us|to (?:find|calculate|determine|solve)|we (?:need|want) to)\b", re.IGNORECASE
)
"""Sentences that say what will be done and hold no fact."""


class Detail(IntEnum):
    """How much of the solution the reasoning keeps."""

    FULL = 0
    """Labels, facts and equations."""
    TERSE = 1
    """Equations and units."""
    NEEDED = 2
    """Of those only the ones that the answer rests on."""


def reasoning_of(beats: tuple[Beat, ...], answer_line: str, detail: Detail = Detail.FULL) -> str:
    """The reasoning text: one line a beat, then the answer."""
    lines: list[str] = []
    for beat in _needed(beats) if detail is Detail.NEEDED else beats:
        line = _line(beat, terse=detail > Detail.FULL) if beat.workings else ("" if detail else _fact(beat))
        if line and (beat.workings or line not in lines):
            lines.append(line)
    lines.append(answer_line)
    return "\n".join(lines)


def _needed(beats: tuple[Beat, ...]) -> list[Beat]:
    """The beats whose results are operands of a needed one, from the last result back."""
    wanted: set[Fraction] = set()
    kept: list[Beat] = []
    for beat in reversed(beats):
        results = {working.value for working in beat.workings if working.value is not None}
        if results and (not kept or results & wanted):
            kept.append(beat)
            wanted -= results
            wanted.update(*(working.operands for working in beat.workings))
    kept.reverse()
    return kept
