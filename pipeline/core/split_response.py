"""Beats and question to the response as a person would say it, still with written numbers.

An opening that states no result, the few results a listener needs in the order they are derived, the answer last.
Sentences come from the solution where they read aloud well and say who they are about; an equation without words is
said as a sum of numbers that the listener already has, or not at all.
It does not check what it says (`core.gates`) nor turn numbers into words (`core.speak`).
"""

import re
from fractions import Fraction
from typing import NamedTuple

from pipeline.core import split_phrases as phrases
from pipeline.core.count import words
from pipeline.core.split_beats import Working
from pipeline.core.split_closing import (
    OWN_WORDS,
    Draft,
    Final,
    amount_of,
    concluded,
    final_of,
    leads_for,
    led,
    own_sentence,
    stated,
)
from pipeline.core.split_people import Clause, mentioned, people_of
from pipeline.core.split_phrases import Chooser
from pipeline.core.split_question import Asked, asked
from pipeline.core.split_sums import bridge, going_on, said
from pipeline.core.split_tell import NUMBER, Scene, lowered, scene_of, tell

TARGET_WORDS = 48
"""Results are added while the response stays under this: 30-50 words are heard out, more are not."""
MAX_RESULTS = 3
"""Results told beside the answer."""
MAX_JOINED_WORDS = 22
"""Two sentences together that "and" may join."""
SETUP_STYLES = 3
"""In how many of ten rows of one step its sum is said before the answer."""


class Told(NamedTuple):
    """A sentence that states one result."""

    clause: Clause
    working: Working
    value: Fraction
    at: int
    """Index of its beat."""


RICHNESS = 4
"""Levels of `compose`, richest first."""


def compose(draft: Draft, level: int, *, patient: bool = False) -> str:
    """The response at a level of richness: 0 tells results in the solution's words, 3 only opens and answers.

    A patient one gives a long reasoning more time before its answer.
    """
    choose = Chooser(draft.key)
    wants = asked(draft.question)
    final = final_of(draft)
    scene = scene_of(draft.question, draft.beats)
    amount = amount_of(draft, wants, final)
    opening = _opening(draft, choose, wants, final, level)
    if patient:
        opening = f"{opening} {choose.pick('patience', phrases.PATIENCE)}"
    own = own_sentence(draft, final, scene, wants.noun, amount) if level == 0 else None
    statement = stated(wants if level == 0 else wants._replace(front=""), amount, draft.value) if level < 3 else ""
    keeps_own = own is not None and (not statement or choose.number("closing", 10) < OWN_WORDS)
    room = TARGET_WORDS - words(opening) - (words(statement) or 12) - 2
    said_last = own.text if own is not None and keeps_own else statement
    picked = _picked(draft, final, scene, room, choose, said_last) if level < 2 else []
    if level == 1:
        picked = [told for told in picked if told.clause.named == ""]
    mids = _join(picked, choose, scene, opening)
    if not mids and level < 2:
        mids = _setup(draft, final, choose, opening)
    heard = " ".join([opening, *mids])
    body = statement
    if own is not None and keeps_own:
        body = _placed(own, picked, final, scene, heard) or statement
    return f"{heard} {concluded(choose, body, amount, mids[-1] if mids else '')}"


def _placed(own: Clause, picked: list[Told], final: Final | None, scene: Scene, heard: str) -> str:
    """The solution's last sentence as it stands here, "" where it leans on a sentence that was not told."""
    if own.leans and not (picked and final is not None and picked[-1].at == final.at - 1):
        return ""
    return own.text if mentioned(heard, scene.people) else own.named


def _opening(draft: Draft, choose: Chooser, wants: Asked, final: Final | None, level: int) -> str:
    interjection = choose.pick("interjection", phrases.INTERJECTIONS)
    total = _sum_of_givens(draft) if final is not None and level < 2 and not wants.clause else ""
    if total:
        return f"{interjection} {choose.pick('sum', phrases.SUMS).format(total)}"
    if wants.clause and level < 3:
        bank = phrases.AIMS if wants.is_question else phrases.AIMS_AT
        aim = choose.pick("aim", _unlike(interjection, bank))
        return f"{interjection} {aim.format(lowered(wants.clause))}"
    plains = phrases.PLAINS if people_of(draft.question).names else phrases.PLAINS_WITHOUT_STORY
    return f"{interjection} {choose.pick('plain', _unlike(interjection, plains))}"


_ECHOES = ("question", "let", "problem", "think", "see")


def _unlike(interjection: str, bank: tuple[str, ...]) -> tuple[str, ...]:
    """The phrases that do not take up a word of the interjection: no "Good question, the question is"."""
    echoes = [word for word in _ECHOES if word in interjection.lower()]
    return tuple(phrase for phrase in bank if not any(word in phrase for word in echoes)) if echoes else bank


