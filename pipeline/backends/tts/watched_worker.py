"""The process that a watched engine lives in: texts come by stdin, clips go by stdout, until stdin ends.

It is started as a file by `watched.py`: arguments "module:Class", the model as JSON, and the seconds that a text may
take. Request: JSON [text, voice,
speed, seed, timed]. Answer: a line of JSON (sample_rate_hz, times), then the samples as little-endian float32. How
requests and answers are framed, `child.py` says.
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.backends.tts.nanotts_worker import end_after
from pipeline.backends.tts.protocol import Synthesizer, TimedSynthesizer, Voice, VoiceModel
from pipeline.errors import EngineError, Smp3mError

_DATA, _ERROR = 0, 1


def main() -> None:
    """Serve requests; the first answer describes the engine."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the libraries print must not get between the answers
    where, given, timeout_s = sys.argv[1:]
    module, _, name = where.partition(":")
    try:
        engine = getattr(importlib.import_module(module), name)(_model(json.loads(given)))
    except Smp3mError as exc:
        _answer(out, _ERROR, _told(exc, module))
        return
    about = {
        "voices": list(engine.voices),
        "deterministic": engine.deterministic,
        "timed": isinstance(engine, TimedSynthesizer),
    }
    _answer(out, _DATA, json.dumps(about).encode())
    while len(head := sys.stdin.buffer.read(4)) == 4:
        request = json.loads(sys.stdin.buffer.read(int.from_bytes(head, "little")))
        end_after(float(timeout_s))
        try:
            answer = _spoken(engine, *request)
        except EngineError as exc:
            _answer(out, _ERROR, _told(exc, module))
        # An engine that raises on one text must go on with the next: its libraries raise what they like.
        except Exception as exc:  # noqa: BLE001
            _answer(out, _ERROR, f"{request[0][:60]!r}: {type(exc).__name__}: {_line(exc)}".encode())
        else:
            _answer(out, _DATA, answer)
        end_after(0.0)


def _model(given: dict[str, Any]) -> VoiceModel:
    return VoiceModel(given["model"], {name: Path(path) for name, path in given["references"].items()})


def _spoken(engine: Synthesizer, text: str, name: str, speed: float, seed: int, timed: bool) -> bytes:
    voice = Voice(name, speed)
    if timed and isinstance(engine, TimedSynthesizer):
        clip, times = engine.synthesize_timed(text, voice, seed)
    else:
        clip, times = engine.synthesize(text, voice, seed), ()
    about = {
        "sample_rate_hz": clip.sample_rate_hz,
        "times": [[time.word, time.start_s, time.end_s] for time in times],
    }
    return json.dumps(about).encode() + b"\n" + clip.samples.astype("<f4").tobytes()


def _told(exc: Smp3mError, module: str) -> bytes:
    """An error without the engine's name, which the other side puts before it."""
    return str(exc).removeprefix(f"{module.rpartition('.')[2]}: ").encode()


def _line(exc: Exception) -> str:
    return (str(exc).strip().splitlines() or [""])[0][:200]


def _answer(out: BinaryIO, status: int, payload: bytes) -> None:
    out.write(bytes([status]) + len(payload).to_bytes(4, "little") + payload)
    out.flush()


if __name__ == "__main__":
    main()
