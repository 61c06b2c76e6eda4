"""A small local Hub: the endpoints that huggingface_hub 2.4 and `datasets` were seen to call, and no others.

Observed from the client against a server that logged every request, for: whoami, create a repository, its settings,
branches, tags, listings, preupload, the LFS protocol (batch, PUT, verify), commits (NDJSON), and downloads (resolve
with ranges, LFS content by redirect to another host as from the Hub's content network). The Xet protocol is not
spoken: clients must run with HF_HUB_DISABLE_XET=1. Everything lies in memory; troubles are handed in:

    with HubServer() as hub: ... HF_ENDPOINT=hub.url, HF_TOKEN=hub.token ...
"""

import asyncio
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.hub_repo import Commit, Entry, Repo, apply, blob_id, content_of, listed

HOST = "127.0.0.1"
CONTENT_HOST = "127.0.0.2"
"""LFS content is served from another host, as on the Hub: the client follows such redirects in another way."""
PAGE = 50
"""Entries of a listing per page (the Hub: 1,000), small so that paging is met."""
LFS_SUFFIXES = (".parquet", ".arrow", ".bin")
"""What the .gitattributes of a new dataset repository keeps in LFS, in short."""
_REPO = r"/api/datasets/{org}/{name}"
_GIT_ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Trouble:
    """One request that is answered badly."""

    method: str
    part: str
    """Part of the path."""
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    """Whether the request is carried out all the same, so that only its answer is lost."""


