"""Beats and question to the response as a person would say it, still with written numbers.

An opening that states no result, the few results a listener needs in the order they are derived, the answer last.
Sentences come from the solution where they read aloud well, else from the question's grammar or a plain phrase.
It does not check what it says (`core.gates`) nor turn numbers into words (`core.speak`).
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import split_phrases as phrases
from pipeline.core.count import words
from pipeline.core.numberish import numberless
from pipeline.core.split_beats import Beat, Working
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_question import Asked, asked
from pipeline.core.split_reasoning import tail_of
from pipeline.core.split_tell import lowered, tell

TARGET_WORDS = 42
"""Results are added while the response stays under this: 30-50 words are heard out, more are not."""
MAX_STATEMENT_WORDS = 22
MAX_PLAIN = 2
"""Of those, how many may be told by a plain phrase."""
MAX_RESULTS = 3
"""Results told beside the answer."""


class Draft(NamedTuple):
    """What a response is composed from."""

    question: str
    beats: tuple[Beat, ...]
    answer: str
    """The answer as written, without a unit."""
    value: Fraction | None
    """Its value, None where it is no number."""
    key: str


class Told(NamedTuple):
    """A sentence that states one result."""

    text: str
    result: str
    value: Fraction | None
    at: int
    """Index of its beat."""
    shaped: bool
    """Whether it comes from the solution's own words."""


RICHNESS = 4
"""Levels of `compose`, richest first."""


def compose(draft: Draft, level: int) -> str:
    """The response at a level of richness: 0 tells results in the solution's words, 3 only opens and answers."""
    choose = Chooser(draft.key)
    wants = asked(draft.question)
    final = _final_working(draft)
    amount = _amount(draft, wants, final)
    opening = _opening(draft, choose, wants, level)
    body = _closing(draft, choose, wants, amount, final, level)
    room = TARGET_WORDS - words(opening) - words(body) - 2
    mids = _middle(draft, choose, final, room, level) if level < 2 else []
    closing = _concluded(choose, body, amount, mids[-1] if mids else "")
    return " ".join([opening, *mids, closing])


def _final_working(draft: Draft) -> tuple[int, Working] | None:
    """The last beat and equation whose result is the answer."""
    for at in range(len(draft.beats) - 1, -1, -1):
        for working in reversed(draft.beats[at].workings):
            if working.value is not None and equals_answer(working, draft.value):
                return at, working
    return None


def equals_answer(working: Working, answer: Fraction | None) -> bool:
    """Whether a result is the answer, be it 40% where the answer says 40."""
    if answer is None or working.value is None:
        return False
    return working.value == answer or ("%" in working.result and working.value * 100 == answer)


_SPENDING = re.compile(
    r"\b(?:cost|costs|spen[dt]|spends|pay|pays|paid|earn|earned|earns|make|makes|made|save|saved"
    r"|saves|owe|owes|owed|charge|charged|money|price|profit|raise|raised)\b"
)


def _amount(draft: Draft, wants: Asked, final: tuple[int, Working] | None) -> str:
    """The answer with the unit a listener expects: "$72", "72 clips", "40%"."""
    written = draft.answer
    if wants.clause.lower().startswith("what perc") and not written.endswith("%"):
        return f"{written}%"
    if final is not None:
        result = final[1].result
        if result[:1] in "$£€" or result.endswith("%") or result[-1:] in "$¢":
            return result
    unit = wants.noun
    if unit and draft.value == 1:
        unit = unit[:-1] if unit.endswith("s") and " " not in unit and not unit.endswith("ss") else ""
    if unit in ("dollars", "cents") and not written.replace(",", "").replace(".", "").isdigit():
        unit = ""
    if unit:
        return f"{written} {unit}"
    spending = f"{wants.clause} {wants.before}"
    if "$" in draft.question and _SPENDING.search(spending) and "cents" not in draft.question and not wants.measure:
        return f"${written}"
    tail = _unit_of(draft, final)
    return f"{written} {tail}" if tail else written


_UNITS = re.compile(
    r"^(?:more |fewer )?(?:(?:square|cubic) )?(?:dollars?|cents?|hours?|minutes?|seconds?|days?"
    r"|weeks?|months?|years?(?: old)?|miles?|inch(?:es)?|feet|foot|yards?"
    r"|kilometers?|meters?|centimeters?|pounds?|ounces?|grams?|kilograms?|gallons?|liters?|cups?"
    r"|degrees|points?|people|pages?|percent"
    r"|mph|calories)(?: (?:per|an?) (?:second|minute|hour|day|week|month|year))?\b"
)


def _unit_of(draft: Draft, final: tuple[int, Working] | None) -> str:
    if final is None:
        return ""
    beat = draft.beats[final[0]]
    match = _UNITS.match(beat.text[final[1].end :].strip().replace("/", " per "))
    return match[0] if match else ""


def _opening(draft: Draft, choose: Chooser, wants: Asked, level: int) -> str:
    interjection = choose.pick("interjection", phrases.INTERJECTIONS)
    total = _sum_of_givens(draft) if level < 2 and not wants.clause else ""
    if total:
        return f"{interjection} {choose.pick('sum', phrases.SUMS).format(total)}"
    if wants.clause and level < 3:
        return f"{interjection} {choose.pick('aim', phrases.AIMS).format(lowered(wants.clause))}"
    return f"{interjection} {choose.pick('plain', phrases.PLAINS)}"


_TWO_GIVENS = re.compile(r"[$]?[\d.,]+%?(?:/[\d,]+)? [-+*/] [$]?[\d.,]+")