_TWO_GIVENS = re.compile(r"[$]?[\d.,]+%?(?:/[\d,]+)? [-+*/] [$]?[\d.,]+")


def _sum_of_givens(draft: Draft) -> str:
    """The one sum that a bare question asks for, "" where the solution does more or uses other numbers."""
    workings = [working for beat in draft.beats for working in beat.workings]
    if len(workings) != 1 or _TWO_GIVENS.fullmatch(workings[0].expression) is None:
        return ""
    known = set(NUMBER.findall(draft.question.replace(",", "")))
    numbers = NUMBER.findall(workings[0].expression.replace(",", ""))
    if not known.issuperset(numbers):
        return ""
    part = workings[0].expression.partition(" * ")
    if part[1] and ("/" in part[0] or part[0].endswith("%")):
        return f"{part[0]} of {part[2]}"
    # a hyphen between growing numbers would be heard as a range
    return workings[0].expression.replace(" - ", " minus ")


def _setup(draft: Draft, final: Final | None, choose: Chooser, opening: str) -> list[str]:
    """The sum behind an answer of one step: "That's 118 minus 59."."""
    if final is None or choose.number("setup", 10) >= SETUP_STYLES:
        return []
    total = _sum_of_givens(draft)
    if not total or total in opening:
        return []
    return [choose.pick("setups", phrases.SETUPS).format(total)]


def _picked(draft: Draft, final: Final | None, scene: Scene, room: int, choose: Chooser, last: str) -> list[Told]:
    """The results to tell beside the answer, in order, within `room` words."""
    steps = _steps(draft, final)
    needed = set(final.working.operands) if final is not None else set()
    told: list[Told] = []
    for at, working, value in steps:
        clause = tell(draft.beats[at], working, scene)
        if clause is not None and not _claims_the_end(clause.text, working.result, draft.question):
            told.append(Told(clause, working, value, at))
    picked: list[Told] = []
    frames = [_frame(last, final.working.result, scene)] if final is not None else []
    for one in sorted(told, key=lambda one: (one.value not in needed, -one.at)):
        cost = words(one.clause.text) + 2
        frame = _frame(one.clause.text, one.working.result, scene)
        if len(picked) < MAX_RESULTS and cost <= room and not _repeats(frame, frames):
            picked.append(one)
            frames.append(frame)
            room -= cost
    picked.sort(key=lambda one: one.at)
    picked = _standing(picked)
    if not picked and len(steps) > 1:
        chain = _chain(draft, steps, room, choose)
        if chain:
            return chain
    return _with_sums(draft, steps, picked, needed, room, choose)


_ENDLIKE = re.compile(
    r"(?:(?:so|then|thus) )?(?:the |our |its )?(?:final |total )?"
    r"(product|sum|difference|quotient|answer|result|solution)"
    r"(?: is| equals| was| comes to)",
    re.IGNORECASE,
)
_ASKED_AS = {
    "product": ("product", "times", "multipl", "*", "×", "·"),
    "sum": ("sum", "plus", "add ", "+"),
    "difference": ("difference", "minus", "subtract", "-"),
    "quotient": ("quotient", "divide", "/", "÷"),
}


def _claims_the_end(text: str, result: str, question: str) -> bool:
    """Whether a result on the way is called what the question asks for: "the product is" of a partial product."""
    match = _ENDLIKE.fullmatch(text.partition(result)[0].strip())
    if match is None:
        return False
    names = _ASKED_AS.get(match[1].lower())
    return names is None or any(name in question.lower() for name in names)


def _steps(draft: Draft, final: Final | None) -> list[tuple[int, Working, Fraction]]:
    """The last equation of each beat before the answer, where its result is a plain number not known before."""
    last = final.at if final is not None else len(draft.beats)
    found: list[tuple[int, Working, Fraction]] = []
    seen: set[Fraction] = set()
    for at, beat in enumerate(draft.beats[:last]):
        working = beat.workings[-1] if beat.workings else None
        if working is None or working.value is None or not _tellable(working):
            continue
        value = working.value
        if value in seen or value == draft.value or value in draft.given:
            continue
        seen.add(value)
        found.append((at, working, value))
    return found


_LETTER = re.compile(r"[A-Za-z]")
_PLAIN_RESULT = re.compile(r"[$£€]?-?[\d,]*\.?\d+(?: \d+/\d+|/\d+)?[%$¢]?")


def _tellable(working: Working) -> bool:
    """Whether arithmetic gave a plain number: "63 + 63/x = 72" tells a listener nothing."""
    if not working.expression or _LETTER.search(working.expression.replace("sqrt", "")):
        return False
    return _PLAIN_RESULT.fullmatch(working.result) is not None


MIN_FRAME_WORDS = 4
_OWNER = re.compile(r"^(?:his|her|their|its|\w+['’]s?) ")
_PRONOUN = re.compile(r"^(?:he|she)(?= [a-z])")


