"""One dataset repository on the Hub through huggingface_hub: every call retried, every failure one line of ours.

It knows no data set: it lists, sends, commits, branches and tags what it is told to. Where the Hub is and how it is
reached are the client's settings (HF_ENDPOINT, HF_TOKEN, HF_HUB_DISABLE_XET, ...).
"""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

import httpx2
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    constants,
    get_session,
    get_token,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import (
    build_hf_headers,
    disable_progress_bars,
    hf_raise_for_status,
    validate_repo_id,
)
from huggingface_hub.utils import (
    logging as hub_logging,
)
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from pipeline.backends.llm.failures import retry_after_s
from pipeline.errors import RunError, UsageError
from pipeline.publish.local_files import LocalFile
from pipeline.publish.push_plan import CARD, RemoteFile

MAIN = "main"
_DATASET = "dataset"
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT_S = 60.0
_CLIENTS = (HfHubHTTPError, httpx2.HTTPError, ConnectionError, TimeoutError)
"""What the client raises for the network and the Hub; the last two are what its Xet part raises."""
_T = TypeVar("_T")
_BACKOFF = wait_exponential_jitter(initial=1, max=_LONGEST_WAIT_S)

Operation = CommitOperationAdd | CommitOperationCopy | CommitOperationDelete


class Refs(NamedTuple):
    """Branches and tags by name, with the commits that they are at."""

    branches: dict[str, str]
    tags: dict[str, str]


class Listing(NamedTuple):
    """The files of one commit."""

    commit: str
    files: tuple[RemoteFile, ...]


