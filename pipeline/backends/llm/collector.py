"""A `Chat` that asks nobody: it writes down what would be asked, as lines for a batch, and postpones the answer."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from pipeline.backends.llm.protocol import InBatch, Reply, Request, RequestFailed

ENDPOINT: Final = "/v1/chat/completions"


class Collector:
    """A context manager: the file is there, whole, once it is left."""

    def __init__(self, body: Callable[[Request], dict[str, Any]], path: Path, refusals: Mapping[str, str]) -> None:
        """Collect requests.

        Args:
            body: what is posted for a request.
            path: file to write, one JSON line a request; written only if there are any.
            refusals: key -> why the server has refused that request for good.
        """
        self._body = body
        self._path = path
        self._temp = path.with_suffix(".part")
        self._refusals = refusals
        self._keys: set[str] = set()
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._temp.rename(self._path)

    async def complete(self, request: Request) -> Reply:
        """Note one request; see `Chat`.

        Raises:
            InBatch: always, but for a request that was refused for good.
        """
        if request.key in self._refusals:
            raise RequestFailed(self._refusals[request.key])
        if request.key not in self._keys:
            self._keys.add(request.key)
            self._write({"custom_id": request.key, "method": "POST", "url": ENDPOINT, "body": self._body(request)})
        raise InBatch("waits for its batch")

    def _write(self, line: Mapping[str, object]) -> None:
        if self._file is None:
            self._temp.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temp.open("w", encoding="utf-8")
        # ASCII: some readers end a line at U+2028, which texts hold.
        self._file.write(json.dumps(line) + "\n")
