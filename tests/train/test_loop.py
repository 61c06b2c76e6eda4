import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.core.paradigm import paradigm_named  # noqa: E402
from pipeline.errors import ContractError, EngineError, RunError, UsageError  # noqa: E402
from pipeline.infer.decode import Prompt, decode_all  # noqa: E402
from pipeline.model import thinker  # noqa: E402
from pipeline.model.thinker import Geometry, Thinker  # noqa: E402
from pipeline.model.vocabulary import Vocabulary  # noqa: E402
from pipeline.train.accelerator import accelerator_of  # noqa: E402
from pipeline.train.curriculum import (  # noqa: E402
    LLM,
    MINI_OMNI,
    STAGE_4_AS_WRITTEN,
    THINKING_IN_SPEAKING,
    Part,
    TrainStage,
    stages_named,
)
from pipeline.train.loop import LoopConfig, StepLog, Validated  # noqa: E402
from pipeline.train.lora import LoraConfig  # noqa: E402
from pipeline.train.loss import StreamWeights  # noqa: E402
from pipeline.train.packing import Shape  # noqa: E402
from pipeline.train.reader import Corpora, Corpus, open_corpus  # noqa: E402
from pipeline.train.samples import TRANSCRIPT, Objective, Source, columns_of, sample_of  # noqa: E402
from pipeline.train.thinker import train_thinker  # noqa: E402
from tests.serial import built  # noqa: E402

