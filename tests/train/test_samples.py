import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

import soundfile  # noqa: E402

from pipeline.backends.tokenizer import load as load_tokenizer  # noqa: E402
from pipeline.core.paradigm import lay_out, paradigm_named  # noqa: E402
from pipeline.core.schedule import Stream, Turn  # noqa: E402
from pipeline.errors import ContractError, UsageError  # noqa: E402
from pipeline.model import prompt, thinker  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.loss import StreamWeights, stream_losses  # noqa: E402
from pipeline.train.packing import N_STREAMS, Batch, Shape, collate, groups, learned  # noqa: E402
from pipeline.train.samples import Objective, Source, sample_of  # noqa: E402

QUESTION, RESPONSE, REASONING = "Six and seven?", "Let me see. Thirteen.", "6 + 7 = 13. Answer: 13."
SMALL = Geometry(hidden=48, layers=2, heads=4, feed_forward=64, audio_hidden=16, n_mels=20)


def flac(seconds: float, rate_hz: int = 24_000) -> bytes:
    wave = np.sin(np.arange(round(seconds * rate_hz)) / 20).astype(np.float32) / 4
    out = io.BytesIO()
    soundfile.write(out, wave, rate_hz, format="FLAC")
    return out.getvalue()


def row_of(vocabulary: Vocabulary, seconds: float = 1.0) -> dict[str, Any]:
    ids = {name: load_tokenizer("qwen2.5").encode(text).ids for name, text in (("o", RESPONSE), ("r", REASONING))}
    stream = lay_out(Turn(ids["o"], ids["r"]), paradigm_named("2:8"), vocabulary.control)  # type: ignore[arg-type]
    made_with = {
        "tokenizer": "qwen2.5",
        "tokenizer_digest": vocabulary.digest,
        "control_ids": vocabulary.control.as_map(),
    }
    return {
        "id": f"{seconds:g}",
        "provenance": json.dumps({"interleave": made_with}),
        "spoken_question": QUESTION,
        "response_ids": ids["o"],
        "reasoning_ids": ids["r"],
        "token_ids": stream.token_ids,
        "streams": stream.streams,
        "question_audio": {"bytes": flac(seconds), "path": "x.flac"},
    }


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    ids = [i for text in (QUESTION, RESPONSE) for i in load_tokenizer("qwen2.5").encode(text).ids]
    return Vocabulary.trimmed("qwen2.5", ids)  # what the reasoning alone holds is spelled by bytes


@pytest.fixture(scope="module")
def small(vocabulary: Vocabulary) -> Thinker:
    return thinker.tiny(vocabulary, SMALL).eval()


@pytest.mark.parametrize("target", ["as_published", "think_then_speak", "response_only", "1:4", "transcript"])
def test_what_is_learned_is_the_turn(vocabulary: Vocabulary, target: str) -> None:
    row = row_of(vocabulary)
    sample = sample_of(row, Objective(Source.TEXT, target), vocabulary)
    assert len(sample.rows) == len(sample.streams)
    before = prompt.written(vocabulary, QUESTION)
    assert sample.rows[: len(before)] == before
    assert set(sample.streams[: len(before)]) == {-1}
    streams = np.array(sample.streams)
    said = vocabulary.decode([r for r, s in zip(sample.rows, streams, strict=True) if s == 0])
    thought = vocabulary.decode([r for r, s in zip(sample.rows, streams, strict=True) if s == 1])
    assert said == (QUESTION if target == "transcript" else RESPONSE)
    assert thought == ("" if target in ("transcript", "response_only") else REASONING)
    mask = learned(torch.tensor(sample.streams)).tolist()
    assert [s for s, kept in zip(sample.streams, mask, strict=True) if not kept] == [
        s for s in sample.streams if s in (-1, 2)
    ]


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.013, 2.777])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000])
def test_audio_has_as_many_places_as_embeddings(
    small: Thinker, vocabulary: Vocabulary, seconds: float, rate_hz: int
) -> None:
    row = {**row_of(vocabulary), "question_audio": {"bytes": flac(seconds, rate_hz)}}
    sample = sample_of(row, Objective(Source.AUDIO), vocabulary)
    heard = sample.heard(small)
    assert heard is not None
    assert heard.n_embeddings == [sample.rows.count(vocabulary.row("audio"))]


@pytest.mark.parametrize(("audio", "said"), [(None, "no audio"), (b"RIFF", "cannot be read")])
def test_audio_that_is_not_there_is_named(vocabulary: Vocabulary, audio: bytes | None, said: str) -> None:
    row: Mapping[str, Any] = {**row_of(vocabulary), "question_audio": {"bytes": audio}}
    with pytest.raises(ContractError, match=said):
        sample_of(row, Objective(Source.AUDIO), vocabulary)


