import itertools
import re

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.core.paradigm import lay_out, machine_of, paradigm_named  # noqa: E402
from pipeline.core.schedule import Schedule, Stream, deinterleave  # noqa: E402
from pipeline.errors import UsageError  # noqa: E402
from pipeline.infer.decode import Decoded, Limits, Prompt, decode, decode_all  # noqa: E402
from pipeline.infer.sampling import Sampling, allowed_scores, draw  # noqa: E402
from pipeline.model import prompt, thinker  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402

QUESTIONS = ("Nine plums and four pears?", "Two.", "What is six times seven, please?", "Sum of one and one?")
SMALL = Geometry(hidden=48, layers=2, heads=4, feed_forward=64, audio_hidden=16, n_mels=20)
NAMES = ("2:8", "1:4", "2:8/reasoning_first", "adaptive", "think_then_speak", "response_only")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary.trimmed("qwen2.5", [])


@pytest.fixture(scope="module")
def small(vocabulary: Vocabulary) -> Thinker:
    made = thinker.tiny(vocabulary, SMALL).eval()
    control = vocabulary.control_rows
    with torch.no_grad():  # ends likely enough that turns end by themselves
        made.net.lm_head.weight[[control.reasoning_end, control.response_end]] *= 3
    return made


@pytest.fixture(scope="module")
def prompts(vocabulary: Vocabulary) -> list[Prompt]:
    return [Prompt(prompt.written(vocabulary, question)) for question in QUESTIONS]


def replayed(decoded: Decoded, name: str, vocabulary: Vocabulary) -> list[int]:
    machine = machine_of(paradigm_named(name), vocabulary.control)
    streams = [int(machine.push(token)) for token in decoded.token_ids]
    assert machine.ended
    return streams


@pytest.mark.parametrize("name", NAMES)
def test_every_turn_is_a_layout_and_comes_apart(
    small: Thinker, vocabulary: Vocabulary, prompts: list[Prompt], name: str
) -> None:
    sampling, limits = Sampling(temperature=1.5, seed=3), Limits(response=40, reasoning=90)
    for decoded in decode_all(small, prompts, paradigm_named(name), sampling, limits):
        assert replayed(decoded, name, vocabulary) == decoded.streams
        turn = deinterleave(decoded.token_ids, decoded.streams, vocabulary.control)
        assert turn == decoded.turn(small)
        paradigm = paradigm_named(name)
        if name != "adaptive":
            again = lay_out(turn, paradigm, vocabulary.control)  # type: ignore[arg-type]
            assert again.token_ids == decoded.token_ids


def lawful(decoded: Decoded, name: str, vocabulary: Vocabulary) -> bool:
    """Whether a turn keeps to its paradigm, by a grammar over letters that shares nothing with the slot machine.

    o, O: a response token and the end; r, R: of the reasoning; p: pad; s, t: speak, think.
    """
    control = vocabulary.control
    marks = {control.response_end: "O", control.reasoning_end: "R", control.reasoning_pad: "p"}
    marks |= {control.speak: "s", control.think: "t"}
    plain = {Stream.RESPONSE: "o", Stream.REASONING: "r"}
    lane = {Stream.RESPONSE: "oO", Stream.REASONING: "rR", Stream.PAD: "p", Stream.SWITCH: "st"}
    streams = [Stream(stream) for stream in decoded.streams]
    turn = "".join(marks.get(token) or plain.get(s, "?") for token, s in zip(decoded.token_ids, streams, strict=True))
    if any(letter not in lane[s] for letter, s in zip(turn, streams, strict=True)):
        return False
    sequential = {"response_only": "o+O", "think_then_speak": "r+Ro+O", "adaptive": "(so+)?(tr+so+)*tr*Rso*O"}
    if name in sequential:
        full = re.fullmatch(sequential[name], turn) is not None
        return full and "o" in turn and ("r" in turn or name == "response_only")
    ratio, _, order = name.partition("/")
    p, q = map(int, ratio.split(":"))
    round_ = "o" * p + "r" * q if not order else "r" * q + "o" * p
    end = turn.find("R")
    return (
        0 < end < turn.find("O") == len(turn) - 1
        and "r" in turn
        and all(
            letter.lower() == ("p" if wanted == "r" and at > end else wanted)
            for at, (letter, wanted) in enumerate(zip(turn, itertools.cycle(round_), strict=False))
        )
    )


