"""`smp3m train` as a user meets it, at a size of seconds."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("transformers", reason="the train extra is not installed")

from pipeline.backends.audio import Clip  # noqa: E402
from pipeline.model import extra, talker_voice  # noqa: E402
from pipeline.model.melrvq import MelRvqConfig, fit  # noqa: E402
from pipeline.model.thinker import Thinker, load  # noqa: E402
from pipeline.run.cluster import CODE_ROOT  # noqa: E402
from pipeline.train.curriculum import CURRICULA  # noqa: E402
from pipeline.train.curves import read_log  # noqa: E402
from tests.conftest import Smp3m  # noqa: E402
from tests.serial import built  # noqa: E402

THINKER = ("1a", "1b", "2", "3", "4")
NAMES = (*THINKER, "5")
SMALL = (
    *(
        f"model.geometry.{setting}"
        for setting in ("hidden=48", "layers=1", "feed_forward=64", "audio_hidden=16", "audio_layers=1", "n_mels=20")
    ),
    *(f"talker.geometry.{setting}" for setting in ("hidden=16", "layers=1", "heads=2", "feed_forward=16")),
    *(f"talker.melrvq.{setting}" for setting in ("codebook_size=16", "n_layers=2", "rounds=2")),
    "loop.shape.rows=2",
)
Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve short sums, question and response spoken, some of them in a validation split."""
    flags = ("--rows", 12, "--source", "simpleop", "--speak", "both", "--asr", "none", "--set", "split.validation=0.3")
    return built(tmp_path_factory.mktemp("sums") / "data", *flags, "--set", "split.test=0")


