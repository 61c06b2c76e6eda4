from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from torch import Tensor  # noqa: E402

from pipeline.errors import ContractError, EngineError, UsageError  # noqa: E402
from pipeline.model import talker as talkers  # noqa: E402
from pipeline.model.codec import CodecFacts  # noqa: E402
from pipeline.model.talker import Talker, TalkerGeometry, Utterance, likeliest, reading_steps  # noqa: E402

FACTS = CodecFacts(n_layers=3, codebook_size=16, frame_rate_hz=10.0, digest="d" * 32)
SMALL = TalkerGeometry(hidden=32, layers=2, heads=2, feed_forward=48)
STATE = 8


@pytest.fixture
def talker() -> Talker:
    torch.manual_seed(4)
    return Talker(SMALL, FACTS, STATE).eval()


def states(n: int, seed: int = 0) -> Tensor:
    made: Tensor = torch.randn(n, STATE, generator=torch.Generator().manual_seed(seed))
    return made


def hurry(talker: Talker, bias: float = 50.0) -> None:
    """Make it read its next state at every step."""
    with torch.no_grad():
        talker.clock.bias.fill_(bias)


def end_at_once(talker: Talker) -> None:
    """Make it end as soon as it may."""
    with torch.no_grad():
        talker.heads.bias[talker.end] = 50.0


def test_states_are_read_a_little_before_their_words_one_a_step_and_then_the_end() -> None:
    # seconds   0.0  0.1  0.2  0.3  0.4  0.5  0.6  0.7
    # spoken     a              b         c
    #            a2             b2             lead 0.2 s
    assert reading_steps([0.05, 0.05, 0.3, 0.3, 0.55], 10.0, 0.2) == [0, 1, 2, 3, 4, 5]
    assert reading_steps([0.05, 1.0, 1.0, 2.0], 10.0, 0.2) == [0, 8, 9, 18, 19]
    assert reading_steps([3.0], 10.0, 0.0) == [0, 1]
    assert reading_steps([], 10.0, 0.2) == [0]


def test_a_batch_is_laid_out_step_by_step(talker: Talker) -> None:
    end, pad, none = talker.end, talker.pad, -100
    one = Utterance(states(2), [0, 3, 4], torch.tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]]))
    short = Utterance(states(1), [0, 1], torch.tensor([[1], [2], [3]]))
    batch = talker.batch([one, short])
    # step                            0    1    2  3    4    5     6     7
    assert batch.text[0].tolist() == [2, 0, 0, 3, 1, 0, 0, 0]
    assert batch.advance[0].tolist() == [0, 0, 1, 1, none, none, none, none]
    assert batch.codes[0].tolist() == [
        [1, 2, 3, 4, 5, end, none, none],
        [none, 6, 7, 8, 9, 10, none, none],
        [none, none, 11, 12, 13, 14, 15, none],
    ]
    assert batch.before[0].tolist() == [
        [pad, 1, 2, 3, 4, 5, end, pad],
        [pad, pad, 6, 7, 8, 9, 10, end],
        [pad, pad, pad, 11, 12, 13, 14, 15],
    ]
    assert batch.text[1].tolist() == [2, 1, 0, 0, 0, 0, 0, 0]
    assert batch.codes[1, 0].tolist() == [1, end, *[none] * 6]
    assert batch.n_learned.tolist() == [5 + 1 + 1 + 1, 5 + 1, 5 + 1, 4 + 1]


def test_states_that_come_after_the_audio_are_left_out(talker: Talker) -> None:
    batch = talker.batch([Utterance(states(4), [0, 2, 4, 9, 10], torch.zeros(3, 2, dtype=torch.long))])
    assert batch.text[0].tolist() == [2, 0, 3, 0, 4]
    assert batch.advance[0].tolist() == [0, 1, 0, 1, -100]


def test_streaming_takes_what_the_whole_pass_finds_likeliest(talker: Talker) -> None:
    hurry(talker)
    given = states(6)
    frames = torch.stack(list(talker.stream(given, longest_s=2.0)), dim=1)  # [3, n_frames]
    assert frames.shape == (3, 20)
    batch = talker.batch([Utterance(given, list(range(7)), frames)])
    with torch.no_grad():
        text = talker._texts(batch.states, batch.text)
        scores = talker._scores(talker._hidden(text, batch.before))[0]  # [3, n_steps, 17]
    learned = batch.codes[0] != -100
    learned &= batch.codes[0] != talker.end  # there the limit ended it
    # Until the text is over the end is out of question.
    scores[..., talker.end] = -torch.inf
    assert torch.equal(scores.argmax(dim=-1)[learned], batch.codes[0][learned])


