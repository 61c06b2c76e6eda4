"""The process that nanotts runs in: reads requests from stdin, writes PCM to stdout, until stdin ends.

It is started as a file by `nanotts.py`, with the seconds that a text may take, and imports nothing of this project,
so that it stays small.

Pico, the engine inside, reads its 2.5 MB work area before writing it. That area comes from malloc, so that
the speech of a text depends on what the process did before. With a fixed mmap threshold malloc hands out
zeroed pages for it each time: the same text gives the same bytes in any order and in any process, the very
bytes that a freshly forked child per utterance gives, at 25 ms instead of 40 for five seconds of speech.

Request: 4 bytes length, then JSON [text, voice, speed]. Answer: 1 byte status (0 PCM, 1 error text), 4 bytes
length, the bytes. Integers are little-endian.
"""

import ctypes
import json
import os
import signal
import sys
from typing import BinaryIO

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_THRESHOLD_BYTES = 65536
"""Below pico's 2.5 MB, above the many small blocks, which are written before they are read."""

_VOLUME = 0.5
"""At 1.0, the engine's default, up to 1% of the samples of loud vowels are cut off at full scale; at 0.6 none are."""

PCM, ERROR = 0, 1
_LATER_S = 3.0


def _answer(out: BinaryIO, status: int, payload: bytes) -> None:
    out.write(bytes([status]) + len(payload).to_bytes(4, "little") + payload)
    out.flush()


def end_after(timeout_s: float) -> None:
    """End this process when so much time has passed and some more; with 0, do not.

    The other side kills it sooner. Where that was killed itself, nobody else ends an engine that hangs. The signal's
    default needs no interpreter, which the engine may hold.
    """
    signal.setitimer(signal.ITIMER_REAL, timeout_s + _LATER_S if timeout_s else 0.0)


def _zeroed_large_blocks() -> None:
    try:
        done = ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)
    except AttributeError:
        done = 0
    if done != 1:
        raise ImportError("it speaks reproducibly only with glibc's malloc (mallopt)")


def main() -> None:
    """Serve requests; the first answer says whether the engine loaded."""
    timeout_s = float(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the C library prints must not get between the answers
    try:
        _zeroed_large_blocks()
        from py_nanotts import NanoTTS

        engine = NanoTTS()
    except ImportError as exc:
        _answer(out, ERROR, str(exc).encode())
        return
    _answer(out, PCM, b"")
    while len(head := sys.stdin.buffer.read(4)) == 4:
        text, voice, speed = json.loads(sys.stdin.buffer.read(int.from_bytes(head, "little")))
        end_after(timeout_s)
        try:
            pcm = engine.speak(text, voice=voice, speed=speed, volume=_VOLUME)
        except (RuntimeError, ValueError, MemoryError) as exc:
            _answer(out, ERROR, f"{type(exc).__name__}: {exc}".encode())
        else:
            _answer(out, PCM, pcm)
        end_after(0.0)


if __name__ == "__main__":
    main()