@pytest.mark.parametrize("target", ["adaptive", "sideways", "0:8"])
def test_an_objective_that_cannot_be_is_refused(target: str) -> None:
    with pytest.raises(UsageError):
        Objective(Source.TEXT, target)


def batch_of(small: Thinker, *kinds: tuple[Source, str], rows: int = 1) -> Batch:
    made = [
        sample_of(row_of(small.vocabulary, 1 + k / 7), Objective(*kind), small.vocabulary)
        for k, kind in enumerate(kinds)
    ]
    return collate([made[k::rows] for k in range(rows)], small)


def in_blocks(row: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """The row as an adaptive schedule might lay it out: one block of thought, one of speech, each with its switch."""
    control, spoken, silent = vocabulary.control, row["response_ids"], row["reasoning_ids"]
    tokens = [control.think, *silent, control.reasoning_end, control.speak, *spoken, control.response_end]
    streams = [Stream.SWITCH, *[Stream.REASONING] * (len(silent) + 1)]
    streams += [Stream.SWITCH, *[Stream.RESPONSE] * (len(spoken) + 1)]
    return {**row, "token_ids": tokens, "streams": streams}


@pytest.mark.parametrize("adaptive", [False, True])
def test_the_loss_is_what_one_computes_by_hand(small: Thinker, adaptive: bool) -> None:
    vocabulary = small.vocabulary
    row = in_blocks(row_of(vocabulary), vocabulary) if adaptive else row_of(vocabulary)
    batch = collate([[sample_of(row, Objective(Source.TEXT), vocabulary)]], small)
    with torch.no_grad():
        sums = stream_losses(small, batch)
        shares = small.logits(small.states(small.embed(batch.rows), batch.positions))[0].log_softmax(-1)
    expected = [0.0] * N_STREAMS
    for at in range(1, batch.rows.shape[1]):
        stream = int(batch.streams[0, at])
        if stream in (0, 1, 3):  # response, reasoning, switch; neither prompt nor pad
            expected[stream] -= float(shares[at - 1, batch.rows[0, at]])
    torch.testing.assert_close(sums, torch.tensor(expected), rtol=1e-4, atol=1e-3)
    # Both with their ends; what of the reasoning has no row is spelled by its bytes.
    spoken, silent = len(row["response_ids"]) + 1, len(vocabulary.rows(row["reasoning_ids"])) + 1
    taught = [spoken, silent, 0, 2 if adaptive else 0]
    assert batch.n_learned.tolist() == taught
    assert int((batch.streams == Stream.PAD).sum()) == (0 if adaptive else 4 * spoken - silent)
    # A head of zeros finds all rows equally likely: ln(n_rows) for every token.
    weight = small.net.lm_head.weight.detach().clone()
    with torch.no_grad():
        small.net.lm_head.weight.zero_()
        sums = stream_losses(small, batch)
        small.net.lm_head.weight.copy_(weight)
    torch.testing.assert_close(sums, torch.tensor(taught) * math.log(vocabulary.n_rows), rtol=1e-4, atol=1e-3)


def test_a_batch_teaches_what_its_samples_teach_alone(small: Thinker) -> None:
    kinds = [
        (Source.AUDIO, "as_published"),
        (Source.TEXT, "1:4"),
        (Source.AUDIO, "transcript"),
        (Source.TEXT, "think_then_speak"),
    ]
    with torch.no_grad():
        apart = torch.zeros(N_STREAMS)
        for k, kind in enumerate(kinds):
            sample = sample_of(row_of(small.vocabulary, 1 + k / 7), Objective(*kind), small.vocabulary)
            apart += stream_losses(small, collate([[sample]], small))
        for rows in (1, 2, 4):
            together = batch_of(small, *kinds, rows=rows)
            torch.testing.assert_close(stream_losses(small, together), apart, rtol=1e-4, atol=1e-3)
    assert together.n_filled < together.n_places


def test_packing_wastes_little_and_loses_nothing() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(40, 300, 2000).tolist()
    shape = Shape(rows=4, row_tokens=1024)
    made = groups(lengths, shape)
    assert sorted(k for batch in made for row in batch for k in row) == list(range(2000))
    fills = [[sum(lengths[k] for k in row) for row in batch] for batch in made]
    assert max(max(fill) for fill in fills) <= 1024
    assert 1 - sum(map(sum, fills)) / sum(max(fill) * len(fill) for fill in fills) < 0.03
    alone = groups(lengths, Shape(rows=4, row_tokens=1024, packed=False))
    assert all(len(row) == 1 for batch in alone for row in batch)
    with pytest.raises(UsageError, match="raise the row's tokens"):
        groups([1025], shape)


def test_weights_that_teach_nothing_are_refused() -> None:
    assert StreamWeights(2, 1, 0.5).tensor().tolist() == [2, 1, 0, 0.5]
    with pytest.raises(UsageError, match="above 0"):
        StreamWeights(0, 0, 0)