def test_frames_come_before_later_states_are_asked_for_and_do_not_change_with_them(talker: Talker) -> None:
    hurry(talker)
    asked: list[int] = []

    def watched(given: Tensor) -> Iterator[Tensor]:
        for k, state in enumerate(given):
            asked.append(k)
            yield state

    stream = talker.stream(watched(states(9)), longest_s=2.0)
    first = [next(stream) for _ in range(4)]
    assert asked == list(range(6))  # frame k is whole when layer 2 has it, two steps later
    other = talker.stream(torch.cat([states(6), states(3, seed=1)]), longest_s=2.0)
    for frame in first:
        assert torch.equal(frame, next(other))


def test_while_the_text_pads_the_audio_goes_on(talker: Talker) -> None:
    hurry(talker, -50.0)  # it never asks for a second state
    speaking = talker.speaking(longest_s=1.0)
    assert len(list(speaking.take(states(1)[0]))) == 10
    assert list(speaking.take(states(1)[0])) == []
    assert list(speaking.end()) == []


def test_the_end_of_audio_stops_but_not_before_the_text_is_over(talker: Talker) -> None:
    hurry(talker)
    end_at_once(talker)
    speaking = talker.speaking()
    before = [frame for state in states(5) for frame in speaking.take(state)]
    after = list(speaking.end())
    # Five steps have read a state, the sixth ended: five frames, of which two waited for their lower layers.
    assert (len(before), len(after)) == (3, 2)
    assert all(int(frame.max()) < FACTS.codebook_size for frame in before + after)
    assert list(speaking.end()) == []


def test_a_response_without_text_ends(talker: Talker) -> None:
    end_at_once(talker)
    assert list(talker.stream([])) == []


def test_draws_are_the_callers(talker: Talker) -> None:
    hurry(talker)

    def third(scores: Tensor) -> Tensor:
        return scores.topk(3, dim=-1).indices[:, 2]

    greedy, drawn = (torch.stack(list(talker.stream(states(4), draw, 1.0))) for draw in (likeliest, third))
    assert greedy.shape == drawn.shape
    assert not torch.equal(greedy, drawn)


def test_it_learns_codes_ends_and_the_clock_by_heart(talker: Talker) -> None:
    generator = torch.Generator().manual_seed(1)
    lengths = (12, 9)
    heart = [
        Utterance(states(3, seed=n), [0, 3, 6, 7], torch.randint(16, (3, n), generator=generator)) for n in lengths
    ]
    talker.train()
    optimizer = torch.optim.AdamW(talker.parameters(), 1e-2, weight_decay=0.0)
    batch = talker.batch(heart)
    for _ in range(120):
        (talker(batch) / batch.n_learned).sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    talker.eval()
    for one in heart:
        assert torch.equal(torch.stack(list(talker.stream(one.states)), dim=1), one.codes)
    swapped = talker.stream(torch.cat([heart[0].states[:1], heart[1].states[1:]]))
    assert torch.equal(torch.stack([next(swapped) for _ in range(3)], dim=1), heart[0].codes[:, :3])


def test_a_thinker_of_another_width_is_refused(talker: Talker) -> None:
    with pytest.raises(ContractError, match=r"trained on states of 8; use it with the thinker"):
        next(talker.stream([torch.zeros(9)]))


def test_saved_it_speaks_the_same(talker: Talker, tmp_path: Path) -> None:
    hurry(talker)
    talker.save(tmp_path)
    again = talkers.load(tmp_path).eval()
    assert again.facts == FACTS
    wanted = list(talker.stream(states(3), longest_s=1.0))
    assert torch.equal(torch.stack(list(again.stream(states(3), longest_s=1.0))), torch.stack(wanted))


def test_what_is_no_talker_is_refused(talker: Talker, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no talker here: train stage 5 into it"):
        talkers.load(tmp_path)
    talker.save(tmp_path)
    note = (tmp_path / "talker.json").read_text()
    (tmp_path / "talker.json").write_text(note.replace('"hidden": 32', '"hidden": 36'))
    with pytest.raises(ContractError, match=r"not readable \(Error.*size mismatch|not readable \(Error"):
        talkers.load(tmp_path)


def test_sizes_that_make_no_talker_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        replace(SMALL, layers=0)
    with pytest.raises(UsageError, match="multiple of twice its 3 heads"):
        replace(SMALL, heads=3)
