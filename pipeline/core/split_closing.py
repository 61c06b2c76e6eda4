"""The sentence that answers: what was asked turned into a statement, or the solution's own last sentence.

The answer comes with the unit a listener expects, and is the last quantity said.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import split_phrases as phrases
from pipeline.core.count import words
from pipeline.core.numberish import numberless
from pipeline.core.split_asking import asks_percent, unit_asked
from pipeline.core.split_beats import Beat, Working
from pipeline.core.split_people import Clause
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_question import Asked
from pipeline.core.split_tell import Scene, lowered, tell
from pipeline.core.units import ONE_LETTER, is_measure, one_of, plural

MAX_STATEMENT_WORDS = 24
OWN_WORDS = 4
"""In how many of ten rows the solution's last sentence is preferred to the question's grammar."""


class Draft(NamedTuple):
    """What a response is composed from."""

    question: str
    beats: tuple[Beat, ...]
    answer: str
    """The answer as written, without a unit."""
    value: Fraction | None
    """Its value, None where it is no number."""
    given: frozenset[Fraction]
    """The values that the question states."""
    key: str


class Final(NamedTuple):
    """The last equation that results in the answer."""

    at: int
    """Index of its beat."""
    working: Working


def final_of(draft: Draft) -> Final | None:
    """The last beat and equation whose result is the answer."""
    for at in range(len(draft.beats) - 1, -1, -1):
        for working in reversed(draft.beats[at].workings):
            if working.value is not None and equals_answer(working, draft.value):
                return Final(at, working)
    return None


def equals_answer(working: Working, answer: Fraction | None) -> bool:
    """Whether a result is the answer, be it 40% where the answer says 40."""
    if answer is None or working.value is None:
        return False
    return working.value == answer or ("%" in working.result and working.value * 100 == answer)


_SPENDING = re.compile(
    r"\b(?:cost|costs|spen[dt]|spends|pay|pays|paid|earn|earned|earns|make|makes|made|save|saved"
    r"|saves|owe|owes|owed|charge|charged|money|price|profit|raise|raised|balance|income|salary|wages?|revenue|bill|budget|debt|fees?)\b"
)
_UNITS = re.compile(
    r"^(?:more |fewer )?(?:(?:square|cubic) )?(?:dollars?|cents?|hours?|minutes?|seconds?|days?"
    r"|weeks?|months?|years?(?: old)?|miles?|inch(?:es)?|feet|foot|yards?"
    r"|kilometers?|meters?|centimeters?|pounds?|ounces?|grams?|kilograms?|gallons?|liters?|cups?"
    r"|degrees|points?|people|pages?|percent"
    r"|mph|calories)(?: (?:per|an?) (?:second|minute|hour|day|week|month|year))?\b"
)
_HAVING = re.compile(
    r"how much (?:[\w'’]+ ){1,4}(?:has|have|had|gets?|got|receives?|received)\b(?! to\b)", re.IGNORECASE
)
"""Asks for money where neither the question nor the result names a measure."""
_SIGN = re.compile(r"[$£€]")
_SIGNED = re.compile(r"[$£€%¢]")


def amount_of(draft: Draft, wants: Asked, final: Final | None) -> str:
    """The answer with the unit a listener expects: "$72", "72 badges", "40%"."""
    written = draft.answer
    percent = wants.clause.lower().startswith("what perc") or asks_percent(draft.question)
    if percent and not written.endswith("%") and draft.value is not None:
        return f"{written}%"
    if final is not None:
        scale = _scale_of(draft, final)
        result = final.working.result + scale
        if result[:1] in "$£€" or result.endswith("%") or result[-1:] in "$¢":
            return result
        written += scale if scale.strip() not in f"{written} {wants.noun}".split() else ""
    if " number of " in wants.before:
        return written
    unit = wants.noun
    if unit and draft.value == 1:
        unit = one_of(unit) if unit.endswith("s") and " " not in unit and not unit.endswith("ss") else ""
    if unit in ("dollars", "cents") and not written.replace(",", "").replace(".", "").isdigit():
        unit = ""
    named = unit_asked(draft.question) if draft.value is not None else ""
    currency = "" if unit else "$" if named == "dollars" else _money_asked(draft, wants)
    if currency:
        return written if currency in written else f"{currency}{written}"
    tail = unit or _unit_of(draft, final) or named
    return f"{written} {tail}" if tail else written


_SCALE = re.compile(r"\s*(?:hundred|thousand|million|billion|trillion)\b")


def _scale_of(draft: Draft, final: Final) -> str:
    """The " million" after a result, "" where there is none: "$4.5 million" is not four dollars fifty."""
    match = _SCALE.match(draft.beats[final.at].text, final.working.end)
    return match[0] if match else ""


def _currency(question: str) -> str:
    """The sign of a question's prices, "" where it has none or counts in cents too."""
    sign = _SIGN.search(question)
    return sign[0] if sign is not None and "cents" not in question else ""