def _frame(text: str, result: str, scene: Scene) -> tuple[str, str]:
    """What stands before and after a result; the only person of a problem is the same by name and pronoun."""
    head, _, tail = text.partition(result)
    head = head.lower()
    head = _OWNER.sub("the ", head)
    if scene.people.alone:
        for name in scene.people.names:
            head = head.replace(name.lower(), "he", 1)
        head = _PRONOUN.sub("he", head)
    return head, tail.strip().lower()


def _repeats(frame: tuple[str, str], others: list[tuple[str, str]]) -> bool:
    """Whether it says the same of another number: "the balance is $100", where "the balance is $120" comes too."""
    head, tail = frame
    return any(_alike(head, begin) and (tail == end or not tail or not end) for begin, end in others)


def _alike(head: str, begin: str) -> bool:
    """Whether two sentences begin alike, or one is the other behind "In the end, …"."""
    short, long = sorted((head, begin), key=len)
    return head == begin or (len(short.split()) >= MIN_FRAME_WORDS and long.endswith(short))


def _standing(picked: list[Told]) -> list[Told]:
    """Without the sentences that lean on one which is not told just before them."""
    kept: list[Told] = []
    for one in picked:
        if not one.clause.leans or (kept and kept[-1].at == one.at - 1):
            kept.append(one)
    return kept


def _with_sums(
    draft: Draft,
    steps: list[tuple[int, Working, Fraction]],
    picked: list[Told],
    needed: set[Fraction],
    room: int,
    choose: Chooser,
) -> list[Told]:
    """The results told and, where there is room, sums of numbers that the listener has at that point."""
    room = room - sum(words(one.clause.text) + 2 for one in picked)
    taken = {one.at for one in picked}
    waiting = sorted(steps, key=lambda step: step[2] not in needed)
    while waiting and len(picked) < MAX_RESULTS:
        for at, working, value in waiting:
            known = draft.given.union(one.value for one in picked if one.at < at)
            text = said(working, draft.beats[at].text, known, choose, f"sum{at}") if at not in taken else ""
            if text and words(text) + 2 <= room:
                picked.append(Told(Clause(text, "", leans=False), working, value, at))
                room -= words(text) + 2
                taken.add(at)
                break
        else:
            break  # no step is left whose operands the listener has
        waiting = [step for step in waiting if step[0] not in taken]
    return sorted(picked, key=lambda one: one.at)


def _chain(draft: Draft, steps: list[tuple[int, Working, Fraction]], room: int, choose: Chooser) -> list[Told]:
    """The end of a run of steps without words, each going on from the one before; [] where it is no such run."""
    first = max(0, len(steps) - MAX_RESULTS)
    found: list[Told] = []
    for k in range(first, len(steps)):
        at, working, value = steps[k]
        if k == first:
            text = (
                said(working, draft.beats[at].text, draft.given, choose, "chain")
                if first == 0
                else bridge(working, choose)
            )
        else:
            text = going_on(working, draft.beats[at].text, steps[k - 1][2], draft.given, choose, f"on{k}")
        if not text:
            return []
        found.append(Told(Clause(text, "", leans=False), working, value, at))
    return found if sum(words(one.clause.text) + 2 for one in found) <= room + 8 else []


def _join(picked: list[Told], choose: Chooser, scene: Scene, opening: str) -> list[str]:
    """Sentences with connectives; a short one is drawn to the one before it."""
    sentences: list[str] = []
    lead = ""
    heard = opening
    for index, told in enumerate(picked):
        text = told.clause.text
        if told.clause.named and not mentioned(heard, scene.people):
            text = told.clause.named
        heard = f"{heard} {text}"
        if index == 0:
            bank: tuple[str, ...] = ("",) if "step" in text or "in order" in text else phrases.STARTS
            lead = choose.pick("start", leads_for(text, bank))
            sentences.append(led(lead, text))
            continue
        before = picked[index - 1]
        head, _, tail = before.clause.text.partition(before.working.result)
        if (
            before.value not in told.working.operands
            and tail
            and told.clause.text.startswith(head + told.working.result[:1])
            and len(head.split()) > 1
        ):
            sentences[-1] = f"{sentences[-1]} and {told.clause.text[len(head) :]}"
            continue
        if index == 1 and len(picked) > 2 and words(sentences[0]) + words(text) < MAX_JOINED_WORDS:
            sentences[0] = f"{sentences[0]}, and {lowered(text)}"
            continue
        bank = phrases.FOLLOWS if picked[index - 1].value in told.working.operands else phrases.NEXTS
        if not told.clause.named:
            bank = phrases.THENS if bank is phrases.FOLLOWS else phrases.NEXTS
        else:
            bank = tuple(phrase for phrase in bank if phrase != "Now")  # "Now he has" would tell another time
        lead = choose.pick(f"next{index}", leads_for(text, bank), avoid=lead)
        sentences.append(led(lead, text))
    return [f"{sentence}." for sentence in sentences]