def _sum_of_givens(draft: Draft) -> str:
    """The one sum that a bare question asks for, "" where the solution does more or uses other numbers."""
    workings = [working for beat in draft.beats for working in beat.workings]
    if len(workings) != 1 or _TWO_GIVENS.fullmatch(workings[0].expression) is None:
        return ""
    known = set(_NUMBER.findall(draft.question.replace(",", "")))
    numbers = _NUMBER.findall(workings[0].expression.replace(",", ""))
    return workings[0].expression if known.issuperset(numbers) else ""


def _middle(draft: Draft, choose: Chooser, final: tuple[int, Working] | None, room: int, level: int) -> list[str]:
    """The results to tell beside the answer, joined and in order, within `room` words."""
    last = final[0] if final is not None else len(draft.beats)
    needed = set(final[1].operands) if final is not None else set()
    candidates = _candidates(draft, choose, last, level)
    most_plain = 1 if any(told.shaped for told in candidates) else MAX_PLAIN
    ranked = sorted(candidates, key=lambda told: (not told.shaped, told.value not in needed, -told.at))
    picked: list[Told] = []
    for told in ranked:
        cost = words(told.text) + 2
        allowed = told.shaped or sum(not other.shaped for other in picked) < most_plain
        if len(picked) < MAX_RESULTS and cost <= room and allowed:
            picked.append(told)
            room -= cost
    picked.sort(key=lambda told: told.at)
    return _join(picked, choose)


def _candidates(draft: Draft, choose: Chooser, last: int, level: int) -> list[Told]:
    known = set(_NUMBER.findall(draft.question))
    found: list[Told] = []
    seen: set[Fraction] = set()
    for at, beat in enumerate(draft.beats[:last]):
        working = beat.workings[-1] if beat.workings else None
        if working is None or working.value is None or not _tellable(working):
            continue
        bare = working.result.strip("$%£€ ")
        if working.value in seen or working.value == draft.value or bare in known:
            continue
        seen.add(working.value)
        text = tell(beat, working, known, draft.question) if level == 0 else None
        shaped = text is not None
        if text is None:
            tail = tail_of(beat.text[working.end :])
            spoken_already = "$" in working.result and tail.startswith("dollar")
            tail = tail if numberless(tail) and not tail.startswith("/") and not spoken_already else ""
            bank = phrases.OPERATIONS.get(_operation(working), phrases.RESULTS)
            text = choose.pick(f"result{at}", bank).format(f"{working.result} {tail}".strip())
        found.append(Told(text, working.result, working.value, at, shaped))
    return found


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?|\.\d+")
_LETTER = re.compile(r"[A-Za-z]")
_PLAIN_RESULT = re.compile(r"[$£€]?-?[\d,]*\.?\d+(?: \d+/\d+|/\d+)?[%$¢]?")


_BINARY = re.compile(r"(?<=[\w)%.]) ?([-+*/]) ?(?=[\d($.])")


def _operation(working: Working) -> str:
    """The one operation of an equation, "" where there are several."""
    found = set(_BINARY.findall(working.expression))
    return found.pop() if len(found) == 1 and "%" not in working.expression else ""


def _tellable(working: Working) -> bool:
    """Whether arithmetic gave a plain number: "63 + 63/x = 72" tells a listener nothing."""
    if not working.expression or _LETTER.search(working.expression.replace("sqrt", "")):
        return False
    return _PLAIN_RESULT.fullmatch(working.result) is not None


def _join(picked: list[Told], choose: Chooser) -> list[str]:
    """Sentences with connectives; a short one is drawn to the one before it."""
    sentences: list[str] = []
    lead = ""
    for index, told in enumerate(picked):
        if index == 0:
            lead = choose.pick("start", phrases.STARTS if told.shaped else phrases.FIRSTS)
            sentences.append(_led(lead, told.text))
            continue
        if index == 1 and len(picked) > 2 and words(sentences[0]) + words(told.text) < 22:
            sentences[0] = f"{sentences[0]}, and {lowered(told.text)}"
            continue
        lead = choose.pick(f"next{index}", phrases.NEXTS if told.shaped else phrases.THENS, avoid=lead)
        sentences.append(_led(lead, told.text))
    return [f"{sentence}." for sentence in sentences]


def _led(lead: str, text: str) -> str:
    return f"{lead} {lowered(text)}" if lead else text[:1].upper() + text[1:]


def _closing(
    draft: Draft, choose: Chooser, wants: Asked, amount: str, final: tuple[int, Working] | None, level: int
) -> str:
    """The statement that answers, "" for a plain phrase around the amount."""
    style = choose.number("closing", 10)
    sentence = _final_sentence(draft, final) if level == 0 else None
    stated = f"{wants.before} {amount} {wants.after}".strip() if wants.before and level < 2 else ""
    if words(stated) > MAX_STATEMENT_WORDS:
        stated = ""
    if style < 2:
        return ""
    return stated if stated and (style < 6 or not sentence) else sentence or ""


def _concluded(choose: Chooser, body: str, amount: str, before: str) -> str:
    if body:
        return f"{_led(choose.pick('end', phrases.ENDS, avoid=before), body)}."
    return choose.pick("answer", phrases.ANSWERS, avoid=before).format(amount)


def _final_sentence(draft: Draft, final: tuple[int, Working] | None) -> str | None:
    """The solution's own last sentence, if the answer is the last quantity in it."""
    if final is None:
        return None
    beat, working = draft.beats[final[0]], final[1]
    if working is not beat.workings[-1]:
        return None
    known = set(_NUMBER.findall(draft.question))
    text = tell(beat, working, known, draft.question)
    if text is None:
        return None
    tail = text.rsplit(working.result, 1)[-1]
    return text if numberless(tail) else None
