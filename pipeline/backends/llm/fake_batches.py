"""The batch endpoints of the fake server: files up and down, batches that take a while and end as a test wants them to.

Line by line it answers as the server does for single requests, and befalls them with the same troubles.
"""

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

Answer = Callable[[dict[str, Any], int], tuple[int, dict[str, Any]]]
"""Maps the body of a request and its number to the status and body of its response."""


@dataclass(frozen=True, slots=True)
class BatchBehaviour:
    """How batches go."""

    lasts_s: float = 0.0
    """How long each takes."""
    endings: tuple[str, ...] = ()
    """How the first batches end, in order: completed, expired, cancelled (half answered), failed, too_large."""
    most_requests: int | None = None
    """Batches with more fail for being too large."""


@dataclass
class _Batch:
    number: int
    file_id: str
    metadata: dict[str, str]
    began: float
    output_id: str | None = None
    error_id: str | None = None
    ended: bool = False


@dataclass
class FakeBatches:
    """Files and batches, in memory."""

    behaviour: BatchBehaviour
    answer: Answer
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Id -> name and text."""
    batches: dict[str, _Batch] = field(default_factory=dict)
    answered: int = 0
    """Requests of batches that were answered."""

    def add_routes(self, app: web.Application) -> None:
        """Serve the endpoints."""
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files", self._list_files)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._retrieve)

    async def _upload(self, request: web.Request) -> web.Response:
        name, text = "", ""
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                name, text = part.filename or "", (await part.read()).decode()
        file_id = self._keep(name, text)
        return web.json_response(self._file(file_id))

    async def _list_files(self, _request: web.Request) -> web.Response:
        data = [self._file(file_id) for file_id in self.files]
        return web.json_response({"object": "list", "data": data, "has_more": False})

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(text=self.files[request.match_info["id"]][1], content_type="application/jsonl")

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        number = len(self.batches)
        batch_id = f"batch_{number}"
        self.batches[batch_id] = _Batch(number, body["input_file_id"], body.get("metadata") or {}, time.monotonic())
        return web.json_response(self._shown(batch_id))

    async def _list(self, _request: web.Request) -> web.Response:
        data = [self._shown(batch_id) for batch_id in self.batches]
        return web.json_response({"object": "list", "data": data, "has_more": False})

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch_id = request.match_info["id"]
        if batch_id not in self.batches:
            error = {"message": f"No such Batch object: {batch_id}", "type": "invalid_request", "code": None}
            return web.json_response({"error": error}, status=404)
        return web.json_response(self._shown(batch_id))

    def _shown(self, batch_id: str) -> dict[str, Any]:
        batch = self.batches[batch_id]
        lines = self.files[batch.file_id][1].removesuffix("\n").split("\n")
        status = self._ending(batch, len(lines)) if self._is_over(batch) else "in_progress"
        too_large = status == "too_large"
        status = "failed" if too_large else status
        if status in ("completed", "expired", "cancelled") and not batch.ended:
            self._work(batch, lines, whole=status == "completed")
        batch.ended = status != "in_progress"
        code = "token_limit_exceeded" if too_large else "invalid_request"
        failed = {"object": "list", "data": [{"code": code, "message": "The batch is not taken"}]}
        return {
            "id": batch_id,
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "created_at": 0,
            "input_file_id": batch.file_id,
            "output_file_id": batch.output_id,
            "error_file_id": batch.error_id,
            "status": status,
            "metadata": batch.metadata,
            "errors": failed if status == "failed" else None,
            "request_counts": {"total": len(lines), "completed": len(lines) if batch.ended else 0, "failed": 0},
        }

    def _is_over(self, batch: _Batch) -> bool:
        return time.monotonic() - batch.began >= self.behaviour.lasts_s

    def _ending(self, batch: _Batch, n_lines: int) -> str:
        most = self.behaviour.most_requests
        if most is not None and n_lines > most:
            return "too_large"
        endings = self.behaviour.endings
        return endings[batch.number] if batch.number < len(endings) else "completed"

    def _work(self, batch: _Batch, lines: list[str], *, whole: bool) -> None:
        answers: list[object] = []
        errors: list[object] = []
        for number, text in enumerate(lines):
            line = json.loads(text)
            if not whole and number >= len(lines) // 2:
                error = {"code": "batch_expired", "message": "This request could not be executed in time."}
                errors.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            status, body = self.answer(line["body"], self.answered)
            self.answered += 1
            response = {"status_code": status, "request_id": f"req_{number}", "body": body}
            (answers if status == 200 else errors).append(
                {"custom_id": line["custom_id"], "response": response, "error": None}
            )
        # As the real one does: in no particular order.
        batch.output_id = self._keep("output.jsonl", _lines(reversed(answers))) if answers else None
        batch.error_id = self._keep("errors.jsonl", _lines(errors)) if errors else None

    def _keep(self, name: str, text: str) -> str:
        file_id = f"file-{len(self.files)}"
        self.files[file_id] = (name, text)
        return file_id

    def _file(self, file_id: str) -> dict[str, Any]:
        name, text = self.files[file_id]
        return {
            "id": file_id,
            "object": "file",
            "bytes": len(text.encode()),
            "created_at": 0,
            "filename": name,
            "purpose": "batch",
            "status": "processed",
        }


def _lines(values: Iterable[object]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)
