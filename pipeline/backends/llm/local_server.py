"""Serve a GGUF model on this machine as an OpenAI-compatible endpoint: llama.cpp's own server, from package xllamacpp.

    pip install 'smp3m[llama]'
    python -m pipeline.backends.llm.local_server --model MODEL.gguf --port 8081

It listens on 127.0.0.1 only, takes any key, and forces answers into the JSON schema that is asked for. The system
message of a prompt is kept in each slot's cache, so that only the first row pays for reading it.
"""

import argparse
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError, Smp3mError, UsageError

HOST = "127.0.0.1"

_SILENT = -1


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served."""

    model: Path
    """A GGUF file."""
    port: int = 0
    """0 takes a free one."""
    slots: int = 2
    """Requests that are answered at once; each has a cache of its own."""
    slot_tokens: int = 6144
    """Context of one slot: the longest prompt, its repair turns and the answer."""
    threads: int = 0
    """0 means one per core."""


class LocalServer:
    """A model being served for as long as this object lives."""

    def __init__(self, serving: Serving) -> None:
        """Load the model and listen.

        Raises:
            UsageError: no such file.
            EngineError: xllamacpp is not installed, or cannot load the file or listen there.
        """
        if not serving.model.is_file():
            raise UsageError(f"--model {serving.model}: no such file; `make models` brings one")
        try:
            import xllamacpp
        except ImportError as exc:
            raise EngineError("xllamacpp is not installed: pip install 'smp3m[llama]'") from exc
        params = xllamacpp.CommonParams()
        params.model.path = str(serving.model)
        params.model_alias = {serving.model.stem}
        params.hostnames = [HOST]
        params.port = serving.port
        params.n_parallel = serving.slots
        params.n_ctx = serving.slots * serving.slot_tokens
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = serving.threads or os.cpu_count() or 1
        params.ui = False
        params.verbosity = _SILENT
        try:
            self._server = xllamacpp.Server(params)
        except RuntimeError as exc:
            raise EngineError(f"--model {serving.model}: cannot be served on port {serving.port}: {exc}") from exc
        self.url = f"{self._server.listening_address}/v1"
        """What OPENAI_BASE_URL must be."""


def main() -> int:
    """Serve until interrupted."""
    defaults = Serving(Path())
    options = argparse.ArgumentParser(description="An OpenAI-compatible server of one GGUF model on this machine.")
    options.add_argument("--model", type=Path, required=True, help="GGUF file")
    options.add_argument("--port", type=int, default=8081)
    options.add_argument("--slots", type=int, default=defaults.slots, help="requests answered at once")
    options.add_argument("--threads", type=int, default=defaults.threads, help="0: one per core")
    given = options.parse_args()
    try:
        server = LocalServer(Serving(given.model, given.port, given.slots, threads=given.threads))
        sys.stdout.write(f"OPENAI_BASE_URL={server.url}\n")
        sys.stdout.flush()
        threading.Event().wait()
    except Smp3mError as exc:
        sys.stderr.write(f"{exc}\n")
        return exc.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
