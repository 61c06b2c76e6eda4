"""Recordings of people whose voices are cloned: a folder of NAME.wav, and references.toml that says who allowed what.

    [anna]
    consent = "Anna Example, in writing on 2026-03-01: clones of this recording may be published"
    license = "CC-BY-4.0"

A recording without both notes is refused. It knows no engine.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from pipeline.backends.audio import decode, level_db
from pipeline.config_speech import SpeakConfig
from pipeline.errors import EngineError, UsageError
from pipeline.store.atomic import files_digest

NOTES = "references.toml"
MIN_S, MAX_S = 3.0, 60.0
"""Shorter shows too little of a voice, longer is no prompt but a book."""
MIN_RATE_HZ = 16_000
"""Below it the recording lacks what tells voices apart; a telephone's has 8000."""
MAX_CHANNELS = 2
"""Two are averaged; more are no recording of one speaker."""
_MIN_LEVEL_DB = -60.0


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording that may be cloned."""

    name: str
    path: Path
    consent: str
    license: str
    digest: str
    """Of the recording's bytes."""


def read_references(folder: Path, names: tuple[str, ...] | None = None) -> dict[str, Reference]:
    """Read and check recordings.

    Args:
        folder: where they lie.
        names: the ones wanted; None for all.

    Raises:
        UsageError: no such folder or recording, no note of consent or licence, or a recording that cannot be cloned.
    """
    notes = _notes(folder)
    if names is None:
        names = tuple(sorted(path.stem for path in folder.glob("*.wav")))
        if not names:
            raise UsageError(f"speak.references: {folder} holds no recordings; put NAME.wav there")
    return {name: _read(folder, name, notes.get(name, {})) for name in names}


def recordings(config: SpeakConfig) -> dict[str, Reference]:
    """The recordings that a build's voices clone: the roster's, or without one those in `speak.voices`, or all.

    Raises:
        UsageError: as for `read_references`.
    """
    wanted = tuple(sorted({entry.reference for entry in config.roster if entry.reference}))
    if config.references is None:
        if wanted:
            raise UsageError(f"speak.roster: reference {wanted[0]!r}: speak.references names no folder of recordings")
        return {}
    if config.roster:
        return read_references(Path(config.references), wanted)
    return read_references(Path(config.references), config.voices or None)


def _notes(folder: Path) -> dict[str, Any]:
    path = folder / NOTES
    if not folder.is_dir():
        raise UsageError(f"speak.references: {folder} is no folder; name one that holds recordings and {NOTES}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"speak.references: {path} is missing; it says who consented, and the licence") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"speak.references: {path} cannot be read as TOML: {exc}") from exc


def _read(folder: Path, name: str, note: object) -> Reference:
    path = folder / f"{name}.wav"
    said = {key: note.get(key) if isinstance(note, dict) else None for key in ("consent", "license")}
    for key, value in said.items():
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f'speak.references: {name} has no {key}; write [{name}] {key} = "..." in {folder / NOTES}')
    wrong = _fault(path)
    if wrong is not None:
        raise UsageError(f"speak.references: {path}: {wrong}")
    return Reference(name, path.absolute(), str(said["consent"]), str(said["license"]), files_digest(path))


def _fault(path: Path) -> str | None:
    """What makes a recording no voice to clone, with its figure; None when nothing does."""
    try:
        about = soundfile.info(str(path))
        level = level_db(decode(path.read_bytes()))
    except (soundfile.LibsndfileError, EngineError) as exc:
        return f"no audio ({exc}); give a WAV file" if path.exists() else "no such file"
    limits = (
        (about.channels > MAX_CHANNELS, f"{about.channels} channels; give mono, or stereo, which is averaged"),
        (about.samplerate < MIN_RATE_HZ, f"{about.samplerate} Hz; record it at {MIN_RATE_HZ} Hz or more"),
        (not MIN_S <= about.duration <= MAX_S, f"{about.duration:.1f} s long; give {MIN_S:g} to {MAX_S:g} s of speech"),
        (level < _MIN_LEVEL_DB, f"silent: {level:.0f} dB; record somebody who speaks"),
    )
    return next((fault for wrong, fault in limits if wrong), None)
