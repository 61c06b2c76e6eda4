"""What a push has to do: the files here beside those there. Pure; it knows no network."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.publish.files import SPLITS
from pipeline.publish.local_files import LocalFile

CARD = "README.md"
_DATA = re.compile(rf"data/({'|'.join(SPLITS)})-[^/]*\.parquet")
"""What the card's patterns match: any such file that is not ours would be read as part of the data set."""


class Change(StrEnum):
    """What becomes of one name in the repository."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"


@dataclass(frozen=True)
class RemoteFile:
    """One file of a revision, as the Hub lists it."""

    name: str
    size: int
    blob_id: str
    sha256: str | None
    """Of files in LFS."""


@dataclass(frozen=True)
class Step:
    """One name and what becomes of it."""

    name: str
    size: int
    change: Change
    file: LocalFile | None
    """What is put there; None when deleted."""


def steps(local: Sequence[LocalFile], remote: Iterable[RemoteFile]) -> list[Step]:
    """What makes a revision that holds `remote` hold the data set: every file of ours, then what is to go.

    Only data files of an earlier push are deleted; whatever else somebody keeps in the repository stays.
    """
    there = {file.name: file for file in remote}
    made = []
    for file in local:
        found = there.get(file.name)
        change = Change.NEW if found is None else Change.SAME if is_same(file, found) else Change.CHANGED
        made.append(Step(file.name, file.size, change, file))
    ours = {file.name for file in local}
    stale = (name for name in sorted(set(there) - ours) if _DATA.fullmatch(name))
    return made + [Step(name, there[name].size, Change.DELETED, None) for name in stale]


def to_do(plan: Iterable[Step]) -> list[Step]:
    """The steps that change something."""
    return [step for step in plan if step.change is not Change.SAME]


def is_same(local: LocalFile, remote: RemoteFile) -> bool:
    """Whether both hold the same bytes."""
    return local.blob_id == remote.blob_id if remote.sha256 is None else local.sha256 == remote.sha256


def to_send(plan: Iterable[Step], *remotes: Iterable[RemoteFile]) -> list[LocalFile]:
    """Files whose content the repository does not hold, under whatever name."""
    held = {remote.sha256 or remote.blob_id for files in remotes for remote in files}
    changing = (step.file for step in to_do(plan) if step.file is not None)
    return [file for file in changing if held.isdisjoint((file.sha256, file.blob_id))]


def batches(files: Iterable[LocalFile], most_files: int, most_bytes: int) -> Iterator[list[LocalFile]]:
    """Cut into groups of at most so many files and bytes; a file that is larger by itself is a group of its own."""
    group: list[LocalFile] = []
    for file in files:
        full = len(group) >= most_files or sum(one.size for one in group) + file.size > most_bytes
        if group and full:
            yield group
            group = []
        group.append(file)
    if group:
        yield group