def flags(*settings: str) -> list[str]:
    return [part for setting in (*SMALL, "steps=2", *settings) for part in ("--set", setting)]


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All stages, by the command in this process."""
    from rich.console import Console

    from pipeline.train.commands import run_train

    out = tmp_path_factory.mktemp("trained") / "model"
    run_train(str(data), out, {}, None, [*SMALL, "steps=2"], Console(quiet=True))
    return out


def weights(folder: Path) -> dict[str, object]:
    return load(str(folder)).state_dict()


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_all_stages_are_trained_logged_and_drawn(trained: Path) -> None:
    lines = read_log(trained)
    assert [line["stage"] for line in lines if "validation_loss" in line] == list(NAMES)
    assert lines[-1].keys() >= {"validation_codes", "validation_clock", "validation_layer_1"}
    steps = [line for line in lines if "loss" in line]
    assert [(line["stage"], line["step"]) for line in steps] == [(name, step) for name in NAMES for step in (1, 2)]
    thinking, talking = steps[:-2], steps[-2:]
    assert all(line["tokens_per_s"] > 0 and line["loss_response"] > 0 for line in thinking)
    assert ["loss_reasoning" in line for line in thinking] == [False] * 4 + [True] * 6
    assert all(line["frames_per_s"] > 0 and line["loss_codes"] > 0 and line["loss_clock"] > 0 for line in talking)
    assert list(trained.glob("tensorboard/events*"))
    assert (trained / "curves.png").stat().st_size > 10_000
    assert [sorted(p.name for p in (trained / name).iterdir()) for name in NAMES] == [["model"]] * 6
    assert isinstance(load(str(trained / "4" / "model")), Thinker)


def test_the_last_stage_keeps_the_thinker_as_it_is_and_adds_its_voice(trained: Path) -> None:
    assert same(weights(trained / "5" / "model"), weights(trained / "4" / "model"))
    assert not (trained / "4" / "model" / talker_voice.FOLDER).exists()
    voice = talker_voice.load(trained / "5" / "model" / talker_voice.FOLDER)
    assert voice.talker.state_size == 48
    assert (voice.codec.n_layers, voice.codec.codebook_size) == (2, 16)


def command(*arguments: object) -> list[str]:
    """`smp3m` as another process runs it."""
    return [str(Path(sys.executable).with_name("smp3m")), *map(str, arguments)]


ELSEWHERE = {**os.environ, "PYTHONPATH": str(CODE_ROOT), "OMP_NUM_THREADS": "1"}


def killed_in(stage: str, out: Path, *arguments: object) -> None:
    """Run the command in a process of its own and kill it after the stage's second step."""
    with subprocess.Popen(command(*arguments), cwd=CODE_ROOT, env=ELSEWHERE, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            lines = read_log(out) if (out / "log.jsonl").exists() else []
            if any(line["stage"] == stage and line["step"] == 2 for line in lines):
                break
            time.sleep(0.01)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert (out / stage).exists()
    assert not (out / stage / "model").exists()


def test_a_run_that_was_killed_twice_goes_on_to_the_same_weights(smp3m: Smp3m, data: Path, tmp_path: Path) -> None:
    settings = flags("steps=12", "loop.save_every=1", "loop.lora.rank=2", "loop.lora.dropout=0.1")
    given = ("train", data, "--stage", "3,5", *settings, "--out")
    assert smp3m(*given, tmp_path / "whole") == 0
    cut = tmp_path / "cut"
    killed_in("3", cut, *given, cut)
    killed_in("5", cut, *given, cut)
    assert smp3m(*given, cut) == 0
    one, other = (folder / "5" / "model" for folder in (tmp_path / "whole", cut))
    assert same(weights(one), weights(other))
    voices = [talker_voice.load(folder / talker_voice.FOLDER) for folder in (one, other)]
    assert same(voices[0].talker.state_dict(), voices[1].talker.state_dict())
    assert voices[0].codec.digest == voices[1].codec.digest
    timeless = [
        [{name: value for name, value in line.items() if not name.endswith("_per_s")} for line in read_log(folder)]
        for folder in (tmp_path / "whole", cut)
    ]
    assert timeless[0] == timeless[1]


def test_a_stage_that_trains_thinker_and_talker_logs_the_steps_of_both(
    smp3m: Smp3m, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert smp3m("train", data, "--curriculum", "mini-omni", "--out", out, *flags()) == 0
    steps = [(line["stage"], line["step"]) for line in read_log(out) if "loss" in line]
    names = ("alignment", "alignment/talker", "adaptation", "multimodal", "multimodal/talker")
    assert steps == [(name, step) for name in names for step in (1, 2)]
    first, between, last = (
        talker_voice.load(out / name / "model" / talker_voice.FOLDER)
        for name in ("alignment", "adaptation", "multimodal")
    )
    assert first.talker.state_size == 48
    assert first.codec.digest == between.codec.digest == last.codec.digest
    assert same(first.talker.state_dict(), between.talker.state_dict())
    assert not same(between.talker.state_dict(), last.talker.state_dict())


def test_a_talker_that_is_trained_on_keeps_its_codec_and_sizes(
    smp3m: Smp3m, data: Path, trained: Path, tmp_path: Path, capsys: Said
) -> None:
    given = ("--checkpoint", trained / "5" / "model", "--stage", "5", "--out", tmp_path / "out")
    settings = ("--set", "steps=1", "--set", "loop.shape.rows=2", "--set", "loop.shape.row_tokens=2048")
    assert smp3m("train", data, *given, *settings) == 0
    before, after = (folder / "5" / "model" / talker_voice.FOLDER for folder in (trained, tmp_path / "out"))
    assert talker_voice.load(before).codec.digest == talker_voice.load(after).codec.digest
    capsys.readouterr()
    again = (*given[:-1], tmp_path / "again")
    assert smp3m("train", data, *again, "--preset", "tiny", *flags("talker.geometry.hidden=32")) == 1
    assert "talker.geometry.hidden: the checkpoint's talker has 16, asked for is 32" in capsys.readouterr().err
    other = MelRvqConfig(codebook_size=8, n_layers=2, rounds=2)
    fit([Clip(np.random.default_rng(3).normal(0, 0.1, 48_000).astype(np.float32), 24_000)], other).save(
        tmp_path / "codec"
    )
    assert smp3m("train", data, *again, "--set", f"talker.codec={tmp_path / 'codec'}") == 1
    assert "codec mismatch: the talker was trained with codec" in capsys.readouterr().err


def test_responses_that_were_not_spoken_are_refused_before_any_stage(
    smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said
) -> None:
    silent = altered(data, tmp_path / "silent", "response_audio", None)
    assert smp3m("train", silent, "--out", tmp_path / "out", *flags()) == 1
    said = capsys.readouterr().err
    assert "has no response_audio: build with --speak both, or name the stages before the talker's" in said
    assert not (tmp_path / "out").exists()
    assert smp3m("train", silent, "--stage", "3,1a", "--out", tmp_path / "out", *flags()) == 0
    assert sorted(path.parent.name for path in (tmp_path / "out").glob("*/model")) == ["1a", "3"]


def test_what_is_finished_is_found_again(smp3m: Smp3m, data: Path, trained: Path, tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "copy"
    shutil.copytree(trained, out)
    expected = weights(out / "4" / "model")
    voice = (out / "5" / "model" / "talker" / "talker.safetensors").read_bytes()
    shutil.rmtree(out / "4")
    shutil.rmtree(out / "3")
    assert smp3m("train", data, "--out", out, *flags()) == 0
    said = capsys.readouterr().out
    assert [f"stage {name} is done" in said for name in NAMES] == [True] * 3 + [False] * 2 + [True]
    assert same(weights(out / "4" / "model"), expected)
    assert (out / "5" / "model" / "talker" / "talker.safetensors").read_bytes() == voice
    assert smp3m("train", data, "--out", out, *flags("learning_rate=1e-3")) == 1
    assert "1a/model: made with stage.learning_rate 0.01, now it is 0.001" in capsys.readouterr().err
    assert smp3m("train", data, "--out", out, "--stage", "3", *flags("model.seed=4")) == 1
    assert "2/model: made with model.seed 0, now it is 4: give another --out" in capsys.readouterr().err


def test_a_stage_alone_goes_on_from_the_one_before_or_from_a_checkpoint(
    smp3m: Smp3m, data: Path, trained: Path, tmp_path: Path, capsys: Said
) -> None:
    out = tmp_path / "own"
    shutil.copytree(trained / "2", out / "2")
    assert smp3m("train", data, "--stage", "3", "--out", out, *flags()) == 0
    assert f"stage 3 begins with {out / '2' / 'model'}" in capsys.readouterr().out
    assert same(weights(out / "3" / "model"), weights(trained / "3" / "model"))
    other = ("--checkpoint", trained / "2" / "model", "--stage", "3", "--out", tmp_path / "other")
    steps = ("--set", "steps=2", "--set", "learning_rate=1e-2", "--set", "loop.shape.rows=2")
    shape = ("--set", "loop.shape.row_tokens=2048", "--set", "loop.shape.packed=false")
    assert smp3m("train", data, *other, *steps, *shape) == 0
    assert same(weights(tmp_path / "other" / "3" / "model"), weights(trained / "3" / "model"))


def test_a_checkpoint_of_another_geometry_is_refused(
    smp3m: Smp3m, data: Path, trained: Path, tmp_path: Path, capsys: Said
) -> None:
    given = ("--checkpoint", trained / "2" / "model", "--out", tmp_path / "out")
    assert smp3m("train", data, "--preset", "tiny", *given, *flags("model.geometry.hidden=96")) == 1
    assert "hidden is 48, preset tiny has 96: name the preset that it was made from" in capsys.readouterr().err
    assert smp3m("train", data, "--checkpoint", tmp_path / "none", "--out", tmp_path / "out") == 2
    assert "no such folder" in capsys.readouterr().err


def altered(data: Path, out: Path, column: str, value: object) -> Path:
    """A copy of a data set with one value in all rows of a column."""
    (out / "data").mkdir(parents=True)
    for path in (data / "dataset" / "data").glob("*.parquet"):
        table = pq.read_table(path)
        at = table.schema.get_field_index(column)
        field = table.schema.field(at)
        values = pa.array([value] * len(table), field.type)
        pq.write_table(table.set_column(at, field, values), out / "data" / path.name)
    return out


def test_rows_of_another_vocabulary_are_refused(smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said) -> None:
    first = next((data / "dataset" / "data").glob("train-*"))
    made = json.loads(pq.read_table(first, columns=["provenance"]).to_pylist()[0]["provenance"])
    made["interleave"]["tokenizer_digest"] = "f" * 32
    other = altered(data, tmp_path / "other", "provenance", json.dumps(made))
    assert smp3m("train", other, "--out", tmp_path / "out", *flags()) == 1
    assert "made with vocabulary ffffffffffff (qwen2.5), the model has d810b6b8245d" in capsys.readouterr().err


def test_rows_without_audio_are_refused_in_an_audio_stage_alone(
    smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said
) -> None:
    silent = altered(data, tmp_path / "silent", "question_audio", None)
    assert smp3m("train", silent, "--out", tmp_path / "out", *flags()) == 1
    assert "has no audio: build with a voice, or train on text objectives only" in capsys.readouterr().err
    assert smp3m("train", silent, "--stage", "3,4", "--out", tmp_path / "out", *flags()) == 1
    assert not (tmp_path / "out").exists()  # refused before stage 3
    assert smp3m("train", silent, "--stage", "3", "--out", tmp_path / "out", *flags()) == 0


def test_a_causal_language_model_learns_from_text(smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    made = {**sizes, "num_key_value_heads": 1, "vocab_size": 151936, "tie_word_embeddings": True}  # as the small Qwens
    Qwen2ForCausalLM(Qwen2Config(**made)).save_pretrained(tmp_path / "lm")
    given = (
        "train",
        data,
        "--preset",
        tmp_path / "lm",
        "--out",
        tmp_path / "out",
        *flags("loop.shape.row_tokens=2048"),
    )
    assert smp3m(*given, "--stage", "3", "--set", "loop.lora.rank=2", "--set", "precision=bf16") == 0
    assert [line["step"] for line in read_log(tmp_path / "out")] == [1, 2, 2]
    assert smp3m(*given, "--stage", "1a") == 2
    assert "this network of text alone has no adapter: leave out its audio stages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--stage", "6"), "--stage 6: thinking-in-speaking has no such stage"),
        (("--curriculum", "school"), "curriculum school: unknown"),
        (("--set", "loop.speed=9"), "loop.speed"),
        (("--set", "loop.lora.rnk=9"), "loop.lora.rnk"),
        (("--set", "talker.melrvq.layers=9"), "talker.melrvq.layers"),
        (("--set", "model.geometry.width=9"), "model.geometry.width"),
        (("--set", "stages.9.steps=1"), "stages.9: thinking-in-speaking has only 1a"),
        (("--set", "loop.clip_norm=0"), "clip_norm above 0"),
        (("--config", "nowhere.toml"), "no such file"),
    ],
)
def test_bad_settings_are_one_line(
    smp3m: Smp3m, data: Path, tmp_path: Path, capsys: Said, arguments: tuple[str, ...], says: str
) -> None:
    assert smp3m("train", data, "--out", tmp_path / "out", *arguments) in (1, 2)
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_a_file_of_settings_gives_way_to_flags(tmp_path: Path) -> None:
    from pipeline.train.config import config_of

    file = tmp_path / "train.toml"
    file.write_text('steps = 7\nstage = "2"\n[stages.3]\nlearning_rate = 0.5\n[loop.shape]\nrows = 3\n')
    made = config_of({"stage": ("--stage", "3")}, file, ["loop.shape.row_tokens=99"])
    (stage,) = made.chosen()
    assert (stage.name, stage.steps, stage.learning_rate) == ("3", 7, 0.5)
    assert (made.loop.shape.rows, made.loop.shape.row_tokens) == (3, 99)
    big = config_of({"model.preset": ("--preset", "qwen2.5-omni-7b")})
    assert (big.precision, big.loop.gradient_checkpointing, big.chosen()[0].steps) == ("bf16", True, 2000)


