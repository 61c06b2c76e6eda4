"""A child process that an engine lives in, with a watchdog: what hangs or crashes costs one text, never the run.

Requests and answers are bytes behind their length (little-endian): 4 bytes length, then the request; 1 byte
status (`DATA` or `ERROR`, then UTF-8 text), 4 bytes length, then the answer. The first answer comes unasked and
says whether the engine loaded. It knows no speech. Nothing here forks a process that has threads.
"""

import os
import select
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO

from pipeline.backends.tts.nanotts_worker import ERROR
from pipeline.errors import EngineError


class Child:
    """Starts when it is first needed, is killed when it does not answer, and starts anew for the next request.

    Threads may share it; requests are answered one after another.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        timeout_s: float,
        load_timeout_s: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            name: the engine's, for messages.
            command: what to run.
            timeout_s: after this long without an answer to a request the process is killed.
            load_timeout_s: the same for its first answer.
            environment: variables; None for this process's own.
        """
        self._name = name
        self._command = command
        self._timeout_s = timeout_s
        self._load_timeout_s = load_timeout_s
        self._environment = environment
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's id, None while there is none."""
        return None if self._process is None else self._process.pid

    def start(self) -> bytes:
        """Start anew and return the first answer.

        Raises:
            EngineError: the engine did not load.
        """
        with self._lock:
            return self._talk(None)

    def ask(self, request: bytes) -> bytes:
        """Return the answer to a request.

        Raises:
            EngineError: the engine's own refusal, or no answer; a crash or a timeout ends the process.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._talk(None)
            return self._talk(request)

    def close(self) -> None:
        """End the process; a later request starts a new one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def __del__(self) -> None:
        self.close()

    def _talk(self, request: bytes | None) -> bytes:
        """One exchange with the process; with None, start it and wait for its first words."""
        timeout_s = self._load_timeout_s if request is None else self._timeout_s
        try:
            to_child, from_child = _pipes(self._launch() if request is None else self._process)
            if request is not None:
                to_child.write(len(request).to_bytes(4, "little") + request)
            status, payload = _receive(from_child, timeout_s)
        except (_Gone, OSError) as exc:
            self.close()
            raise EngineError(f"{self._name}: {exc}") from exc
        if status == ERROR:
            if request is None:
                self.close()
            raise EngineError(f"{self._name}: {payload.decode(errors='replace')}")
        return payload

    def _launch(self) -> subprocess.Popen[bytes]:
        self.close()
        # Unbuffered: select on the pipe must see all that is unread. stderr holds the libraries' chatter.
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=None if self._environment is None else dict(self._environment),
        )
        return self._process


class _Gone(Exception):
    """The child does not answer."""


def _pipes(process: subprocess.Popen[bytes] | None) -> tuple[IO[bytes], IO[bytes]]:
    if process is None or process.stdin is None or process.stdout is None:
        raise _Gone("its process has no pipes")
    return process.stdin, process.stdout


def _receive(pipe: IO[bytes], timeout_s: float) -> tuple[int, bytes]:
    deadline = time.monotonic() + timeout_s
    head = _read(pipe, 5, deadline, timeout_s)
    return head[0], _read(pipe, int.from_bytes(head[1:], "little"), deadline, timeout_s)


def _read(pipe: IO[bytes], size: int, deadline: float, timeout_s: float) -> bytes:
    data = bytearray()
    while len(data) < size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise _Gone(f"no answer within {timeout_s:g} s; its process was ended")
        part = os.read(pipe.fileno(), size - len(data))
        if not part:
            raise _Gone("the engine crashed on this text")
        data += part
    return bytes(data)
