"""`smp3m push DIR org/name`: put DIR/dataset on the Hub, byte for byte, in one step for its readers.

How it goes, and why so (limits as the Hub documents them in "Repository limitations and recommendations", or as its
client's source says):

1. Nothing is sent before everything has been looked at: the build is whole, licences allow it, the token may write, the
   repository's columns are ours. Digests are computed once (`local_files`).
2. Content that the repository does not hold is sent in batches, each committed to a side branch. Commits should stay
   below 100 files, since the Hub looks at each within one request; and content that is sent but in no commit may be
   swept away after 20 hours (the client counts so), while a full data set of 500 GB can take longer. A push that was
   killed goes on with what is in no commit; of that, the Hub is asked again, and says which content it has.
3. One commit then puts all of it under its final names on the branch that people read, deletes the data files of an
   earlier push with other names, and brings the new card. It moves no content (copies from the side branch are pointers
   within the repository), so that it may hold more files: the endpoint takes 25,000 pointers, a folder 10,000. Readers
   see the old data set or the new one, never both. Only a commit on top of what was listed is taken, so that two
   pushes at once cannot mix. Then the side branch goes.

An attempt whose answer was lost is not repeated blindly: what is left to do is found anew each time. Through the Xet
protocol, which the client uses where hf_xet is installed, the same calls are made; the tests exercise the LFS protocol.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from pipeline.config import PushConfig
from pipeline.errors import RunError, UsageError
from pipeline.publish.hub import MAIN, Hub, Listing, Operation, Refs, addition
from pipeline.publish.local_files import JOURNAL, LocalFile, digested
from pipeline.publish.push_checks import DataSet, check
from pipeline.publish.push_plan import CARD, Change, RemoteFile, Step, batches, steps, to_do, to_send
from pipeline.publish.remote_card import columns_of, difference
from pipeline.store.parts import Store

SIDE = "smp3m-push"
"""Prefix of the branch where batches wait; readers have no reason to look at it."""
_NO_DATA = (".gitattributes", "LICENSE")
_REF = re.compile(
    r"(?![-./]|refs/|HEAD$|@$|[0-9a-f]{40}$)(?!.*(?:\.\.|//|/\.|@\{|\.lock(?:/|$)|[./]$))[^\x00-\x20\x7f~^:?*\[\\]+"
)
"""A name that git takes for a branch or a tag (git-check-ref-format), and that nobody mistakes for a commit."""


@dataclass(frozen=True)
class Aim:
    """Where a data set goes, and on what terms."""

    repo: str
    revision: str = MAIN
    """Branch; made from `main` if it is not there."""
    tag: str | None = None
    private: bool | None = None
    """None leaves it as it is, or a new repository to the Hub's own default."""
    allowed_licences: tuple[str, ...] = ()
    replace: bool = False
    """Whether a data set of other columns may be replaced."""
    dry_run: bool = False


@dataclass(frozen=True)
class _There:
    """The repository as it was found."""

    private: bool | None
    """None: there is none."""
    refs: Refs
    target: Listing
    side: Listing


def push(directory: Path, aim: Aim, config: PushConfig, console: Console) -> None:
    """Publish what a build has made, or go on where a push was interrupted.

    Raises:
        UsageError: no build here, a licence in the way, a repository's, branch's or tag's name that is none.
        RunError: the build is unfinished, empty or at work; the Hub cannot be reached, refuses, or holds other columns.
    """
    _require_names(aim)
    store = Store(directory)
    with store.shared():
        data = check(directory, aim.allowed_licences)
        hub = Hub(
            aim.repo, config.retries, lambda line: console.print(line, style="dim", highlight=False, markup=False)
        )
        owner = hub.sign_in()
        there = _look(hub, aim)
        _require_same_columns(data, hub, aim, there)
        with _progress(console) as progress:
            task = progress.add_task("reading", total=sum(path.stat().st_size for path in data.files))
            local = digested(data.folder, data.files, directory / JOURNAL, lambda n: progress.advance(task, n))
        plan = steps(local, there.target.files)
        _require_free_tag(aim, there, plan)
        if aim.dry_run:
            _show(plan, to_send(plan, there.target.files, there.side.files), aim, there, console)
            return
        console.print(f"pushing to {hub.url} as {owner}", highlight=False, markup=False, soft_wrap=True)
        _publish(local, hub, aim, there, config, console)


def _require_names(aim: Aim) -> None:
    """Raises UsageError for a branch or tag that the Hub would refuse when all has been sent."""
    for flag, name in (("--revision", aim.revision), ("--tag", aim.tag)):
        if name is not None and not _REF.fullmatch(name):
            raise UsageError(f"{flag} {name}: no name that git takes; use letters, digits, '.', '-', '_'")


def _look(hub: Hub, aim: Aim) -> _There:
    nothing = Listing("", ())
    private = hub.private()
    if private is None:
        return _There(None, Refs({}, {}), nothing, nothing)
    refs = hub.refs()
    if aim.revision not in refs.branches and aim.revision in refs.tags:
        raise UsageError(f"--revision {aim.revision}: a tag, which stays where it is; name a branch")
    target = hub.listing(aim.revision if aim.revision in refs.branches else MAIN)
    side = hub.listing(_side(aim)) if _side(aim) in refs.branches else nothing
    return _There(private, refs, target, side)


def _side(aim: Aim) -> str:
    return f"{SIDE}-{aim.revision.replace('/', '-')}"


