from pipeline.backends.tokenizer import control_ids, load
from pipeline.core.paradigm import Sequential, lay_out
from pipeline.core.schedule import Schedule, Turn
from pipeline.evaluate.drifting import Drifting, drifting

QWEN = load("qwen2.5")
CONTROL = control_ids(QWEN)
QUESTION = "Ida has four rows of six beans and gives away five. How many are left?"
REASONING = "4 * 6 = 24 beans.\n24 - 5 = 19 beans left.\nAnswer: 19."


def judged(response: str, schedule: Schedule | Sequential, reasoning: str = REASONING) -> Drifting:
    turn = Turn(QWEN.encode(response).ids, QWEN.encode(reasoning).ids)
    stream = lay_out(turn, schedule, CONTROL)
    return drifting(QUESTION, stream.token_ids, stream.streams, CONTROL, QWEN.decode)


def test_a_result_that_is_said_before_it_is_reasoned_drifts() -> None:
    hasty = "Nineteen. That is twenty four beans less five."
    assert judged(hasty, Schedule(2, 2)).n_early >= 1
    assert judged(hasty, Sequential()).n_early == 0
    patient = "Let me see, what we want to know is how many beans are left. So there are nineteen left."
    assert judged(patient, Schedule(2, 8)) == Drifting(n_derived=1, n_early=0, n_ungrounded=0)


def test_a_number_from_nowhere_is_ungrounded() -> None:
    assert judged("Well, there are seventy seven beans.", Sequential()).n_ungrounded == 1


def test_ids_that_the_vocabulary_would_not_choose_are_judged_by_their_text() -> None:
    spelled = [i for char in "So nineteen are left." for i in QWEN.encode(char).ids]
    stream = lay_out(Turn(spelled, QWEN.encode(REASONING).ids), Sequential(), CONTROL)
    assert drifting(QUESTION, stream.token_ids, stream.streams, CONTROL, QWEN.decode) == Drifting(1, 0, 0)
