from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.config_speech import RosterEntry, SpeakConfig
from pipeline.errors import UsageError
from pipeline.stages.references import NOTES, read_references
from pipeline.stages.roster import members
from tests.stages.recorded import Studio, studio

__all__ = ["studio"]
NOTE = '[anna]\nconsent = "in writing, 2026-03-01"\nlicense = "CC-BY-4.0"\n'


def record(
    folder: Path, seconds: float = 4.0, rate: int = 24_000, channels: int = 1, amplitude: float = 0.2, note: str = NOTE
) -> Path:
    folder.mkdir(exist_ok=True)
    wave = amplitude * np.sin(np.arange(round(seconds * rate)) / 20)
    soundfile.write(folder / "anna.wav", np.stack([wave] * channels, axis=1), rate)
    (folder / NOTES).write_text(note)
    return folder


@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (24_000, 1), (44_100, 2)])
def test_mono_and_stereo_recordings_are_taken_with_their_notes(tmp_path: Path, rate: int, channels: int) -> None:
    found = read_references(record(tmp_path / "voices", rate=rate, channels=channels))
    assert found["anna"].license == "CC-BY-4.0"
    assert found["anna"].path.is_absolute()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seconds": 1.2}, r"anna.wav: 1.2 s long; give 3 to 60 s"),
        ({"rate": 8_000}, "anna.wav: 8000 Hz; record it at 16000 Hz or more"),
        ({"channels": 6}, "anna.wav: 6 channels; give mono"),
        ({"amplitude": 0.0}, "anna.wav: silent"),
        ({"note": ""}, "anna has no consent"),
        ({"note": '[anna]\nconsent = "yes"'}, "anna has no license"),
        ({"note": '[anna]\nconsent = " "\nlicense = "CC0"'}, "anna has no consent"),
        ({"note": "anna = 3"}, "anna has no consent"),
        ({"note": "[anna"}, "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_cloned_is_refused_by_name(tmp_path: Path, wrong: dict[str, float | str], message: str) -> None:
    folder = record(tmp_path / "voices", **wrong)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=message) as caught:
        read_references(folder)
    assert "\n" not in str(caught.value)


def test_what_is_no_audio_or_not_there_is_told(tmp_path: Path) -> None:
    folder = record(tmp_path / "voices")
    (folder / "anna.wav").write_bytes(b"RIFF but no sound")
    with pytest.raises(UsageError, match=r"anna.wav: no audio \("):
        read_references(folder)
    (folder / "anna.wav").unlink()
    with pytest.raises(UsageError, match="no such file"):
        read_references(folder, ("anna",))
    with pytest.raises(UsageError, match="holds no recordings"):
        read_references(folder)
    with pytest.raises(UsageError, match="is no folder"):
        read_references(tmp_path / "elsewhere")


def test_a_recording_without_notes_is_refused(tmp_path: Path) -> None:
    folder = record(tmp_path / "voices")
    (folder / NOTES).unlink()
    with pytest.raises(UsageError, match="toml is missing"):
        read_references(folder)


def test_recordings_are_voices_of_engines_that_clone(studio: Studio, tmp_path: Path) -> None:  # noqa: ARG001
    folder = record(tmp_path / "voices")
    config = SpeakConfig(tts="cloner", model="some/model", references=str(folder))
    [anna] = members(config)
    assert anna.label == "cloner/some-model/anna"
    assert dict(anna.about)["reference_license"] == "CC-BY-4.0"
    entry = RosterEntry("cloner", reference="anna", model="some/model", weight=3)
    assert members(SpeakConfig(roster=(entry,), references=str(folder)))[0].key == anna.key
    (folder / "anna.wav").write_bytes(record(tmp_path / "other", amplitude=0.1).joinpath("anna.wav").read_bytes())
    assert members(config)[0].key != anna.key
