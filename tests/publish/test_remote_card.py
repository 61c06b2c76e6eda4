"""Cards are compared by the columns their metadata promises."""

from pipeline.config import Config, with_setting
from pipeline.publish.card import card
from pipeline.publish.remote_card import columns_of, difference
from pipeline.stages.report import Report


def written(*, audio_s: float, sample_rate_hz: int = 24_000) -> str:
    config = with_setting(Config(), f"speak.sample_rate_hz={sample_rate_hz}")
    report = Report(audio_s=audio_s)
    report.splits.update({"train": 2})
    return card(config, report, "0" * 32)


def test_equal_columns_do_not_differ_whatever_else_the_card_says() -> None:
    ours = columns_of(written(audio_s=10))
    assert set(ours) == {"default", "text"}
    assert difference(ours, columns_of(written(audio_s=99).replace("Math", "Sums"))) is None


def test_the_first_difference_is_named() -> None:
    ours, text = columns_of(written(audio_s=10)), columns_of(written(audio_s=0))
    assert difference(text, ours) == "config 'default' would be gone"
    assert difference(ours, text) is None, "a config that is added takes nothing from readers"
    fewer = {"text": {name: kind for name, kind in ours["text"].items() if name != "slack"}}
    assert difference(ours, fewer) == "config 'text': column 'slack' would be new"
    assert difference(fewer, {"text": ours["text"]}) == "config 'text': column 'slack' would be gone"
    other = columns_of(written(audio_s=10, sample_rate_hz=16_000))
    assert "16000" in str(difference(ours, other))


def test_a_card_of_others_says_nothing_that_can_be_compared() -> None:
    assert columns_of("just words") == {}
    assert columns_of("---\nlicense: mit\n---\nwords") == {}
    assert columns_of("---\ndataset_info: 7\n---\n") == {}
    assert difference({"text": {}}, {}) == "its card says nothing of its columns"
