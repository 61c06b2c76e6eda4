"""A thinker that knows rows by heart decodes, slot by slot, what it was taught."""

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from pipeline.core.paradigm import machine_of, paradigm_named  # noqa: E402
from pipeline.core.schedule import Stream  # noqa: E402
from pipeline.infer.decode import decode_all  # noqa: E402
from pipeline.infer.sampling import allowed_scores  # noqa: E402
from pipeline.model.thinker import positions_of  # noqa: E402
from pipeline.train.samples import PROMPT  # noqa: E402
from tests.infer.conftest import Learn, Learned  # noqa: E402


def teacher_forced(learned: Learned, k: int, name: str) -> list[int]:
    """The likeliest allowed token at every place of a training row, given the row before it; one forward."""
    sample, small = learned.samples[k], learned.thinker
    start = sample.streams.count(PROMPT)
    heard = sample.heard(small)
    with torch.no_grad():
        states = small.states(small.embed(torch.tensor([sample.rows]), heard), positions_of([len(sample.rows)]))
        scores = small.logits(states[0])
    control = small.vocabulary.control_rows
    machine = machine_of(paradigm_named(name), control)
    made = []
    for at in range(start, len(sample.rows)):
        slot = machine.next_slot()
        made.append(int(allowed_scores(scores[at - 1], slot, control).argmax()) if slot.forced is None else slot.forced)
        machine.push(sample.rows[at])
    assert machine.ended
    return small.vocabulary.ids(made)


@pytest.mark.parametrize("name", ["2:8", "1:4", "2:8/reasoning_first", "1:4/reasoning_first", "adaptive"])
def test_scheduled_decoding_equals_teacher_forcing_on_training_rows(learned: Learn, name: str) -> None:
    knows = learned(schedule="adaptive") if name == "adaptive" else learned(target=name)
    prompts = [knows.prompt(k) for k in range(len(knows.rows))]
    for k, decoded in enumerate(decode_all(knows.thinker, prompts, paradigm_named(name))):
        sample = knows.samples[k]
        taught = [row for row, stream in zip(sample.rows, sample.streams, strict=True) if stream != PROMPT]
        assert decoded.token_ids == teacher_forced(knows, k, name) == knows.thinker.vocabulary.ids(taught)
        assert decoded.streams == [stream for stream in sample.streams if stream != PROMPT]
        assert decoded.ended
        turn = decoded.turn(knows.thinker)
        assert turn == (list(knows.rows[k]["response_ids"]), list(knows.rows[k]["reasoning_ids"]))
        if name == "2:8":
            assert decoded.n_calls == len(decoded.token_ids) - decoded.streams.count(Stream.PAD)