def _require_same_columns(data: DataSet, hub: Hub, aim: Aim, there: _There) -> None:
    """Raises RunError unless what lies there may be replaced."""
    names = {file.name for file in there.target.files}
    if aim.replace or all(name == CARD or name.startswith(_NO_DATA) for name in names):
        return
    card = hub.card(there.target.commit) if CARD in names else None
    found = difference(columns_of(data.card), columns_of(card or ""))
    if found is not None:
        raise RunError(
            f"{aim.repo}: holds another data set ({found}); "
            "push to another repository or --revision, or pass --replace to put this one in its place"
        )


def _require_free_tag(aim: Aim, there: _There, plan: Sequence[Step]) -> None:
    """Raises RunError where the tag is on another commit than the push will end at."""
    at = there.refs.tags.get(aim.tag or "")
    if at is not None and (to_do(plan) or at != there.target.commit):
        raise RunError(f"--tag {aim.tag}: names commit {at[:12]} of {aim.repo} already; give another")


def _publish(
    local: Sequence[LocalFile], hub: Hub, aim: Aim, there: _There, config: PushConfig, console: Console
) -> None:
    if there.private is None:
        hub.create(private=aim.private)
    elif aim.private is not None and aim.private != there.private:
        hub.set_private(private=aim.private)
    if aim.revision not in there.refs.branches and aim.revision != MAIN:
        hub.branch(aim.revision, hub.listing(MAIN).commit)
    target = hub.listing(aim.revision)
    sent = _send(local, hub, aim, target, there.side, config, console)
    side = hub.listing(_side(aim)) if sent or there.side.commit else Listing("", ())
    message = f"Publish {len(local) - 1} data files"
    commit = hub.commit(aim.revision, message, lambda head: _final(steps(local, head.files), head, side, _side(aim)))
    if side.commit:
        hub.drop_branch(_side(aim))
    if aim.tag is not None:
        hub.tag(aim.tag, commit)
    done = sum(file.size for file in sent)
    console.print(
        f"{hub.url} holds the data set at {aim.revision} ({commit[:12]}): {len(local)} files, "
        f"{len(sent)} of them sent now ({decimal(done)})",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _send(
    local: Sequence[LocalFile],
    hub: Hub,
    aim: Aim,
    target: Listing,
    side: Listing,
    config: PushConfig,
    console: Console,
) -> list[LocalFile]:
    """Bring all content that the repository lacks into commits on the side branch; the card goes with the last."""
    missing = [file for file in to_send(steps(local, target.files), target.files, side.files) if file.name != CARD]
    if not missing:
        return []
    hub.branch(_side(aim), target.commit)
    with _progress(console) as progress:
        total = sum(file.size for file in local if file.name != CARD)
        task = progress.add_task("sending", total=total, completed=total - sum(file.size for file in missing))
        groups = list(batches(missing, config.batch_files, config.batch_bytes))
        for number, batch in enumerate(groups, start=1):
            operations: dict[str, CommitOperationAdd] = {}
            for files in batches(batch, config.parallel, config.batch_bytes):
                operations |= {operation.path_in_repo: operation for operation in hub.send(files, _side(aim))}
                progress.advance(task, sum(file.size for file in files))
            hub.commit(_side(aim), f"Batch {number} of {len(groups)}", partial(_staged, batch, operations))
    return missing


def _staged(batch: Sequence[LocalFile], operations: Mapping[str, CommitOperationAdd], head: Listing) -> list[Operation]:
    """What brings a batch to the side branch; nothing there is deleted, for it may be another push's."""
    return [operations[step.name] for step in to_do(steps(batch, head.files)) if step.file is not None]


def _final(plan: Sequence[Step], head: Listing, side: Listing, side_branch: str) -> list[Operation]:
    """What makes the branch hold the data set: pointers to content that is there, the card, deletions."""
    places: dict[str, tuple[str, str | None]] = {_content(file): (file.name, side_branch) for file in side.files}
    places |= {_content(file): (file.name, None) for file in head.files}
    operations: list[Operation] = []
    for step in to_do(plan):
        if step.file is None:
            operations.append(CommitOperationDelete(step.name))
            continue
        place = places.get(step.file.sha256)
        if place is None:
            operations.append(addition(step.file))
        else:
            operations.append(CommitOperationCopy(place[0], step.name, src_revision=place[1]))
    return operations


def _content(file: RemoteFile) -> str:
    return file.sha256 or file.blob_id


def _show(plan: Sequence[Step], sending: Sequence[LocalFile], aim: Aim, there: _There, console: Console) -> None:
    """Print what a push would do."""
    what = "to be created" if there.private is None else "private" if there.private else "public"
    title = Text(f"{aim.repo} at {aim.revision} ({what}); nothing was sent")
    table = Table("file", "bytes", "is", "to send", title=title)
    names = {file.name for file in sending}
    for step in plan:
        # A repository's names are anybody's: brackets in them are no markup.
        table.add_row(Text(step.name), f"{step.size:,}", step.change, f"{step.size:,}" if step.name in names else "")
    counts = {change: sum(step.change is change for step in plan) for change in Change}
    table.add_section()
    table.add_row(
        ", ".join(f"{n} {change}" for change, n in counts.items() if n),
        f"{sum(step.size for step in plan if step.file is not None):,}",
        "",
        f"{sum(file.size for file in sending):,}",
    )
    console.print(table)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)
