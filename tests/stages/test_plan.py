"""Which settings each table depends on: the whole of identity, as one table."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.config import Config, load, with_setting
from pipeline.config_sources import SourceConfig
from pipeline.errors import EngineError, UsageError
from pipeline.stages.plan import UserStage, evaluation_sets, screens_of, stages_of

BASE = Config(source=(SourceConfig("sample"),))


def keys(config: Config) -> dict[str, str]:
    """Table -> the key of its part over equal inputs."""
    stages = stages_of(config, UserStage.ALL)
    return {stage.table: stage.key(["input"] * len(stage.inputs)) for stage in stages}


def changed(*settings: str, base: Config = BASE) -> set[str]:
    config = base
    for setting in settings:
        config = with_setting(config, setting)
    before, after = keys(base), keys(config)
    return {table for table in before if before[table] != after.get(table)}


@pytest.mark.parametrize(
    ("setting", "tables"),
    [
        ("interleave.ratio=3:9", {"interleaved"}),
        ("interleave.order=reasoning_first", {"interleaved"}),
        ("interleave.schedule=adaptive", {"interleaved"}),
        ("interleave.max_deferral=10", {"interleaved"}),
        ("interleave.margin=2", {"interleaved", "verified"}),
        ("rewrite.max_response_words=60", {"spoken", "verified"}),
        ("speak.max_wer=0.1", {"speech"}),
        ('speak.voices=["en-GB"]', {"speech"}),
        ("seed=7", {"speech"}),
        ("speak.augment.noise=0.3", {"speech"}),
        ('speak.response_voice="row"', set()),
        ("run.workers=7", set()),
        ("run.speech.gpus=0.25", set()),
        ("llm.requests.concurrency=3", set()),
        ("publish.file_rows=3", set()),
        ("split.test=0.2", set()),
    ],
)
def test_a_setting_changes_the_tables_that_depend_on_it_and_no_other(setting: str, tables: set[str]) -> None:
    assert changed(setting) == tables


def test_who_may_draw_decides_whose_voice_responses_have() -> None:
    first = 'speak.roster=[{engine="nanotts",voice="en-US",weight=%s}, {engine="nanotts",voice="en-GB"}]'
    both = with_setting(BASE, "speak.what=both")
    base = with_setting(both, first % 0)
    assert {"speech", "response_speech"} <= changed(first % 1, base=base)
    assert "response_speech" not in changed(first % 2, base=with_setting(both, first % 1))


def test_what_a_server_makes_is_never_taken_for_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1")
    spoken = with_setting(with_setting(BASE, "speak.tts=openai"), "speak.model=m")
    heard = with_setting(with_setting(BASE, "speak.asr=openai"), "speak.asr_model=m")
    before = [keys(spoken), keys(heard), keys(BASE)]
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere:9090/v1")
    after = [keys(spoken), keys(heard), keys(BASE)]
    assert [{name for name in one if one[name] != other[name]} for one, other in zip(before, after, strict=True)] == [
        {"speech"},
        {"speech"},
        set(),
    ]
    assert keys(with_setting(spoken, "llm.provider=127.0.0.1:8080"))["speech"] == before[0]["speech"]


def test_a_server_that_speaks_needs_a_model_and_a_key_before_any_row_is_paid_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    config = with_setting(BASE, "speak.tts=openai")
    with pytest.raises(UsageError, match="which model"):
        stages_of(config, UserStage.ALL)
    with pytest.raises(EngineError, match="OPENAI_API_KEY is not set"):
        stages_of(with_setting(config, "speak.model=m"), UserStage.ALL)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (("speak.second_asr=whisper",), "speak.second_asr: whisper: choose from none, moonshine"),
        (("speak.asr_model=m",), "speak.asr_model: moonshine hears with its own model"),
        (("speak.asr=whisper", "speak.asr_model=/nowhere"), "speak.asr_model: no such file or folder: /nowhere"),
        (("speak.model=m",), "speak.model: nanotts speaks with its own model"),
    ],
)
def test_a_model_that_nobody_would_load_is_refused(settings: tuple[str, ...], message: str) -> None:
    config = BASE
    for setting in settings:
        config = with_setting(config, setting)
    with pytest.raises(UsageError, match=message):
        stages_of(config, UserStage.ALL)


@pytest.mark.parametrize(
    ("setting", "tables"),
    [
        ("llm.model=other", {"spoken", "verified"}),
        ("llm.temperature=0.5", {"spoken", "verified"}),
        ("llm.requests.retries=1", set()),
        ("llm.requests.mode=batch", set()),
        ("llm.requests.rpm=500", set()),
        ("llm.requests.max_cost_usd=3.0", set()),
        ("llm.prices={ m = { input = 1, output = 2 } }", set()),
        ("llm.provider=another", {"spoken", "verified"}),
        ("rewrite.repair_turns=0", {"spoken", "verified"}),
        ("verify.judge=both", set()),
        ("interleave.ratio=3:9", {"interleaved"}),
    ],
)
def test_a_models_settings_are_identity_and_how_it_is_called_is_not(
    setting: str, tables: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "set")
    base = with_setting(with_setting(BASE, "rewrite.engine=openai"), "verify.judge=openai")
    assert changed(setting, base=base) == tables


def test_workers_and_the_way_to_a_tokenizer_bear_no_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.backends.test_tokenizer import toy_json

    assert keys(with_setting(BASE, "run.workers=1")) == keys(with_setting(BASE, "run.workers=64"))
    path = toy_json(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = {
        keys(with_setting(BASE, f"interleave.tokenizer={name}"))["interleaved"]
        for name in (str(path), path.name, str(tmp_path))
    }
    assert len(found) == 1
    assert found != {keys(BASE)["interleaved"]}


def test_without_speech_verify_needs_none() -> None:
    silent = with_setting(BASE, "speak.tts=none")
    assert set(keys(silent)) == {"spoken", "interleaved", "verified"}


def test_both_texts_are_spoken_where_both_are_asked_for() -> None:
    both = with_setting(BASE, "speak.what=both")
    assert set(keys(both)) == {"spoken", "speech", "interleaved", "response_speech", "verified"}
    assert changed('speak.response_voice="row"', base=both) == {"response_speech"}
    assert changed("interleave.ratio=3:9", base=both) == {"interleaved"}


def test_the_test_share_is_identity_of_speech_only_where_voices_are_held_out() -> None:
    roster = 'speak.roster=[{engine="nanotts", voice="en-US"}, {engine="nanotts", voice="en-GB", held_out=HELD}]'
    for held, tables in (("true", {"speech"}), ("false", set())):
        assert changed("split.test=0.2", base=with_setting(BASE, roster.replace("HELD", held))) == tables


def test_a_lone_stage_brings_its_predecessors() -> None:
    tables = {
        until: [stage.table for stage in stages_of(BASE, until)]
        for until in (UserStage.COLLECT, UserStage.REWRITE, UserStage.SYNTHESIZE)
    }
    assert tables == {
        UserStage.COLLECT: [],
        UserStage.REWRITE: ["spoken"],
        UserStage.SYNTHESIZE: ["spoken", "speech", "interleaved"],
    }


@pytest.mark.parametrize(
    "setting",
    [
        "speak.tts=parrot",
        "speak.asr=dog",
        "speak.tts=coqui",
        'speak.voices=["en-US@9"]',
        'speak.roster=[{engine="parrot"}]',
        'speak.references="nowhere"',
        "interleave.ratio=2:0",
        "interleave.tokenizer=abacus",
    ],
)
def test_what_no_build_could_do_is_refused_before_any_work(setting: str) -> None:
    with pytest.raises(UsageError):
        stages_of(with_setting(BASE, setting), UserStage.ALL)


def test_a_missing_key_is_told_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EngineError, match="OPENAI_API_KEY"):
        stages_of(with_setting(BASE, "rewrite.engine=openai"), UserStage.ALL)


def test_the_demo_config_plans_every_table() -> None:
    assert set(keys(replace(load("demo")))) == {"spoken", "speech", "interleaved", "verified"}


def test_collected_problems_are_sketched_and_all_are_compared_with_evaluation_sets(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text('{"question": "What is 7 plus 5?"}\n')
    setting = f'decontaminate.sets=[{{name="sums", path="{file}"}}]'
    both = with_setting(Config(), setting)
    clean, sketched = screens_of(both, evaluation_sets(both))
    assert (clean.table, sketched.table) == ("clean", "sketch")
    assert clean.makes("simpleop")
    assert sketched.makes("sample/gsm8k")
    assert not sketched.makes("simpleop")
    assert screens_of(Config(source=(SourceConfig("simpleop"),)), ()) == ()


@pytest.mark.parametrize(
    "setting", ["dedup.mode=near", "dedup.similarity=0.9", 'decontaminate.sets=[{name="a", path="b"}]']
)
def test_what_is_taken_out_is_no_setting_of_what_is_made_of_the_rest(setting: str) -> None:
    assert changed(setting) == set()