def _money_asked(draft: Draft, wants: Asked) -> str:
    """The currency of what is asked, "" where it is no money."""
    asks = wants.measure == "" and _SPENDING.search(f"{wants.clause} {wants.before}") is not None
    return _currency(draft.question) if asks or _HAVING.match(wants.clause) else ""


def _unit_of(draft: Draft, final: Final | None) -> str:
    if final is None:
        return ""
    beat = draft.beats[final.at]
    after = beat.text[final.working.end :].strip()
    if after.startswith("°"):
        return "degrees"
    match = _UNITS.match(after.replace("/", " per ")) or _MEASURE.match(after)
    if match is None:
        return ""
    if match.re is _MEASURE and not is_measure(match["name"]) and not (match["power"] and match["name"] == "in"):
        return plural(ONE_LETTER[match[0]]) if match[0] in ("m", "g", "h", "L") else ""
    return match[0]


_MEASURE = re.compile(r"(?:(?P<power>square|cubic|sq\.?|cu\.?) )?(?P<name>[A-Za-z]+)(?:[²³]|\^[23])?(?![\w^/])")


_COMPARED = re.compile(
    r"(?:more|less|fewer|taller|longer|older|younger|heavier|lighter|shorter|faster|slower|cheaper|farther|further|higher"
    r"|lower|wider|deeper|bigger|larger|smaller|closer|later|sooner|earlier|hotter|colder|warmer|cooler)\b"
)
_LENGTHS = frozenset({"tall", "high", "wide", "deep", "long"})
_MONEY_STUFF = frozenset({"money", "cash"})
_IN_STUFF = frozenset({"change", "profit", "interest", "tax"})


def _fitting(amount: str, wants: Asked) -> str:
    """The amount as the statement takes it: "6 years old", "$5 more", "3 cups of flour"; "" where it lacks a unit."""
    bare = amount.lstrip("-").replace(",", "").replace(".", "").replace("/", "").replace(" ", "").isdigit()
    stuff = wants.stuff.removeprefix("total ")
    if wants.measure:
        return _measure_of(amount, wants, bare=bare)
    if not stuff or stuff in _MONEY_STUFF:
        return amount
    if stuff in _IN_STUFF:
        return amount if bare else f"{amount} in {stuff}"
    match = _COMPARED.match(stuff)
    if match:
        return amount if match[0] in amount or bare else f"{amount} {match[0]}"
    if bare or _SIGNED.search(amount) or " per " in amount:
        return ""
    return amount if stuff.endswith("time") or " of " in amount else f"{amount} of {stuff}"


def _measure_of(amount: str, wants: Asked, *, bare: bool) -> str:
    stative = wants.before.endswith((" is", " are", " was", " were", " be"))
    if wants.measure == "old":
        return f"{amount} years old" if bare else amount if amount.endswith("old") else f"{amount} old"
    if bare or _SIGNED.search(amount):
        return ""
    return f"{amount} {wants.measure}" if stative and wants.measure in _LENGTHS else amount


_POINTS_BACK = frozenset({"that is", "this is", "that was", "that will be", "that makes"})
""""How long is that" is no sentence to answer in."""
_AGE = re.compile(r"\bages?\b.* (?:is|was|be)$")
_IS = frozenset({"are", "were", "will be"})
_SINGULAR_VERB = {"are": "is", "were": "was", "have": "has"}


