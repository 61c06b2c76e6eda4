from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.backends.tts.protocol import Voice
from pipeline.config_speech import RosterEntry, SpeakConfig
from pipeline.core.fingerprint import digest
from pipeline.errors import UsageError
from pipeline.stages.roster import Member, Source, expanded, licences, members, order, paced, pool_of
from tests.stages.recorded import Studio, studio

__all__ = ["studio"]
ROWS = [digest(number) for number in range(3_000)]


def member(name: str, weight: float = 1.0, *, held_out: bool = False, speed: float = 1.0) -> Member:
    return Member(Source("tones", None, ()), Voice(name, speed), 1.0, weight, held_out, "made", (), ())


def firsts(pool: list[Member]) -> dict[str, str]:
    return {row: order(row, pool, 0)[0].label for row in ROWS}


def roster(*entries: RosterEntry, **settings_: str) -> SpeakConfig:
    return replace(SpeakConfig(), roster=entries, **settings_)  # type: ignore[arg-type]


def test_rows_draw_voices_by_their_weights() -> None:
    drawn = Counter(firsts([member("a", 1), member("b", 2), member("c", 5)]).values())
    shares = [drawn[f"tones/{name}"] / len(ROWS) for name in "abc"]
    assert shares == pytest.approx([0.125, 0.25, 0.625], abs=0.03)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=2, max_size=4))
def test_a_new_voice_takes_rows_and_moves_none_between_the_others(weights: list[float]) -> None:
    pool = [member(f"v{n}", weight) for n, weight in enumerate(weights)]
    before, after = firsts(pool), firsts([*pool, member("new")])
    moved = {row for row in ROWS if before[row] != after[row]}
    assert {after[row] for row in moved} == {"tones/new"}
    assert len(moved) / len(ROWS) == pytest.approx(1 / (sum(weights) + 1), abs=0.04)


def test_retries_try_other_names_before_other_paces() -> None:
    pool = [member("a"), member("a", speed=0.8), member("b"), member("b", speed=0.8)]
    for row in ROWS[:200]:
        names = [one.voice.name for one in order(row, pool, 0)]
        assert set(names[:2]) == {"a", "b"}
        assert set(names[2:]) == {"a", "b"}


def test_a_voice_tries_again_at_another_pace_unless_another_seed_or_nothing_helps(studio: Studio) -> None:  # noqa: ARG001
    def again(engine: str) -> list[str]:
        one = replace(member("low", speed=0.5), source=Source(engine, None, ()))
        return [str(paced(one, tried).voice) for tried in range(3)]

    assert again("tones") == ["low@0.5", "low@0.46", "low@0.54"]
    assert again("coqui") == ["low@0.5"] * 3  # draws from the seed, and not all of its models have paces
    assert again("slow") == ["low@0.5"] * 3


def test_held_out_voices_speak_test_rows_and_no_other() -> None:
    everyone = [member("a"), member("b", held_out=True), member("c", 0.0)]
    assert [one.voice.name for one in pool_of(everyone, test=True)] == ["b"]
    assert [one.voice.name for one in pool_of(everyone, test=False)] == ["a"]
    assert [one.voice.name for one in pool_of(everyone[:1], test=True)] == ["a"]


def test_the_short_form_is_a_roster_of_the_engines_voices(studio: Studio) -> None:  # noqa: ARG001
    assert [one.label for one in members(SpeakConfig())] == [
        *("nanotts/en-US@0.85", "nanotts/en-GB@0.85", "nanotts/en-US", "nanotts/en-GB")
    ]
    assert [one.label for one in members(replace(SpeakConfig(), tts="tones", voices=("low@1.2",)))] == ["tones/low@1.2"]


def test_a_voice_is_called_by_all_that_one_hears(studio: Studio, tmp_path: Path) -> None:  # noqa: ARG001
    model = tmp_path / "vits.onnx"
    model.write_bytes(b"weights")
    found = members(
        roster(
            RosterEntry("tones", voice="low", speed=0.9, pitch=1.1),
            RosterEntry("modelled", voice="high", model=str(model)),
        )
    )
    assert [one.label for one in found] == ["tones/low@0.9^1.1", "modelled/vits/high"]


def test_what_a_voice_is_made_of_is_content_and_not_place(studio: Studio, tmp_path: Path) -> None:  # noqa: ARG001
    keys = []
    for folder, content in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        path = tmp_path / folder / "vits.onnx"
        path.parent.mkdir()
        path.write_bytes(content)
        keys.append(members(roster(RosterEntry("modelled", voice="low", model=str(path))))[0].key)
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]


def test_an_entry_without_a_voice_is_shared_by_all_of_its_model() -> None:
    found = expanded(member("", 3.0), ("x", "y", "z"))
    assert [(one.voice.name, one.weight) for one in found] == [("x", 1.0), ("y", 1.0), ("z", 1.0)]
    with pytest.raises(UsageError, match="no voice 'q'; it has x"):
        expanded(member("q"), ("x",))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (RosterEntry("parrot"), "parrot: unknown engine"),
        (RosterEntry("tones", voice="middle"), "no voice 'middle'; it has high, low"),
        (RosterEntry("tones", voice="low@0.9", speed=0.9), "give one pace"),
        (RosterEntry("tones", voice="low@4", pitch=0.5), "needs a pace beyond 0.2 to 5"),
        (RosterEntry("slow", voice="low", pitch=1.2), "slow speaks at one pace"),
        (RosterEntry("tones", voice="low", held_out=True), "rows to train on need one"),
        (RosterEntry("tones", voice="low", weight=0.0), "rows to train on need one"),
        (RosterEntry("tones", reference="anna"), "names no folder"),
        (RosterEntry("cloner", voice="low"), "which model"),
        (RosterEntry("cloner", voice="low", model="/nowhere"), "speak.model: no such file or folder: /nowhere"),
        (RosterEntry("modelled", voice="low", model="voices/joe.onnx"), "no such file or folder: voices/joe.onnx"),
        (RosterEntry("modelled", voice="low", model="./kokoro"), "no such file or folder: ./kokoro"),
        (RosterEntry("modelled", voice="low", model="~/kokoro"), "no such file or folder: ~/kokoro"),
        (RosterEntry("tones", voice="low", model="other"), "speaks with its own model, not other"),
    ],
)
def test_a_roster_that_cannot_speak_is_refused_in_one_line(studio: Studio, entry: RosterEntry, message: str) -> None:  # noqa: ARG001
    with pytest.raises(UsageError, match=message) as caught:
        members(roster(entry))
    assert "\n" not in str(caught.value)


def test_the_same_voice_twice_is_refused(studio: Studio) -> None:  # noqa: ARG001
    with pytest.raises(UsageError, match="tones/low is named twice"):
        members(roster(RosterEntry("tones", voice="low"), RosterEntry("tones", voice="low", weight=2)))


def test_each_voice_has_a_licence_or_asks_for_one() -> None:
    entries = (
        RosterEntry("nanotts", voice="en-US"),
        RosterEntry("coqui", model="/models/mine.pth", license="CC-BY-4.0"),
        RosterEntry("coqui", model="/models/other.pth"),
    )
    found = licences(roster(*entries))
    assert found == {
        "nanotts": "Apache-2.0",
        "coqui/mine": "CC-BY-4.0",
        "coqui/other": "not stated: give the voice's `license` in speak.roster",
    }
    assert licences(SpeakConfig()) == {"nanotts": "Apache-2.0"}