def test_ten_thousand_steps_break_no_slot(small: Thinker, vocabulary: Vocabulary, prompts: list[Prompt]) -> None:
    steps = 0
    for seed in range(1000):
        name = NAMES[seed % len(NAMES)]
        sampling = Sampling(temperature=2.0, top_p=0.95, seed=seed)
        for decoded in decode_all(small, prompts, paradigm_named(name), sampling, Limits(60, 150)):
            assert lawful(decoded, name, vocabulary)
            steps += len(decoded.token_ids)
        if steps >= 10_000:
            return
    pytest.fail(f"only {steps} steps")


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_slot_would_be_seen(small: Thinker, vocabulary: Vocabulary, prompts: list[Prompt], name: str) -> None:
    (decoded,) = decode_all(small, prompts[:1], paradigm_named(name), Sampling(1.0, seed=1), Limits(20, 40))
    tokens, streams = decoded.token_ids, decoded.streams
    for at in range(1, len(tokens)):
        if ":" in name and streams[at] != streams[at - 1]:  # one token fewer in a round: every later slot is another's
            assert not lawful(
                Decoded(tokens[: at - 1] + tokens[at:], streams[: at - 1] + streams[at:]), name, vocabulary
            )
    cut = Decoded(tokens[:-1], streams[:-1])
    assert lawful(decoded, name, vocabulary)
    assert not lawful(cut, name, vocabulary)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_batch_decodes_what_single_turns_decode(
    small: Thinker, prompts: list[Prompt], name: str, temperature: float
) -> None:
    sampling, limits = Sampling(temperature, seed=5), Limits(20, 50)
    together = decode_all(small, prompts * 2, paradigm_named(name), sampling, limits)
    alone = [decode_all(small, [one], paradigm_named(name), sampling, limits)[0] for one in prompts]
    assert together == alone * 2


def naive(small: Thinker, one: Prompt, name: str, limits: Limits) -> tuple[list[int], int]:
    """One call per token over the whole sequence, without cache, pads chosen like any token."""
    vocabulary = small.vocabulary
    control = vocabulary.control_rows
    machine = machine_of(paradigm_named(name), control)
    rows, made, counts = list(one.rows), [], dict.fromkeys(Stream, 0)
    while not machine.ended:
        with torch.no_grad():
            states = small.states(small.embed(torch.tensor([rows])), thinker.positions_of([len(rows)]))
            scores = small.logits(states[0, -1])
        slot = machine.next_slot()
        ends = [control.reasoning_end] if counts[Stream.REASONING] >= limits.reasoning else []
        if counts[Stream.RESPONSE] >= limits.response:
            ends = [control.response_end, control.reasoning_end, control.think]
        only = next((end for end in ends if end in slot.controls), None)
        row = int(allowed_scores(scores, slot, control, only).argmax())
        counts[machine.push(row)] += 1
        rows.append(row)
        made.append(row)
    return vocabulary.ids(made), len(made)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_the_naive_loop_says_with_no_call_for_a_forced_token(
    small: Thinker, prompts: list[Prompt], name: str
) -> None:
    limits = Limits(24, 6)
    for one in prompts:
        (decoded,) = decode_all(small, [one], paradigm_named(name), limits=limits)
        tokens, naive_calls = naive(small, one, name, limits)
        assert decoded.token_ids == tokens
        assert decoded.n_calls == naive_calls - decoded.n_forced
    if name == "2:8":
        assert decoded.n_forced == decoded.streams.count(Stream.PAD) > 0


def test_tokens_come_out_as_they_are_made(small: Thinker, prompts: list[Prompt]) -> None:
    ticks = iter(range(10_000))
    emitted = list(decode(small, prompts[:2], Schedule(2, 8), limits=Limits(10, 10), clock=lambda: float(next(ticks))))
    calls = [one.call for one in emitted]
    assert calls == sorted(calls)
    assert calls[0] == 1
    assert emitted[0].stream is Stream.RESPONSE
    assert {one.turn for one in emitted} == {0, 1}
    assert all(one.stream is Stream.PAD for one in emitted if one.forced)


def test_a_limit_ends_a_turn_and_says_so(
    small: Thinker, prompts: list[Prompt], monkeypatch: pytest.MonkeyPatch
) -> None:
    never_ending = torch.zeros(small.vocabulary.n_rows)
    never_ending[: small.vocabulary.control_rows.n_text_ids] = 100.0
    scores_of = small.logits
    monkeypatch.setattr(small, "logits", lambda states: scores_of(states) + never_ending)
    for name in NAMES:
        (decoded,) = decode_all(small, prompts[:1], paradigm_named(name), limits=Limits(12, 20))
        turn = decoded.turn(small)
        assert 12 <= len(turn.response_ids) <= 14
        assert len(turn.reasoning_ids) <= 20
        assert not decoded.ended


def test_top_p_leaves_out_the_unlikely() -> None:
    scores = torch.log(torch.tensor([0.5, 0.3, 0.15, 0.05]))
    generator = torch.Generator().manual_seed(0)
    seen = {draw(scores, Sampling(1.0, top_p=0.7), generator) for _ in range(200)}
    assert seen == {0, 1}


def test_what_cannot_be_decoded_is_named(small: Thinker) -> None:
    with pytest.raises(UsageError, match="no prompt"):
        decode_all(small, [], Schedule(2, 8))
    with pytest.raises(UsageError, match="temperature -1"):
        Sampling(temperature=-1)
    with pytest.raises(UsageError, match="limits"):
        Limits(response=0)