def stated(wants: Asked, amount: str, value: Fraction | None) -> str:
    """What was asked as a statement with the amount in it, "" where the grammar gives none."""
    if not (wants.before or wants.after) or wants.before.lower() in _POINTS_BACK:
        return ""
    amount = _fitting(amount, wants)
    if not amount:
        return ""
    if _AGE.search(wants.before):
        amount = amount.removesuffix(" old")
    after = wants.after
    if not wants.before and wants.front and after in _IS:
        return f"{wants.front}, there {after} {amount}" if value != 1 else ""
    if not wants.before and after in _IS:
        return ""
    if not wants.before:
        verb, _, rest = after.partition(" ")
        if value == 1 and verb in _SINGULAR_VERB:
            after = f"{_SINGULAR_VERB[verb]} {rest}".strip()
        elif value == 1 or (" " not in amount and not amount.endswith("%")):
            return ""
    subject = f"{lowered(wants.before)} " if wants.front and wants.before else f"{wants.before} "
    text = f"{wants.front + ', ' if wants.front else ''}{subject if wants.before else ''}{amount} {after}".strip()
    return text if words(text) <= MAX_STATEMENT_WORDS else ""


_COPULA = re.compile(r"\b(?:is|are|was|were|be|number|total) $")


_SIGNS = frozenset("$€£")
_AFTER_MONEY = frozenset(
    {"left", "remaining", "more", "altogether", "total", "each", "per", "for", "in", "on", "after"}
)


def own_sentence(draft: Draft, final: Final | None, scene: Scene, noun: str, amount: str) -> Clause | None:
    """The solution's own last sentence, if the answer is the last quantity in it.

    It gets the noun or the currency that was asked for, where it lacks one.
    """
    if final is None or final.working is not draft.beats[final.at].workings[-1]:
        return None
    beat, working = draft.beats[final.at], final.working
    found = tell(beat, working, scene)
    if found is None:
        return None
    head, _, tail = found.text.rpartition(working.result)
    if not tail and noun and draft.value != 1 and _COPULA.search(head) is None and not _SIGNED.search(working.result):
        return found._replace(text=f"{found.text} {noun}", named=f"{found.named} {noun}")
    if not numberless(tail):
        return None
    fits = not tail or (tail.split()[0] in _AFTER_MONEY and "dollar" not in tail)
    if fits and head[-1:] not in _SIGNS and amount[:1] in _SIGNS and amount[1:] == working.result:
        return found._replace(text=f"{head}{amount}{tail}", named=amount.join(found.named.rsplit(working.result, 1)))
    return found


_ADVERBIAL = re.compile(
    r"(?:in|at|on|for|from|with|by|after|before|during|when|while|if|over|within|between|among|to|together|altogether"
    r"|combined|overall|including|without|out|adding|under|using|as|once|there)\b[^$\d]*?,|"
    r"(?:in|after|for|to|on|with|at|before|if|during) ", re.IGNORECASE
)  # fmt: skip
"""A sentence that opens like this takes no long lead: "So finally, in total, she …"."""


def led(lead: str, text: str) -> str:
    """A text behind a connective."""
    return f"{lead} {lowered(text)}" if lead else text[:1].upper() + text[1:]


def leads_for(text: str, bank: tuple[str, ...]) -> tuple[str, ...]:
    """The connectives of a bank that suit a text: no second adverb before an adverb."""
    if " end" in text:
        bank = tuple(lead for lead in bank if " end" not in lead)
    if _ADVERBIAL.match(text) is None:
        return bank
    plain = tuple(lead for lead in bank if not lead.endswith(",") and lead.lower() not in ("now", "then", "and then"))
    return plain or ("",)


def concluded(choose: Chooser, body: str, amount: str, before: str) -> str:
    """The last sentence of a response."""
    if body:
        return f"{led(choose.pick('end', leads_for(body, phrases.ENDS), avoid=before), body)}."
    bank: tuple[str, ...] = phrases.ANSWERS
    if amount.endswith(" old"):
        bank = tuple(phrase for phrase in bank if "answer" in phrase)
    return choose.pick("answer", bank, avoid=before).format(amount)