def test_the_flags_name_every_curriculum(smp3m: Smp3m, capsys: Said) -> None:
    assert smp3m("train", "--help") == 0
    said = "".join(capsys.readouterr().out.split())  # lines may break at a hyphen
    assert [name for name in CURRICULA if name not in said] == []
    assert ",".join(stage.name for stage in CURRICULA["thinking-in-speaking"]) in said


def test_without_the_extra_it_says_what_to_install(
    smp3m: Smp3m, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setattr(extra, "_NEEDED", ("torch", "a_package_that_is_not_there"))
    assert smp3m("train", data) == 2
    assert "needs a_package_that_is_not_there, which is not installed: pip install 'smp3m[train]'" in (
        capsys.readouterr().err
    )


def test_two_processes_agree_with_one(smp3m: Smp3m, data: Path, tmp_path: Path) -> None:
    settings = flags("loop.batches_per_step=2", "steps=4", "loop.shape.packed=false", "loop.shape.rows=1")
    given = ("--curriculum", "thinking-in-speaking", "--stage", "2,5", *settings)
    assert smp3m("train", data, "--out", tmp_path / "one", *given) == 0
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python")
    done = subprocess.run(
        [*torchrun, *command("train", data, "--out", tmp_path / "two", *given)],
        cwd=CODE_ROOT,
        env=ELSEWHERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    one, two = read_log(tmp_path / "one"), read_log(tmp_path / "two")
    assert [line["step"] for line in one] == [line["step"] for line in two] == [1, 2, 3, 4, 4] * 2
    for mine, theirs in zip(one, two, strict=True):
        for name in mine.keys() - {"stage", "tokens_per_s", "frames_per_s"}:
            assert theirs[name] == pytest.approx(mine[name], rel=1e-3), (mine["stage"], mine["step"], name)
