"""nanotts (SVOX Pico): the embedded voice. Small, fast, English, no model to fetch; sounds like 2009.

The engine is not thread-safe, may crash or loop on odd text, and needs its process's malloc set up
(`nanotts_worker`): it therefore lives in a child process with a watchdog. Nothing here forks a process that
has threads. It knows no audio post-processing.
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

import numpy as np

from pipeline.backends.audio import Clip
from pipeline.backends.tts import nanotts_worker
from pipeline.backends.tts.protocol import Voice
from pipeline.errors import EngineError

SAMPLE_RATE_HZ = 16_000


class NanoTTS:
    """A `Synthesizer`. Bytes depend on text and voice alone, not on seed, order of calls or process."""

    voices = ("en-US", "en-GB")
    deterministic = True

    def __init__(self, timeout_s: float = 30.0) -> None:
        """Prepare; the child process starts with the first utterance.

        Args:
            timeout_s: after this long without an answer the child is killed; a minute of speech takes 0.3 s.
        """
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def synthesize(self, text: str, voice: Voice, seed: int) -> Clip:  # noqa: ARG002 - the engine draws nothing
        """Speak `text`.

        Raises:
            EngineError: unknown voice, nothing to say, text the engine cannot take, or no answer.
        """
        if voice.name not in self.voices:
            raise EngineError(f"nanotts: unknown voice {voice.name!r}: use {' or '.join(self.voices)}")
        if "<" in text:
            raise EngineError(f"nanotts: the text holds a '<', which the engine takes for a command: {text[:60]!r}")
        request = json.dumps([text, voice.name, None if voice.speed == 1.0 else voice.speed]).encode()
        with self._lock:
            pcm = self._ask(request)
        if not pcm:
            raise EngineError(f"nanotts: no sound for {text[:60]!r}")
        return Clip(np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768), SAMPLE_RATE_HZ)

    def close(self) -> None:
        """End the child process; a later utterance starts a new one."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()

    def __del__(self) -> None:
        self.close()

    def _start(self, deadline: float) -> subprocess.Popen[bytes]:
        # -P: the worker's own folder must not come first in sys.path. stderr holds the C library's chatter.
        command = [sys.executable, "-P", str(Path(nanotts_worker.__file__))]
        child = subprocess.Popen(  # unbuffered: select on the pipe must see all that is unread
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
        )
        self._child = child
        self._receive(child, deadline)
        return child

    def _ask(self, request: bytes) -> bytes:
        deadline = time.monotonic() + self._timeout_s
        try:
            child = self._child or self._start(deadline)
            _pipe(child.stdin).write(len(request).to_bytes(4, "little") + request)
            return self._receive(child, deadline)
        except _Gone as exc:
            self.close()
            raise EngineError(f"nanotts: {exc}") from exc
        except OSError as exc:
            self.close()
            raise EngineError("nanotts: its process ended on an earlier text") from exc

    def _receive(self, child: subprocess.Popen[bytes], deadline: float) -> bytes:
        pipe = _pipe(child.stdout)
        head = self._read(pipe, 5, deadline)
        payload = self._read(pipe, int.from_bytes(head[1:], "little"), deadline)
        if head[0] == nanotts_worker.ERROR:
            raise EngineError(f"nanotts: {payload.decode(errors='replace')}")
        return payload

    def _read(self, pipe: IO[bytes], size: int, deadline: float) -> bytes:
        data = b""
        while len(data) < size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _Gone(f"no answer within {self._timeout_s:g} s")
            part = os.read(pipe.fileno(), size - len(data))
            if not part:
                raise _Gone("the engine crashed on this text")
            data += part
        return data


class _Gone(Exception):
    """The child does not answer."""


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise _Gone("the engine's process has no pipe")
    return pipe
