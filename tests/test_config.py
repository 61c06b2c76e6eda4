from pathlib import Path

import pytest

from pipeline.config import Config, SourceConfig, load, to_dict, to_toml, with_setting
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


def test_an_unknown_config_lists_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="demo"):
        load("nine")
    (tmp_path / "broken.toml").write_text("rows = ")
    with pytest.raises(UsageError, match="TOML"):
        load(str(tmp_path / "broken.toml"))