class HubServer:
    """The server in a thread; a context manager."""

    def __init__(self, *, readonly: bool = False) -> None:
        self.token = "hf_test-token-of-nobody"
        self.port = 0
        self.repos: dict[str, Repo] = {}
        self.log: list[tuple[str, str]] = []
        """Method and path of every request."""
        self.puts: Counter[str] = Counter()
        """Content that arrived whole by PUT, by sha256: how often."""
        self.troubles: list[Trouble] = []
        """Each befalls the next request that fits it, then is gone."""
        self.hold_after: int | None = None
        """Once so many PUTs have arrived, the next ones are left without an answer."""
        self.held = threading.Event()
        self._readonly = readonly
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub-server", daemon=True)

    @property
    def url(self) -> str:
        """What HF_ENDPOINT must be."""
        return f"http://{HOST}:{self.port}"

    def files(self, repo: str, revision: str = "main") -> dict[str, bytes]:
        """Content of every file of a revision."""
        found = self.repos[repo]
        commit = found.at(revision)
        assert commit is not None, f"{repo} has no {revision}"
        return {path: content_of(found, entry) for path, entry in commit.files.items()}

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        app = web.Application(middlewares=[self._every], client_max_size=1 << 30)
        app.add_routes(list(self._routes()))
        # A request that is held must not hold up the end of a test.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.port = runner.addresses[0][1]
        await web.TCPSite(runner, CONTENT_HOST, self.port).start()
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    def _routes(self) -> Iterator[web.RouteDef]:
        yield web.get("/api/whoami-v2", self._whoami)
        yield web.post("/api/validate-yaml", self._validate)
        yield web.post("/api/repos/create", self._create)
        yield web.get(_REPO, self._info)
        yield web.get(_REPO + "/revision/{rev}", self._info)
        yield web.put(_REPO + "/settings", self._settings)
        yield web.get(_REPO + "/refs", self._refs)
        yield web.post(_REPO + "/branch/{branch}", self._branch)
        yield web.delete(_REPO + "/branch/{branch}", self._unbranch)
        yield web.post(_REPO + "/tag/{rev}", self._tag)
        yield web.get(_REPO + "/tree/{rev}", self._tree)
        yield web.get(_REPO + "/tree/{rev}/{path:.*}", self._tree)
        yield web.post(_REPO + "/paths-info/{rev}", self._paths_info)
        yield web.post(_REPO + "/preupload/{rev}", self._preupload)
        yield web.post(_REPO + "/commit/{rev}", self._commit)
        yield web.post("/datasets/{org}/{name}.git/info/lfs/objects/batch", self._batch)
        yield web.put("/lfs/{org}/{name}/{sha}", self._put)
        yield web.post("/lfs/{org}/{name}/{sha}/verify", self._verify)
        yield web.get("/lfs/{org}/{name}/{sha}", self._content)
        yield web.get("/datasets/{org}/{name}/resolve/{rev}/{path:.*}", self._resolve)

    @web.middleware
    async def _every(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Log a request, let a trouble befall it, refuse a wrong token."""
        self.log.append((request.method, request.path))
        # The Hub hands out signed addresses for LFS content: those alone need no token.
        if not request.path.startswith("/lfs/"):
            given = request.headers.get("Authorization")
            if given is not None and given != f"Bearer {self.token}":
                return _refusal(401, "Invalid credentials in Authorization header")
            writes = request.method not in ("GET", "HEAD")
            if writes and (given is None or (self._readonly and "/validate-yaml" not in request.path)):
                return _refusal(403 if given else 401, "You don't have the rights to do this")
        for trouble in self.troubles:
            if trouble.method == request.method and trouble.part in request.path:
                self.troubles.remove(trouble)
                if trouble.done:
                    await handler(request)
                return web.json_response({"error": "trouble"}, status=trouble.status, headers=trouble.headers)
        return await handler(request)

    async def _whoami(self, request: web.Request) -> web.Response:
        if "Authorization" not in request.headers:
            return _refusal(401, "Invalid username or password.")
        return web.json_response({"type": "user", "name": "nobody", "auth": {"type": "access_token"}})

    async def _validate(self, _request: web.Request) -> web.Response:
        return web.json_response({"errors": [], "warnings": []})

    async def _create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        assert asked["type"] == "dataset"
        name = f"{asked['organization']}/{asked['name']}"
        url = f"{self.url}/datasets/{name}"
        if name in self.repos:
            return web.json_response({"error": "You already created this dataset repo", "url": url}, status=409)
        repo = self.repos[name] = Repo(private=asked.get("visibility") == "private")
        first = {".gitattributes": Entry(len(_GIT_ATTRIBUTES), blob_id(_GIT_ATTRIBUTES), _GIT_ATTRIBUTES)}
        repo.commit("main", "initial commit", first)
        return web.json_response({"url": url, "id": name, "name": name})

    def _repo(self, request: web.Request) -> Repo:
        name = f"{request.match_info['org']}/{request.match_info['name']}"
        repo = self.repos.get(name)
        # As on the Hub, a private repository does not exist for those who may not see it.
        if repo is None or (repo.private and "Authorization" not in request.headers):
            raise _NotFound("RepoNotFound", "Repository not found")
        return repo

    def _at(self, request: web.Request) -> tuple[Repo, Commit]:
        repo = self._repo(request)
        commit = repo.at(request.match_info.get("rev", "main"))
        if commit is None:
            raise _NotFound("RevisionNotFound", f"Invalid rev id: {request.match_info['rev']}")
        return repo, commit

    async def _info(self, request: web.Request) -> web.Response:
        repo, commit = self._at(request)
        name = f"{request.match_info['org']}/{request.match_info['name']}"
        siblings = [{"rfilename": path} for path in sorted(commit.files)]
        plain = {
            "id": name,
            "sha": commit.oid,
            "private": repo.private,
            "siblings": siblings,
            "tags": [],
            "downloads": 0,
        }
        return web.json_response({**plain, "likes": 0, "disabled": False, "gated": False})

    async def _settings(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self._repo(request).private = asked["visibility"] == "private" if "visibility" in asked else asked["private"]
        return web.json_response({})

    async def _refs(self, request: web.Request) -> web.Response:
        repo = self._repo(request)

        def named(kind: str, refs: dict[str, str]) -> list[dict[str, str]]:
            return [{"name": n, "ref": f"refs/{kind}/{n}", "targetCommit": oid} for n, oid in sorted(refs.items())]

        return web.json_response(
            {"branches": named("heads", repo.branches), "tags": named("tags", repo.tags), "converts": []}
        )

    async def _branch(self, request: web.Request) -> web.Response:
        repo, asked = self._repo(request), await request.json()
        branch = request.match_info["branch"]
        if branch in repo.branches:
            return web.json_response({"error": "Reference already exists"}, status=409)
        start = repo.at(asked.get("startingPoint", "main"))
        if start is None:
            raise _NotFound("RevisionNotFound", "Invalid rev id")
        repo.branches[branch] = start.oid
        return web.json_response({})

    async def _unbranch(self, request: web.Request) -> web.Response:
        if self._repo(request).branches.pop(request.match_info["branch"], None) is None:
            raise _NotFound("RevisionNotFound", "Invalid rev id")
        return web.json_response({})

    async def _tag(self, request: web.Request) -> web.Response:
        repo, commit = self._at(request)
        name = (await request.json())["tag"]
        if name in repo.tags:
            return web.json_response({"error": "Tag reference exists already"}, status=409)
        repo.tags[name] = commit.oid
        return web.json_response({})

    async def _tree(self, request: web.Request) -> web.Response:
        _, commit = self._at(request)
        folder = request.match_info.get("path", "").strip("/")
        prefix = f"{folder}/" if folder else ""
        inside = [path for path in sorted(commit.files) if path.startswith(prefix)]
        if folder and not inside:
            raise _NotFound("EntryNotFound", f"{folder} does not exist")
        rows = listed(commit, inside, prefix, recursive=request.query.get("recursive", "").lower() in ("true", "1"))
        start = int(request.query.get("cursor", "0"))
        headers = {}
        if start + PAGE < len(rows):
            following = request.url.update_query(cursor=str(start + PAGE))
            headers["Link"] = f'<{following}>; rel="next"'
        return web.json_response(rows[start : start + PAGE], headers=headers)

    async def _paths_info(self, request: web.Request) -> web.Response:
        _, commit = self._at(request)
        if request.content_type == "application/json":
            paths = (await request.json())["paths"]
        else:
            paths = (await request.post()).getall("paths", [])
        rows = []
        for path in paths:
            if path in commit.files:
                rows.append(commit.files[path].listed(path))
            elif any(known.startswith(f"{path}/") for known in commit.files):
                rows.append({"type": "directory", "path": path, "oid": blob_id(path.encode()), "size": 0})
        return web.json_response(rows)

    async def _preupload(self, request: web.Request) -> web.Response:
        _, commit = self._at(request)
        answers = []
        for file in (await request.json())["files"]:
            there = commit.files.get(file["path"])
            mode = "lfs" if file["path"].endswith(LFS_SUFFIXES) else "regular"
            answer = {"path": file["path"], "uploadMode": mode, "shouldIgnore": False}
            if there is not None:
                answer["oid"] = there.sha256 or there.oid
            answers.append(answer)
        return web.json_response({"files": answers})

    async def _batch(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        asked = await request.json()
        assert asked["operation"] == "upload"
        objects = []
        for one in asked["objects"]:
            answer: dict[str, Any] = {"oid": one["oid"], "size": one["size"]}
            if one["oid"] not in repo.lfs:
                href = f"{self.url}/lfs/{request.match_info['org']}/{request.match_info['name']}/{one['oid']}"
                answer["actions"] = {"upload": {"href": href}, "verify": {"href": f"{href}/verify"}}
            objects.append(answer)
        return web.json_response({"transfer": "basic", "objects": objects})

    async def _put(self, request: web.Request) -> web.Response:
        data = await request.read()
        sha = request.match_info["sha"]
        if hashlib.sha256(data).hexdigest() != sha:
            return web.json_response({"error": "content does not match its oid"}, status=400)
        if self.hold_after is not None and self.puts.total() >= self.hold_after:
            self.held.set()
            await asyncio.Event().wait()
        self.puts[sha] += 1
        self._repo_of(request).lfs[sha] = data
        return web.Response()

    def _repo_of(self, request: web.Request) -> Repo:
        return self.repos[f"{request.match_info['org']}/{request.match_info['name']}"]

    async def _verify(self, request: web.Request) -> web.Response:
        asked = await request.json()
        there = self._repo_of(request).lfs.get(asked["oid"])
        right = there is not None and len(there) == asked["size"]
        return web.json_response({}, status=200 if right else 404)

    async def _commit(self, request: web.Request) -> web.Response:
        repo = self._repo(request)
        branch = request.match_info["rev"]
        if branch not in repo.branches:
            raise _NotFound("RevisionNotFound", f"Invalid rev id: {branch}")
        assert request.content_type == "application/x-ndjson"
        header, *operations = [json.loads(line) for line in (await request.text()).splitlines()]
        assert header["key"] == "header"
        parent = header["value"].get("parentCommit")
        if parent is not None and parent != repo.branches[branch]:
            return web.json_response(
                {"error": "A commit has happened since. Please refresh and try again."}, status=412
            )
        files = dict(repo.commits[repo.branches[branch]].files)
        try:
            for operation in operations:
                apply(repo, files, operation["key"], operation["value"])
        except KeyError:
            raise _NotFound("EntryNotFound", "A file with this name doesn't exist") from None
        except ValueError as exc:
            return _refusal(400, str(exc))
        made = repo.commit(branch, header["value"]["summary"], files)
        name = f"{request.match_info['org']}/{request.match_info['name']}"
        return web.json_response(
            {"success": True, "commitOid": made.oid, "commitUrl": f"{self.url}/datasets/{name}/commit/{made.oid}"}
        )

    async def _resolve(self, request: web.Request) -> web.StreamResponse:
        repo, commit = self._at(request)
        entry = commit.files.get(request.match_info["path"])
        if entry is None:
            raise _NotFound("EntryNotFound", "Entry not found")
        headers = {"X-Repo-Commit": commit.oid, "ETag": f'"{entry.sha256 or entry.oid}"'}
        if entry.sha256 is None:
            return _ranged(request, content_of(repo, entry), headers)
        linked = {"X-Linked-Size": str(entry.size), "X-Linked-Etag": f'"{entry.sha256}"'}
        org, name = request.match_info["org"], request.match_info["name"]
        place = f"http://{CONTENT_HOST}:{self.port}/lfs/{org}/{name}/{entry.sha256}"
        return web.Response(status=302, headers={**headers, **linked, "Location": place})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        sha = request.match_info["sha"]
        return _ranged(request, self._repo_of(request).lfs[sha], {"ETag": f'"{sha}"'})


class _NotFound(web.HTTPNotFound):
    """What the client tells apart by header."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(
            text=json.dumps({"error": message}),
            content_type="application/json",
            headers={"X-Error-Code": code, "X-Error-Message": message},
        )


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status, headers={"X-Error-Message": message})


def _ranged(request: web.Request, data: bytes, headers: dict[str, str]) -> web.Response:
    headers = {**headers, "Accept-Ranges": "bytes"}
    wanted = request.http_range
    if wanted.start is None and wanted.stop is None:
        return web.Response(body=data, headers=headers)
    start, stop, _ = wanted.indices(len(data))
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return web.Response(status=206, body=data[start:stop], headers=headers)
