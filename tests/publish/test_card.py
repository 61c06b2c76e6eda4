"""What the card says of a build, from the figures of its report."""

import re
from typing import Any

import pytest
from huggingface_hub import DatasetCard

from pipeline.config import Config, with_setting
from pipeline.config_sources import Judge, SourceConfig
from pipeline.publish.card import card
from pipeline.publish.card_metadata import AUDIO_COLUMNS
from pipeline.stages.report import Report, SourceCount, from_json


@pytest.fixture
def report() -> Report:
    made = Report(audio_s=7200.0, voices={"nanotts/en-GB": 2.0}, tokens=1000, pads=250)
    made.sources = {"gsm8k": SourceCount(30, 20, 9, 1), "simpleop": SourceCount(60, 60, 0, 0)}
    made.licenses = {"gsm8k": "MIT", "simpleop": "Apache-2.0"}
    made.reasons.update({"rewrite/residue": 9})
    made.splits.update({"train": 79, "validation": 1})
    made.slacks.update({2: 10, 8: 60, 30: 5})
    made.response_tokens, made.reasoning_tokens, made.repaired = 200, 400, 8
    return made


def metadata(text: str) -> dict[str, Any]:
    return dict(DatasetCard(text).data.__dict__)


def test_metadata_names_configs_splits_with_rows_and_licences(report: Report) -> None:
    found = metadata(card(Config(), report, "0" * 32))
    assert found["license"] == ["apache-2.0", "mit"]
    assert found["size_categories"] == "n<1K"
    assert found["language"] == "en"
    default, text = found["configs"]
    files = [{"split": s, "path": f"data/{s}-*.parquet"} for s in ("train", "validation")]
    assert default["data_files"] == text["data_files"] == files
    assert default["default"] is True
    assert not set(AUDIO_COLUMNS) & set(text["columns"])
    infos = {info["config_name"]: info for info in found["dataset_info"]}
    names = {name: [feature["name"] for feature in info["features"]] for name, info in infos.items()}
    assert names["text"] == text["columns"]
    assert set(names["default"]) - set(names["text"]) == set(AUDIO_COLUMNS)
    assert infos["text"]["splits"] == [
        {"name": "train", "num_bytes": 0, "num_examples": 79},
        {"name": "validation", "num_bytes": 0, "num_examples": 1},
    ]


def test_every_voice_is_told_with_its_licence(report: Report) -> None:
    assert "| nanotts/en-GB | 2.00 | Apache-2.0 |" in card(Config(), report, "0" * 32)


def test_without_audio_there_is_one_config_and_no_word_of_audio(report: Report) -> None:
    report.audio_s, report.voices = 0.0, {}
    text = card(Config(), report, "0" * 32)
    found = metadata(text)
    (only,) = found["configs"]
    assert (only["config_name"], only["default"]) == ("text", True)
    assert "automatic-speech-recognition" not in found["task_categories"]
    assert "torchcodec" not in text
    assert "Hours per voice" not in text


def test_the_figures_are_the_reports(report: Report) -> None:
    text = card(Config(), report, "0" * 32)
    for line in (
        "80 rows; 2.00 hours of question audio. Tokens: 1,000.",
        "| gsm8k | 30 | 20 | 9 | 1 | MIT |",
        "| rewrite/residue | 9 |",
        "| nanotts/en-GB | 2.00 |",
        "| reasoning per response token | 2.00 |",
        "| pads, of all tokens | 25.0% |",
        "| rows repaired by inserted words | 10.0% |",
        "| slack: least | 2 |",
        "| slack: 10%, median, 90% | 2, 8, 8 |",
        "| rows without a derived result | 5 |",
        "75.0% `simpleop`, 25.0% `gsm8k`.",
        "no row was compared with any evaluation set",
    ):
        assert line in text
    assert "2508.15827" in text
    assert "build.toml" in text


def test_generated_arithmetic_is_warned_of_only_where_it_is_most(report: Report) -> None:
    warning = re.compile("Most rows are generated arithmetic.*: 60 of 80")
    assert warning.search(card(Config(), report, "0" * 32))
    report.sources["gsm8k"].accepted = 60
    assert "Most rows are generated" not in card(Config(), report, "0" * 32)


def test_the_card_says_who_judged_and_what_was_made_harder_to_hear(report: Report) -> None:
    assert "None was used." in card(Config(), report, "key")
    config = Config(source=(SourceConfig("gsm8k"), SourceConfig("simpleop", judge=Judge.RULES)))
    for setting in ("verify.judge=openai", "verify.sample=0.1", "llm.model=m", "speak.augment.noise=0.25"):
        config = with_setting(config, setting)
    text = card(config, report, "key")
    assert "`m` judged 10.0% of the rows of gsm8k." in text
    assert "25.0% noise." in text


def test_what_was_compared_with_evaluation_sets_is_told_instead_of_that_nothing_was(report: Report) -> None:
    report.evaluation_sets = {"sums": {"items": 3, "digest": "f" * 32}}
    report.sums["clean"] = {"templates: sums": 4.0}
    hit = {"id": "0", "source": "gsm8k", "source_id": "7", "set": "sums", "item": 2, "kind": "same"}
    report.contaminated = [{**hit, "column": "question", "share": 1.0, "span": "what is two plus two"}]
    text = card(with_setting(Config(), "decontaminate.ngram=9"), report, "0" * 32)
    assert f"| sums | 3 | 1 | 1 | 1 | 4 | `{'f' * 32}` |" in text
    assert "share 9 words in a row, 60% of its words in order" in text
    assert "no row was compared" not in text
    assert from_json(report.to_json()).to_json() == report.to_json()


def test_near_duplicates_are_told_where_rows_were_compared(report: Report) -> None:
    templates = {"gsm8k": {"rows": 30, "templates": 21, "commonest": 5}}
    report.families = {"mode": "near", "similarity": 0.7, "rows": 30, "families": 25, "joined": 4, "removed": 2}
    report.families |= {"relabelled": 6, "templates": templates}
    text = card(Config(), report, "0" * 32)
    assert "They joined 4 families to others" in text
    assert "| gsm8k | 30 | 21 | 5 |" in text
    report.families |= {"rows": 0, "templates": {}}
    assert "near duplicates" not in card(Config(), report, "0" * 32)