class Hub:
    """A repository, there or not yet."""

    def __init__(self, repo: str, retries: int, say: Callable[[str], None]) -> None:
        """Take the token from its usual places (HF_TOKEN, `hf auth login`).

        Args:
            repo: organisation or user, slash, name.
            retries: attempts after the first of each call.
            say: is told why and how long a call waits.

        Raises:
            UsageError: not a repository's name.
            RunError: there is no token.
        """
        try:
            validate_repo_id(repo)
        except HFValidationError as exc:
            raise UsageError(f"{repo}: not a repository's name ({exc}); give org/name") from None
        if repo.count("/") != 1:
            raise UsageError(f"{repo}: not a repository's name; give org/name")
        token = get_token()
        if token is None:
            raise RunError("no token for the Hub: set HF_TOKEN, or log in with `hf auth login`")
        disable_progress_bars()
        hub_logging.set_verbosity(logging.ERROR)  # its warnings say what our own lines say
        self.repo = repo
        self._retries, self._say = retries, say
        self._api = HfApi(token=token, library_name="smp3m")

    @property
    def url(self) -> str:
        """Where people look at it."""
        return f"{self._api.endpoint}/datasets/{self.repo}"

    def sign_in(self) -> str:
        """Say who the token belongs to; the first call, so that a wrong address or token is known at once.

        Raises:
            RunError: the Hub cannot be reached, or does not know the token.
        """
        with self._explained("sign in"):
            return str(self._api.whoami()["name"])

    def private(self) -> bool | None:
        """Whether the repository is private; None when it is not there."""
        try:
            info = self._call("look at the repository", lambda: self._api.repo_info(self.repo, repo_type=_DATASET))
        except _Missing:
            return None
        return bool(info.private)

    def create(self, *, private: bool | None) -> None:
        """Make the repository; None leaves to the Hub who sees it."""
        self._call(
            "create the repository",
            lambda: self._api.create_repo(self.repo, repo_type=_DATASET, private=private, exist_ok=True),
        )

    def set_private(self, *, private: bool) -> None:
        """Change who sees it."""
        self._call(
            "change who sees the repository",
            lambda: self._api.update_repo_settings(self.repo, repo_type=_DATASET, private=private),
        )

    def refs(self) -> Refs:
        """Branches and tags."""
        found = self._call("list branches", lambda: self._api.list_repo_refs(self.repo, repo_type=_DATASET))
        return Refs(
            {ref.name: ref.target_commit for ref in found.branches}, {ref.name: ref.target_commit for ref in found.tags}
        )

    def listing(self, branch: str) -> Listing:
        """Every file at the head of a branch."""

        def ask() -> Listing:
            info = self._api.repo_info(self.repo, repo_type=_DATASET, revision=branch)
            tree = self._api.list_repo_tree(self.repo, repo_type=_DATASET, revision=info.sha, recursive=True)
            files = tuple(
                RemoteFile(one.path, one.size, one.blob_id, one.lfs.sha256 if one.lfs else None)
                for one in tree
                if isinstance(one, RepoFile)
            )
            return Listing(str(info.sha), files)

        return self._call(f"list {branch}", ask)

    def card(self, commit: str) -> str | None:
        """Text of the card at a commit, None where there is none."""
        url = f"{self.url}/resolve/{commit}/{CARD}"

        def ask() -> str:
            response = get_session().get(url, headers=build_hf_headers(token=self._api.token))
            hf_raise_for_status(response)
            return str(response.text)

        try:
            return self._call("read the card", ask)
        except _Missing:
            return None

    def branch(self, name: str, start: str) -> None:
        """Make a branch at a commit; one that is there is left as it is."""
        self._call(
            f"make branch {name}",
            lambda: self._api.create_branch(self.repo, repo_type=_DATASET, branch=name, revision=start, exist_ok=True),
        )

    def drop_branch(self, name: str) -> None:
        """Delete a branch; one that is gone is no matter."""
        with contextlib.suppress(_Missing):
            self._call(
                f"delete branch {name}",
                lambda: self._api.delete_branch(self.repo, repo_type=_DATASET, branch=name),
            )

    def tag(self, name: str, commit: str) -> None:
        """Name a commit; a tag that was put there before (by an attempt whose answer was lost) is no matter."""
        self._call(
            f"tag {name}",
            lambda: self._api.create_tag(self.repo, repo_type=_DATASET, tag=name, revision=commit, exist_ok=True),
        )

    def send(self, files: Sequence[LocalFile], branch: str) -> list[CommitOperationAdd]:
        """Send the content of files, all at the same time; what is known there is not sent.

        Returns:
            The operations that commit them; made anew, the Xet protocol would read the files again.
        """

        def ask() -> list[CommitOperationAdd]:
            operations = [addition(file) for file in files]
            self._api.preupload_lfs_files(
                self.repo, operations, repo_type=_DATASET, revision=branch, num_threads=len(files)
            )
            return operations

        return self._call(f"send {files[0].name}" + (f" and {len(files) - 1} more" if files[1:] else ""), ask)

    def commit(self, branch: str, message: str, operations: Callable[[Listing], list[Operation]]) -> str:
        """Commit what is left to do, found anew at each attempt: a commit whose answer was lost is not made twice.

        Args:
            branch: where to.
            message: its first line.
            operations: what is left to do when the branch is as listed; nothing when it is done.

        Returns:
            The commit that the branch is at.

        Raises:
            RunError: it could not be done, or another commit came between.
        """

        def attempt() -> str:
            head = self.listing(branch)
            left = operations(head)
            if not left:
                return head.commit
            made = self._api.create_commit(
                self.repo,
                left,
                repo_type=_DATASET,
                revision=branch,
                commit_message=message,
                parent_commit=head.commit,
            )
            return str(made.oid)

        return self._call(f"commit to {branch}", attempt)

    def _call(self, doing: str, ask: Callable[[], _T]) -> _T:
        def wait(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = retry_after_s(response.headers) if (response := _response(error)) is not None else None
            return asked if asked is not None else _BACKOFF(state)

        def waiting(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            self._say(f"{doing}: {_short(error)}; again in {state.upcoming_sleep:.0f} s")

        retrying = Retrying(
            retry=retry_if_exception(_transient),
            wait=wait,
            stop=stop_after_attempt(self._retries + 1),
            before_sleep=waiting,
            reraise=True,
        )
        with self._explained(doing):
            return retrying(ask)

    @contextlib.contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        """Turn what the client raises into one line: what failed, why, what to do.

        Raises:
            RunError: always, where the client raised.
        """
        try:
            yield
        except (*_CLIENTS, RuntimeError) as exc:
            found = _cause(exc)
            if found is None:
                raise
            raise self._explain(doing, found) from exc

    def _explain(self, doing: str, exc: Exception) -> RunError:
        where = f"{self.repo}: could not {doing}"
        if isinstance(exc, OfflineModeIsEnabled):
            return RunError(f"{where}: HF_HUB_OFFLINE is set; unset it to push")
        if isinstance(exc, EntryNotFoundError | RepositoryNotFoundError | RevisionNotFoundError):
            return _Missing(f"{where}: {_short(exc)}; look whether the name is right and the token may see it")
        response = _response(exc)
        if response is None:
            unreached = f"the Hub cannot be reached at {constants.ENDPOINT} ({_short(exc)})"
            return RunError(f"{where}: {unreached}; what was sent is kept, run again")
        advice: dict[int, str] = {
            HTTPStatus.UNAUTHORIZED: "the Hub does not know this token; set HF_TOKEN or `hf auth login` anew",
            HTTPStatus.FORBIDDEN: f"this token may not; take one that may write to {self.repo}",
            HTTPStatus.PRECONDITION_FAILED: "somebody else has committed meanwhile; run again",
        }
        why = advice.get(response.status_code, f"{_short(exc)}; what was sent is kept, run again")
        return RunError(f"{where}: {why}")


class _Missing(RunError):
    """Repository, revision or file is not there."""


def addition(file: LocalFile) -> CommitOperationAdd:
    """The operation that puts a file, without reading it for its digest again."""
    operation = CommitOperationAdd(file.name, file.path)
    operation.upload_info.sha256 = bytes.fromhex(file.sha256)
    return operation


def _cause(exc: BaseException | None) -> Any:  # noqa: ANN401 - one of several unrelated classes
    """The client's own failure behind what it raised (uploads wrap theirs in a RuntimeError)."""
    while exc is not None:
        if isinstance(exc, _CLIENTS):
            return exc
        exc = exc.__cause__
    return None


def _response(exc: BaseException | None) -> httpx2.Response | None:
    found = _cause(exc)
    return found.response if isinstance(found, HfHubHTTPError | httpx2.HTTPStatusError) else None


def _transient(exc: BaseException) -> bool:
    response = _response(exc)
    if response is not None:
        return response.status_code in _TRANSIENT
    found = _cause(exc)
    broken = isinstance(found, httpx2.TransportError | ConnectionError | TimeoutError)
    return broken and not isinstance(found, OfflineModeIsEnabled)


def _short(exc: BaseException | None) -> str:
    """One line without the address, which may carry a signature."""
    response = _response(exc)
    if response is None:
        return (str(_cause(exc) or exc).splitlines() or [type(exc).__name__])[0]
    said = response.headers.get("X-Error-Message") or ""
    return f"status {response.status_code}" + (f", {said.splitlines()[0]}" if said else "")
