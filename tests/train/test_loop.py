from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.core.paradigm import paradigm_named  # noqa: E402
from pipeline.errors import ContractError, RunError, UsageError  # noqa: E402
from pipeline.infer.decode import Prompt, decode_all  # noqa: E402
from pipeline.model import thinker  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.curriculum import LLM, THINKING_IN_SPEAKING, Part, TrainStage, stages_named  # noqa: E402
from pipeline.train.loop import LoopConfig, StepLog, train_stage  # noqa: E402
from pipeline.train.packing import Shape  # noqa: E402
from pipeline.train.reader import Corpus, open_corpus  # noqa: E402
from pipeline.train.samples import Objective, Source, columns_of, sample_of  # noqa: E402

HEAR = (Objective(Source.AUDIO),)
SMALL = Geometry(hidden=64, layers=2, heads=4, feed_forward=128, audio_hidden=32, n_mels=40)
QUICK = LoopConfig(shape=Shape(rows=8, row_tokens=2048, packed=False), save_every=1000)
EVERYTHING = frozenset({Part.ADAPTER, Part.ENCODER, *LLM})


@pytest.fixture(scope="module")
def corpus(spoken_data: Path) -> Corpus:
    return open_corpus(str(spoken_data), "train", columns_of(HEAR))


@pytest.fixture(scope="module")
def vocabulary(corpus: Corpus) -> Vocabulary:
    rows = corpus.rows(corpus.pieces[0], ["token_ids"])
    return Vocabulary.trimmed("qwen2.5", {i for row in rows for i in row["token_ids"]})


@pytest.fixture
def small(vocabulary: Vocabulary) -> Thinker:
    return thinker.tiny(vocabulary, SMALL)


def run(small: Thinker, corpus: Corpus, stage: TrainStage, folder: Path, config: LoopConfig = QUICK) -> list[StepLog]:
    from accelerate import Accelerator

    made: list[StepLog] = []
    train_stage(small, corpus, stage, config, folder, Accelerator(cpu=True), made.append)
    return made


def test_a_tiny_thinker_learns_a_handful_of_spoken_rows_by_heart(
    small: Thinker, corpus: Corpus, tmp_path: Path
) -> None:
    stage = TrainStage("4", EVERYTHING, HEAR, 3e-3, 90)
    logs = run(small, corpus, stage, tmp_path)
    assert logs[-1].loss < 0.02 < 1 < logs[0].loss
    small.eval()
    rows = corpus.rows(corpus.pieces[0], columns_of(HEAR))
    samples = [sample_of(row, HEAR[0], small.vocabulary) for row in rows]
    prompts = [
        Prompt([r for r, s in zip(one.rows, one.streams, strict=True) if s < 0], one.heard(small)) for one in samples
    ]
    decoded = decode_all(small, prompts, paradigm_named("2:8"))
    assert [one.token_ids for one in decoded] == [list(row["token_ids"]) for row in rows]
    assert [one.streams for one in decoded] == [list(row["streams"]) for row in rows]


@pytest.mark.parametrize("stage", THINKING_IN_SPEAKING[:5], ids=lambda stage: stage.name)
def test_a_stage_changes_its_parts_alone_and_lowers_its_loss(
    small: Thinker, corpus: Corpus, stage: TrainStage, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in small.state_dict().items()}
    logs = run(small, corpus, replace(stage, learning_rate=1e-2, steps=5), tmp_path)
    changed = {name for name, value in small.state_dict().items() if not torch.equal(value, before[name])}
    kinds = {
        Part.ADAPTER: lambda name: "audio_tower.proj" in name,
        Part.ENCODER: lambda name: "audio_tower" in name and "audio_tower.proj" not in name,
        Part.EMBEDDINGS: lambda name: "embed_tokens" in name or "lm_head" in name,
        Part.DECODER: lambda name: "language_model" in name and "embed_tokens" not in name,
    }
    for part, belongs in kinds.items():
        assert any(map(belongs, changed)) == (part in stage.trains), part
    assert not any("visual" in name for name in changed)
    assert logs[-1].loss < logs[0].loss


def test_a_killed_run_goes_on_to_the_same_weights(vocabulary: Vocabulary, corpus: Corpus, tmp_path: Path) -> None:
    stage = TrainStage("2", EVERYTHING, (*HEAR, Objective(Source.TEXT, "think_then_speak")), 1e-3, 8)
    config = replace(QUICK, shape=Shape(rows=1, row_tokens=1024), batches_per_step=2, save_every=3)
    whole = thinker.tiny(vocabulary, SMALL)
    expected = run(whole, corpus, stage, tmp_path / "whole", config)

    class Killed(Exception):
        pass

    from accelerate import Accelerator

    def kill(log: StepLog) -> None:
        if log.step == 5:
            raise Killed

    broken = thinker.tiny(vocabulary, SMALL)
    with pytest.raises(Killed):
        train_stage(broken, corpus, stage, config, tmp_path / "cut", Accelerator(cpu=True), kill)
    again = thinker.tiny(vocabulary, SMALL, seed=9)
    rest = run(again, corpus, stage, tmp_path / "cut", config)
    assert rest == expected[3:]  # from the checkpoint of step 3 on
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    other = replace(config, clip_norm=2.0)
    with pytest.raises(ContractError, match="made with another config"):
        run(again, corpus, stage, tmp_path / "cut", other)


def test_a_loss_that_is_not_finite_stops_before_the_step(small: Thinker, corpus: Corpus, tmp_path: Path) -> None:
    with torch.no_grad():
        small.net.lm_head.weight.fill_(float("nan"))
    with pytest.raises(RunError, match=r"the loss is nan.*not-finite\.json names its rows"):
        run(small, corpus, TrainStage("3", LLM, HEAR, 1e-3, 2), tmp_path)
    assert corpus.rows(corpus.pieces[0], ["id"])[0]["id"] in (tmp_path / "not-finite.json").read_text()


def test_stages_are_named() -> None:
    assert [stage.name for stage in stages_named("thinking-in-speaking", "all")] == ["1a", "1b", "2", "3", "4", "5"]
    assert stages_named("thinking-in-speaking-4-encoder", "4")[0].trains == {Part.ENCODER}
    with pytest.raises(UsageError, match="choose from all, 1a"):
        stages_named("thinking-in-speaking", "6")
    with pytest.raises(UsageError, match="mini-omni"):
        stages_named("school", "all")
