from pathlib import Path

import pytest

from pipeline.config import Config, load, to_dict, to_toml, with_setting
from pipeline.config_sources import SourceConfig
from pipeline.config_types import chosen
from pipeline.core.schedule import Order
from pipeline.errors import UsageError


def test_settings_reach_any_depth_and_keep_the_rest() -> None:
    config = with_setting(Config(), "sources.simpleop.kind=chain")
    config = with_setting(config, 'speak.voices=["en-US", "en-GB"]')
    assert config.sources.simpleop.kind == "chain"
    assert config.speak.voices == ("en-US", "en-GB")
    assert config.sources.simpleop.rows == Config().sources.simpleop.rows


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("interleave.magic=1", "interleave.magic"),
        ("magic=1", "magic"),
        ("rows=0", "rows"),
        ("rows=99999999999999999999999", "rows"),
        ("interleave.margin=much", "much"),
        ("rewrite=rules", "rewrite"),
        ("no equals sign", "KEY=VALUE"),
        ("split.test=0.995", "nothing to train on"),
        ("source=[]", "none is named"),
    ],
)
def test_what_does_not_fit_is_named(setting: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        with_setting(Config(), setting)


def test_an_empty_path_is_a_slip_and_not_the_current_folder() -> None:
    with pytest.raises(UsageError, match="path is empty"):
        SourceConfig("gsm8k", "")


def test_a_written_config_reads_back_beside_its_files_and_names_no_folder(tmp_path: Path) -> None:
    config = with_setting(Config(source=(SourceConfig("gsm8k", "/home/ida/😀 rows.jsonl"),)), "rows=5")
    written = to_toml(config)
    assert "/home/ida" not in written
    assert "workers" not in written
    (tmp_path / "build.toml").write_text(written, encoding="utf-8")
    again = load(str(tmp_path / "build.toml"))
    assert again.source[0].path == str(tmp_path / "😀 rows.jsonl")
    assert to_dict(again)["interleave"] == to_dict(config)["interleave"]
    assert again.rows == 5


def test_files_of_equal_names_stay_apart() -> None:
    both = Config(source=(SourceConfig("gsm8k", "a/train.jsonl"), SourceConfig("metamath", "b/train.jsonl")))
    written = to_toml(both)
    assert "gsm8k/train.jsonl" in written
    assert "metamath/train.jsonl" in written


def test_evaluation_sets_lie_beside_the_file_that_names_them_and_are_written_without_folders(tmp_path: Path) -> None:
    file = tmp_path / "build.toml"
    file.write_text(
        'source = [{ name = "gsm8k", path = "a/test.jsonl" }]\n[decontaminate]\nngram = 9\n'
        'sets = [{ name = "one", path = "b/test.jsonl" }, { name = "two", path = "c/other.json" }]\n'
    )
    config = load(str(file))
    assert [one.path for one in config.decontaminate.sets] == [
        str(tmp_path / "b" / "test.jsonl"),
        str(tmp_path / "c" / "other.json"),
    ]
    written = to_toml(config)
    for text in ("gsm8k/test.jsonl", "evaluation/one/test.jsonl", '"other.json"', "decontaminate.ngram = 9"):
        assert text in written
    file.write_text(written)
    assert [Path(one.path).name for one in load(str(file)).decontaminate.sets] == ["test.jsonl", "other.json"]


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ('decontaminate.sets=[{name="a", path="x"}, {name="a", path="y"}]', "a: named twice"),
        ('decontaminate.sets=[{name="", path="x"}]', "expected NAME=PATH"),
        ("dedup.mode=fuzzy", "dedup.mode"),
        ("dedup.similarity=0.3", "dedup.similarity"),
    ],
)
def test_settings_of_what_is_taken_out_that_do_not_fit_are_refused(setting: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        with_setting(Config(), setting)


def test_an_unknown_config_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="demo"):
        load("nine")
    (tmp_path / "broken.toml").write_text("rows = ")
    with pytest.raises(UsageError, match="TOML"):
        load(str(tmp_path / "broken.toml"))


def test_a_roster_is_read_from_a_file_and_written_back_without_folders(tmp_path: Path) -> None:
    path = tmp_path / "many.toml"
    path.write_text(
        '[speak]\nreferences = "voices"\n'
        '[[speak.roster]]\nengine = "nanotts"\nvoice = "en-GB@0.85"\nweight = 2\n'
        '[[speak.roster]]\nengine = "coqui"\nmodel = "/models/vits.pth"\nreference = "anna"\nheld_out = true\n'
    )
    config = load(str(path))
    assert [(entry.engine, entry.weight, entry.held_out) for entry in config.speak.roster] == [
        ("nanotts", 2.0, False),
        ("coqui", 1.0, True),
    ]
    assert config.speak.references == str(tmp_path / "voices")
    written = to_toml(config)
    assert "/models" not in written
    assert str(tmp_path) not in written
    path.write_text(written)
    assert load(str(path)).speak.roster[1].model == "vits.pth"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("speak.audio_format=ogg", "speak.sample_rate_hz=22050"), "speak.sample_rate_hz: 22050: ogg"),
        (("speak.tts=none", "speak.what=both"), "nothing speaks with --tts none"),
        (('speak.voices=["en-US"]', 'speak.roster=[{engine="nanotts"}]'), "its entries name their voices and models"),
        (("speak.augment.snr_db=[20, 10]",), "20 is above 10"),
        (('speak.roster=[{engine="nanotts", pitch=3}]',), "pitch"),
    ],
)
def test_settings_of_speech_that_contradict_each_other_are_refused(settings: tuple[str, ...], words: str) -> None:
    config = Config()
    for setting in settings[:-1]:
        config = with_setting(config, setting)
    with pytest.raises(UsageError, match=words):
        with_setting(config, settings[-1])


def test_models_lie_beside_the_file_that_names_them_or_are_names(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    file = tmp_path / "c.toml"
    file.write_text(
        '[speak]\nasr_model = "base.en"\n[[speak.roster]]\nengine = "piper"\nmodel = "voices"\n'
        '[[speak.roster]]\nengine = "kokoro"\nmodel = "onnx-community/Kokoro"\n'
    )
    speak = load(str(file)).speak
    assert [entry.model for entry in speak.roster] == [str(tmp_path / "voices"), "onnx-community/Kokoro"]
    assert speak.asr_model == "base.en"
    assert str(tmp_path) not in to_toml(load(str(file)))


def test_a_name_that_is_none_of_several_is_refused() -> None:
    assert chosen(Order, "--order", "reasoning_first") is Order.REASONING_FIRST
    with pytest.raises(UsageError, match="--order best: unknown; choose from response_first, reasoning_first"):
        chosen(Order, "--order", "best")
