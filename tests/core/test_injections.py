"""Planted faults are what their labels say, and the exact check finds them."""

import pytest

from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.injections import Fault, Item, Subject, items
from pipeline.core.interleaving import layout, recheck
from pipeline.core.outcome import Unreadable
from pipeline.core.quantities import read
from pipeline.core.schedule import Schedule, interleave
from pipeline.core.steps import read_steps
from pipeline.errors import Reason

QWEN = load("qwen2.5")
SCHEDULE = Schedule(2, 8)
LAYOUT = layout(SCHEDULE, control_ids(QWEN), QWEN.encode, QWEN.decode)

QUESTION = "A shop has fourteen boxes of thirty pens each. It sells two hundred pens. How many are left?"
REASONING = "Pens at first: 14 * 30 = 420 pens\nPens after the sale: 420 - 200 = 220 pens"
RESPONSE = (
    "Okay, let us look at the shop. It starts with four hundred twenty pens in all. "
    "Then the sale takes two hundred of them away. That leaves two hundred twenty pens."
)
COINCIDENT_QUESTION = QUESTION.replace("It sells", "There are two hundred twenty shelves. It sells")


def subject(key: str, question: str = QUESTION) -> Subject:
    return Subject(key, read(question), REASONING, RESPONSE, read_steps(REASONING), SCHEDULE, QWEN.encode)


def judged(item: Item, of: Subject) -> Reason | None:
    ids = QWEN.encode(item.response).ids
    stream = interleave(ids, QWEN.encode(of.reasoning).ids, SCHEDULE, LAYOUT.control)
    verdict = recheck(stream.token_ids, stream.streams, of.question_quantities, LAYOUT)
    return verdict.reason if isinstance(verdict, Unreadable) else None


@pytest.mark.parametrize("key", [str(n) for n in range(25)])
def test_the_exact_check_agrees_with_every_label(key: str) -> None:
    of = subject(key)
    made = list(items(of))
    assert {item.fault for item in made} == set(Fault)
    for item in made:
        assert not item.coincident
        assert judged(item, of) == item.expected, item


def test_an_answer_that_the_question_has_too_is_set_apart() -> None:
    by_fault = {item.fault: item for item in items(subject("k", COINCIDENT_QUESTION))}
    assert by_fault[Fault.ANSWER_FIRST].coincident
    assert by_fault[Fault.ANSWER_FIRST].words == "two hundred twenty"


def test_choices_follow_from_the_key() -> None:
    assert list(items(subject("k"))) == list(items(subject("k")))
    assert len({tuple(item.response for item in items(subject(str(n)))) for n in range(10)}) > 5


def test_a_planted_number_is_in_no_text() -> None:
    for key in map(str, range(50)):
        for item in items(subject(key)):
            if item.expected is Reason.UNGROUNDED:
                (planted,) = read(item.words)
                assert planted.value not in {q.value for q in read(QUESTION) + read(RESPONSE)}


def test_an_item_never_has_a_tail_that_would_hide_its_fault() -> None:
    lean = Schedule(5, 3)
    of = Subject("k", read(QUESTION), REASONING, RESPONSE, read_steps(REASONING), lean, QWEN.encode)
    n_reasoning = len(QWEN.encode(REASONING).ids)
    assert lean.tail(len(QWEN.encode(RESPONSE).ids), n_reasoning) > 0
    assert all(lean.tail(len(QWEN.encode(i.response).ids), n_reasoning) == 0 for i in items(of))


def test_a_row_without_results_has_nothing_to_plant_early() -> None:
    bare = Subject("k", (), "x = y", "We do not know it yet.", (), SCHEDULE, QWEN.encode)
    assert [item.fault for item in items(bare)] == [Fault.NUMBER_FROM_NOWHERE, Fault.UNCHANGED]


def test_a_planted_number_is_no_known_one_in_another_unit() -> None:
    question, reasoning = "A man mends three pairs of shoes an hour for three hours.", "3 * 3 = 9 pairs of shoes"
    response = "Well, let us see how many he mends. He mends nine pairs of shoes."
    for key in map(str, range(60)):
        of = Subject(key, read(question), reasoning, response, read_steps(reasoning), SCHEDULE, QWEN.encode)
        for item in items(of):
            assert judged(item, of) == item.expected, item


def test_a_fraction_is_planted_as_a_part_of_something() -> None:
    question, reasoning = "Of twenty pens five are red. Which part is that?", "Red pens: 5 / 20 = 1/4 of all"
    response = "Well, let us see which part of all the pens in the box that is. It is one quarter of the pens."
    of = Subject("k", read(question), reasoning, response, read_steps(reasoning), SCHEDULE, QWEN.encode)
    early = [item for item in items(of) if item.expected is Reason.DRIFT]
    assert early
    assert all(judged(item, of) is Reason.DRIFT for item in early)
