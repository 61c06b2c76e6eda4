"""Each gate refuses its own fault, with its own reason, and a sound row passes all."""

import pytest

from pipeline.core.answer import Answer, from_text
from pipeline.core.gates import Limits, check
from pipeline.core.outcome import Unreadable
from pipeline.errors import Reason

QUESTION = "A bus has 20 seats and 12 people get on. How many seats are free after 3 more people get on?"
SPOKEN = "A bus has twenty seats and twelve people get on. How many seats are free after three more people get on?"
REASONING = "People: 12 + 3 = 15.\nFree seats: 20 - 15 = 5.\nAnswer: 5."
RESPONSE = "Let's see how many seats are free. There are fifteen people on the bus. So five seats are free."


def verdict(
    spoken: str = SPOKEN,
    reasoning: str = REASONING,
    response: str = RESPONSE,
    answer: str = "5",
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Unreadable | None:
    known = from_text(answer)
    assert isinstance(known, Answer)
    return check(QUESTION, spoken, reasoning, response, known, limits)


def test_a_sound_row_passes() -> None:
    assert verdict() is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"spoken": SPOKEN.replace("twenty", "20")}, Reason.RESIDUE),
        ({"spoken": SPOKEN.replace("twenty", "thirty")}, Reason.QUANTITIES_CHANGED),
        ({"response": RESPONSE.replace("five seats", "5 seats")}, Reason.RESIDUE),
        ({"response": RESPONSE.replace("fifteen people", "fifteen + people")}, Reason.RESIDUE),
        ({"reasoning": REASONING.replace("= 15", "= 16")}, Reason.WRONG_ARITHMETIC),
        ({"reasoning": "Five seats are free."}, Reason.NO_STEPS),
        ({"response": RESPONSE.replace("fifteen", "seventeen")}, Reason.UNGROUNDED),
        ({"response": "So five seats are free, as there are fifteen people."}, Reason.STATEMENT_ORDER),
        ({"response": "Let's see. There are fifteen people on the bus."}, Reason.WRONG_ANSWER),
        ({"answer": "6"}, Reason.WRONG_ANSWER),
        ({"limits": Limits(response_words=10)}, Reason.TOO_LONG),
        ({"limits": Limits(reasoning_ratio=0.5)}, Reason.TOO_LONG),
    ],
)
def test_a_fault_is_refused_for_its_reason(fault: dict[str, object], reason: Reason) -> None:
    found = verdict(**fault)  # type: ignore[arg-type]
    assert found is not None
    assert found.reason is reason
    assert found.detail


def test_a_result_may_be_repeated() -> None:
    assert (
        verdict(response="There are fifteen people. Fifteen of the twenty seats are taken, so five are free.") is None
    )


def test_what_the_response_restates_is_taken_from_the_spoken_question() -> None:
    response = "There are twenty five percent more. There are fifteen people on the bus. So five seats are free."
    known = from_text("5")
    assert isinstance(known, Answer)
    found = check(QUESTION + " Add 25%.", SPOKEN + " Add twenty five percent.", REASONING, response, known, Limits())
    assert found is None
    found = check(QUESTION, SPOKEN, REASONING, response, known, Limits())
    assert found is not None
    assert found.reason is Reason.UNGROUNDED
