"""A dataset repository in memory, for the Hub of the tests: commits, branches, tags, LFS content. It knows no HTTP."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One file of a revision."""

    size: int
    oid: str
    """Git blob id: of the content, or of the LFS pointer."""
    data: bytes | None = None
    sha256: str | None = None
    """Content address in LFS."""

    def listed(self, path: str) -> dict[str, Any]:
        """As the tree and paths-info endpoints say it."""
        plain: dict[str, Any] = {"type": "file", "path": path, "oid": self.oid, "size": self.size}
        if self.sha256 is not None:
            plain["lfs"] = {"oid": self.sha256, "size": self.size, "pointerSize": 134}
        return plain


@dataclass(frozen=True)
class Commit:
    """A revision: all its files."""

    oid: str
    message: str
    files: dict[str, Entry]


@dataclass
class Repo:
    """One dataset repository."""

    private: bool = False
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    """Content by sha256, committed or not."""

    def at(self, revision: str) -> Commit | None:
        """The commit of a branch, tag or oid."""
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        return self.commits.get(oid)

    def commit(self, branch: str, message: str, files: dict[str, Entry]) -> Commit:
        """Add a commit to a branch."""
        text = json.dumps([self.branches.get(branch), message, sorted((p, e.oid) for p, e in files.items())])
        made = Commit(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest(), message, files)
        self.commits[made.oid] = made
        self.branches[branch] = made.oid
        return made


def blob_id(data: bytes) -> str:
    """Git's name for a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def content_of(repo: Repo, entry: Entry) -> bytes:
    if entry.sha256 is not None:
        return repo.lfs[entry.sha256]
    assert entry.data is not None
    return entry.data


def listed(commit: Commit, inside: list[str], prefix: str, *, recursive: bool) -> list[dict[str, Any]]:
    folders: set[str] = set()
    rows = []
    for path in inside:
        parts = path.removeprefix(prefix).split("/")
        depth = len(parts) if recursive else 2
        folders.update(prefix + "/".join(parts[:n]) for n in range(1, min(depth, len(parts))))
        if recursive or len(parts) == 1:
            rows.append(commit.files[path].listed(path))
    rows += [{"type": "directory", "path": path, "oid": blob_id(path.encode()), "size": 0} for path in folders]
    return sorted(rows, key=lambda row: str(row["path"]))


def apply(repo: Repo, files: dict[str, Entry], key: str, value: dict[str, Any]) -> None:
    """Carry out one operation of a commit.

    Raises:
        KeyError: a file to be deleted is not there.
        ValueError: content was never uploaded, or the operation is unknown.
    """
    path = value["path"]
    if key == "file":
        data = base64.b64decode(value["content"])
        files[path] = Entry(len(data), blob_id(data), data)
    elif key == "lfsFile":
        # The Hub checks that each object has been uploaded.
        if value["oid"] not in repo.lfs:
            raise ValueError(f"LFS pointer {path} pointed to no file")
        size = len(repo.lfs[value["oid"]])
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{value['oid']}\nsize {size}\n"
        files[path] = Entry(size, blob_id(pointer.encode()), None, value["oid"])
    elif key == "deletedFile":
        del files[path]
    else:
        raise ValueError(f"unknown operation {key}")