HEAR = (Objective(Source.AUDIO),)
READ = (Objective(Source.TEXT),)
SMALL = Geometry(hidden=48, layers=2, heads=4, feed_forward=96, audio_hidden=16, audio_layers=1, n_mels=20)
QUICK = LoopConfig(shape=Shape(rows=8, row_tokens=2048, packed=False), save_every=1000)
EVERYTHING = frozenset({Part.ADAPTER, Part.ENCODER, *LLM})


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Six short sums, spoken by a voice: what one core learns by heart in half a minute."""
    flags = ("--rows", 6, "--source", "simpleop", "--asr", "none", "--set", "split.validation=0")
    out = built(tmp_path_factory.mktemp("handful") / "data", *flags, "--set", "split.test=0")
    return open_corpus(str(out), "train", columns_of(HEAR))


@pytest.fixture(scope="module")
def vocabulary(corpus: Corpus) -> Vocabulary:
    rows = corpus.rows(corpus.pieces[0], ["token_ids"])
    return Vocabulary.trimmed("qwen2.5", {i for row in rows for i in row["token_ids"]})


@pytest.fixture
def small(vocabulary: Vocabulary) -> Thinker:
    return thinker.tiny(vocabulary, SMALL)


Logged = list[StepLog | Validated]


def run(small: Thinker, corpus: Corpus, stage: TrainStage, folder: Path, config: LoopConfig = QUICK) -> list[StepLog]:
    made: Logged = []
    train_thinker(small, Corpora(corpus), stage, config, folder, accelerator_of(), made.append)
    return [log for log in made if isinstance(log, StepLog)]


def test_a_tiny_thinker_learns_a_handful_of_spoken_rows_by_heart(
    vocabulary: Vocabulary, corpus: Corpus, tmp_path: Path
) -> None:
    made = thinker.tiny(vocabulary, replace(SMALL, hidden=96, feed_forward=256, audio_hidden=32, n_mels=40))
    logs = run(made, corpus, TrainStage("4", EVERYTHING, HEAR, 5e-3, 70), tmp_path)
    assert logs[-1].losses.total < 0.1 < 1 < logs[0].losses.total
    rows = corpus.rows(corpus.pieces[0], columns_of(HEAR))
    samples = [sample_of(row, HEAR[0], made.vocabulary) for row in rows]
    prompts = [
        Prompt([r for r, s in zip(one.rows, one.streams, strict=True) if s < 0], one.heard(made)) for one in samples
    ]
    decoded = decode_all(made, prompts, paradigm_named("2:8"))
    assert [one.token_ids for one in decoded] == [list(row["token_ids"]) for row in rows]
    assert [one.streams for one in decoded] == [list(row["streams"]) for row in rows]


OF_THE_THINKER = (*THINKING_IN_SPEAKING[:5], STAGE_4_AS_WRITTEN, *MINI_OMNI)
IDS = [*(stage.name for stage in THINKING_IN_SPEAKING[:5]), "4-encoder", *(stage.name for stage in MINI_OMNI)]


@pytest.mark.parametrize("stage", OF_THE_THINKER, ids=IDS)
def test_a_stage_changes_its_parts_alone_and_lowers_its_loss(
    small: Thinker, corpus: Corpus, stage: TrainStage, tmp_path: Path
) -> None:
    before = {name: value.clone() for name, value in small.state_dict().items()}
    stage = replace(stage, trains=stage.trains - {Part.TALKER}, learning_rate=1e-2, steps=5)
    logs = run(small, corpus, stage, tmp_path)
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
    assert logs[-1].losses.total < logs[0].losses.total


@pytest.mark.parametrize("lora", [LoraConfig(), LoraConfig(rank=2, dropout=0.2)], ids=["whole", "lora"])
def test_a_killed_run_goes_on_to_the_same_weights(
    vocabulary: Vocabulary, corpus: Corpus, tmp_path: Path, lora: LoraConfig
) -> None:
    stage = TrainStage("2", EVERYTHING, (*HEAR, Objective(Source.TEXT, "think_then_speak")), 1e-3, 8)
    config = replace(QUICK, shape=Shape(rows=1, row_tokens=1024), batches_per_step=2, save_every=3, lora=lora)
    whole = thinker.tiny(vocabulary, SMALL)
    expected = run(whole, corpus, stage, tmp_path / "whole", config)

    class Killed(Exception):
        pass

    def kill(log: StepLog | Validated) -> None:
        if log.step == 5:
            raise Killed

    broken = thinker.tiny(vocabulary, SMALL)
    with pytest.raises(Killed):
        train_thinker(broken, Corpora(corpus), stage, config, tmp_path / "cut", accelerator_of(), kill)
    again = thinker.tiny(vocabulary, SMALL, seed=9)
    rest = run(again, corpus, stage, tmp_path / "cut", config)
    assert rest == expected[3:]  # from the checkpoint of step 3 on
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    other = replace(config, clip_norm=2.0)
    with pytest.raises(ContractError, match=r"made with config\.clip_norm 1\.0, now it is 2\.0"):
        run(again, corpus, stage, tmp_path / "cut", other)


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_what_is_not_finite_stops_before_the_step(small: Thinker, corpus: Corpus, tmp_path: Path, broken: str) -> None:
    if broken == "loss":
        with torch.no_grad():
            small.net.lm_head.weight.fill_(float("nan"))
    else:
        small.net.lm_head.weight.register_hook(lambda gradient: gradient * math.inf)
    before = {name: value.clone() for name, value in small.state_dict().items()}
    with pytest.raises(
        RunError, match=r"the norm of its gradient (nan|inf): stopped.*not-finite\.json holds its 6 samples"
    ):
        run(small, corpus, TrainStage("3", LLM, HEAR, 1e-3, 2), tmp_path)
    saved = json.loads((tmp_path / "not-finite.json").read_text())
    assert sorted(row["id"] for row in saved) == sorted(row["id"] for row in corpus.rows(corpus.pieces[0], ["id"]))
    assert all(len(row["rows"]) == len(row["streams"]) for row in saved)
    assert all(
        torch.equal(value.nan_to_num(9), before[name].nan_to_num(9)) for name, value in small.state_dict().items()
    )


@pytest.mark.parametrize(
    "error",
    [torch.OutOfMemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried")],
    ids=["device", "cpu"],
)
def test_without_memory_it_says_what_to_lower(
    small: Thinker, corpus: Corpus, tmp_path: Path, error: RuntimeError
) -> None:
    def exhausted(*_: object) -> None:
        raise error

    small.decoder.register_forward_pre_hook(exhausted)
    with pytest.raises(EngineError, match=r"8 x 2048 tokens: lower loop\.shape\.rows or row_tokens"):
        run(small, corpus, TrainStage("3", LLM, HEAR, 1e-3, 2), tmp_path)


def test_a_stage_that_teaches_only_what_has_no_weight_is_refused(
    small: Thinker, corpus: Corpus, tmp_path: Path
) -> None:
    stage = TrainStage("1a", LLM, (Objective(Source.TEXT, TRANSCRIPT),), 1e-3, 2)
    with pytest.raises(UsageError, match=r"loop\.weights: all that a batch of this stage teaches has weight 0"):
        run(small, corpus, stage, tmp_path, replace(QUICK, weights=StreamWeights(response=0)))


def test_more_processes_than_batches_are_refused(small: Thinker, corpus: Corpus, tmp_path: Path) -> None:
    eight = SimpleNamespace(num_processes=8)
    with pytest.raises(UsageError, match=r"leaves some of 8 processes without work: --set loop\.batches_per_step=8"):
        train_thinker(small, Corpora(corpus), TrainStage("3", LLM, READ, 1e-3, 2), QUICK, tmp_path, eight, print)


def test_adapters_train_alone_and_are_merged(small: Thinker, corpus: Corpus, tmp_path: Path) -> None:
    names = list(small.state_dict())
    before = {name: value.clone() for name, value in small.state_dict().items()}
    stage = TrainStage("3", frozenset({Part.DECODER}), READ, 1e-2, 6)
    logs = run(small, corpus, stage, tmp_path, replace(QUICK, lora=LoraConfig(rank=4)))
    assert logs[-1].losses.total < logs[0].losses.total
    assert list(small.state_dict()) == names
    changed = {name for name, value in small.state_dict().items() if not torch.equal(value, before[name])}
    assert len(changed) == 7 * SMALL.layers
    assert all(name.endswith("_proj.weight") and "language_model" in name for name in changed)
    for name in changed:
        assert torch.linalg.matrix_rank(small.state_dict()[name] - before[name], tol=1e-4) <= 4


def test_checkpointed_activations_and_split_batches_change_nothing(
    vocabulary: Vocabulary, corpus: Corpus, tmp_path: Path
) -> None:
    stage = TrainStage("3", LLM, READ, 1e-3, 3)
    configs = (
        QUICK,
        replace(QUICK, gradient_checkpointing=True),
        replace(QUICK, shape=replace(QUICK.shape, rows=2), batches_per_step=3),
    )
    logs = [
        run(thinker.tiny(vocabulary, SMALL), corpus, stage, tmp_path / str(k), config)
        for k, config in enumerate(configs)
    ]
    for made in logs[1:]:
        assert [log.losses.total for log in made] == pytest.approx([log.losses.total for log in logs[0]], rel=1e-4)
        assert [log.gradient_norm for log in made] == pytest.approx([log.gradient_norm for log in logs[0]], rel=1e-3)


def test_half_precision_lowers_the_loss_of_whole_weights(small: Thinker, corpus: Corpus, tmp_path: Path) -> None:
    made: Logged = []
    stage = TrainStage("4", EVERYTHING, HEAR, 1e-2, 4)
    train_thinker(small, Corpora(corpus, corpus), stage, QUICK, tmp_path, accelerator_of("bf16"), made.append)
    assert isinstance(made[-1], Validated)
    steps = [log for log in made if isinstance(log, StepLog)]
    assert made[-1].losses.total < steps[-1].losses.total < steps[0].losses.total
    assert all(value.dtype == torch.float32 for value in small.parameters())


def test_stages_are_named() -> None:
    assert [stage.name for stage in stages_named("thinking-in-speaking", "all")] == ["1a", "1b", "2", "3", "4", "5"]
    assert stages_named("thinking-in-speaking-4-encoder", "4")[0].trains == {Part.ENCODER}
    with pytest.raises(UsageError, match="choose from all, 1a"):
        stages_named("thinking-in-speaking", "6")
    with pytest.raises(UsageError, match="mini-omni"):
        stages_named("school", "all")
