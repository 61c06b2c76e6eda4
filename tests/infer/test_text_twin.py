"""Mini-Omni's batch-parallel decoding, and why it is no option here: every turn is its own text-only twin.

Mini-Omni decodes a question twice in a batch of two: one turn writes text and sound, its twin text alone, and the
twin's text takes the place of the other's, because a network that writes both answers worse. Here the thinker writes
text alone, and the talker reads the states that chose it.
"""

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from torch import Tensor  # noqa: E402

from pipeline.core.paradigm import lay_out, paradigm_named  # noqa: E402
from pipeline.core.schedule import Schedule, Stream, Turn  # noqa: E402
from pipeline.infer.decode import Emitted, decode  # noqa: E402
from pipeline.infer.question import written  # noqa: E402
from pipeline.infer.respond import respond  # noqa: E402
from pipeline.infer.state_voice import StateVoice  # noqa: E402
from pipeline.model.thinker import positions_of  # noqa: E402
from tests.infer.conftest import Learn, Learned, babbler  # noqa: E402


@pytest.fixture(scope="module")
def knows(learned: Learn) -> Learned:
    return learned(target="2:8")


def states_of(turn: list[Emitted]) -> Tensor:
    """Those that the talker reads, [n_response, hidden]."""
    read = [one.state for one in turn if one.stream is Stream.RESPONSE and one.state is not None]
    stacked: Tensor = torch.stack(read)
    return stacked


def guided(knows: Learned, k: int, response: list[int]) -> tuple[Tensor, list[int]]:
    """Row k's turn with another text in the response's slots: the states that the talker would read, [n, hidden], and
    the text tokens that they choose."""
    small = knows.thinker
    turn = Turn(response, list(knows.rows[k]["reasoning_ids"]))
    stream = lay_out(turn, Schedule(2, 8), small.vocabulary.control)
    before = knows.prompt(k).rows
    turn_rows = small.vocabulary.rows(stream.token_ids)
    assert len(turn_rows) == len(stream.token_ids)  # of this vocabulary each is one row
    places = [len(before) + at - 1 for at, mark in enumerate(stream.streams) if mark == Stream.RESPONSE][:-1]
    rows = [*before, *turn_rows]
    with torch.no_grad():
        states = small.states(small.embed(torch.tensor([rows])), positions_of([len(rows)]))[0, places]
        chosen = small.logits(states)[:, : small.vocabulary.control_rows.n_text_ids].argmax(dim=-1)
    return states, small.vocabulary.ids(chosen.tolist())


def test_a_twin_in_the_batch_writes_the_same_text_from_the_same_states(knows: Learned) -> None:
    one = knows.prompt(0)
    alone = list(decode(knows.thinker, [one], paradigm_named("2:8")))
    both = list(decode(knows.thinker, [one, one], paradigm_named("2:8")))
    spoken, twin = ([emitted for emitted in both if emitted.turn == k] for k in range(2))
    tokens = [emitted.token for emitted in alone]
    assert [emitted.token for emitted in spoken] == [emitted.token for emitted in twin] == tokens
    torch.testing.assert_close(states_of(spoken), states_of(twin))
    torch.testing.assert_close(states_of(spoken), states_of(alone))


def test_a_thinker_that_is_spoken_for_thinks_what_it_thinks_in_silence(knows: Learned) -> None:
    asked = written(knows.rows[0]["spoken_question"])
    silent = respond(knows.thinker, asked, paradigm_named("2:8"))
    spoken = respond(knows.thinker, asked, paradigm_named("2:8"), voice=StateVoice(babbler(knows.thinker.hidden_size)))
    assert spoken.chunks
    assert [step.emitted.token for step in spoken.steps] == [step.emitted.token for step in silent.steps]
    read, unread = (states_of([step.emitted for step in answer.steps]) for answer in (spoken, silent))
    assert torch.equal(read, unread)


def test_text_of_another_turn_is_not_in_the_state_that_would_speak_it(knows: Learned) -> None:
    own = list(knows.rows[0]["response_ids"])
    own_states, own_choice = guided(knows, 0, own)
    assert own_choice == own
    for row in knows.rows[1:]:
        other = list(row["response_ids"])
        states, choice = guided(knows, 0, other)
        parting = next(at for at, (ours, theirs) in enumerate(zip(own, other, strict=False)) if ours != theirs)
        # Up to there nothing differs, so that the state is the one that chose the turn's own word.
        torch.testing.assert_close(states[parting], own_states[parting])
        assert choice[parting] == own[parting] != other[parting]
