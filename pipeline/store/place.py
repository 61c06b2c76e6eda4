"""Where things lie: in a folder (local or NFS), or under a prefix of an object store, `s3://bucket/prefix`.

A place is a path either way: `pathlib.Path`, or `UPath` (universal_pathlib) over fsspec. What the two do not share, how
a file comes to be there whole and who may build, is settled in `store.atomic`, `store.swap`, `store.lock` and
`store.segments`; nobody else asks which of them a place is.

An object store has no folders to make, no rename and no append, but an object appears whole or not at all, and is
there for every reader once its put has returned. Keys, regions and addresses are those of every S3 client, from the
environment: AWS_ACCESS_KEY_ID and so on, AWS_REGION, AWS_ENDPOINT_URL for stores that are not Amazon's.
"""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from fsspec.registry import get_filesystem_class
from upath import UPath

from pipeline.errors import UsageError

Place = Path | UPath
AnyPlace = TypeVar("AnyPlace", Path, UPath, Path | UPath)
SCHEMES = ("s3",)
"""Kinds of object stores that are tested."""


def place_named(text: str) -> Place:
    """Read a place from the command line.

    Raises:
        UsageError: an unknown scheme, no bucket, or what the scheme needs is not installed.
    """
    scheme, mark, rest = text.partition("://")
    if not mark:
        return Path(text)
    if scheme not in SCHEMES:
        raise UsageError(f"{text}: unknown scheme {scheme!r}; give a folder or s3://BUCKET/PREFIX")
    bucket, _, prefix = rest.strip("/").partition("/")
    if not bucket or not prefix:
        raise UsageError(f"{text}: names no bucket and prefix; give s3://BUCKET/PREFIX")
    try:
        get_filesystem_class(scheme)
    except ImportError as exc:
        raise UsageError(f"{text}: needs s3fs; pip install 'smp3m[s3]'") from exc
    place: Place = UPath(f"{scheme}://{bucket}/{prefix}", protocol=scheme, **_options())
    return place


def _options() -> dict[str, object]:
    """What goes with a place wherever it is sent: the store's address, and no key."""
    address = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    # Listings that are kept would not show what other machines have written.
    return {"use_listings_cache": False, **({"endpoint_url": address} if address else {})}


def folder_named(text: str, command: str) -> Path:
    """Read a place from the command line for what works in local folders only.

    Raises:
        UsageError: it is no local folder.
    """
    place = place_named(text)
    if not isinstance(place, Path):
        raise UsageError(f"{text}: smp3m {command} reads a local folder; copy it first, as with aws s3 sync")
    return place


def store_errors() -> tuple[type[Exception], ...]:
    """What is raised when a place cannot be reached, read or written: OSError, and an object store's client's own."""
    # A process that has not imported the client cannot have met its errors.
    client = sys.modules.get("botocore.exceptions")
    return (OSError,) if client is None else (OSError, client.BotoCoreError)


def told(error: Exception) -> str:
    """One of `store_errors` in a line: where, and what."""
    where = getattr(error, "filename", None)
    said = " ".join(str(getattr(error, "strerror", None) or error).split())
    return f"{where}: {said}" if where else said


def make_folder(place: Place) -> None:
    """Make a folder and those above it; object stores need none."""
    if isinstance(place, Path):
        place.mkdir(parents=True, exist_ok=True)


def sizes(folder: Place) -> dict[str, int]:
    """Name -> bytes of the files right in a folder, in order of name; empty where there is none."""
    if isinstance(folder, Path):
        found = dict(_files(folder))
    else:
        try:
            listed = folder.fs.ls(folder.path, detail=True)
        except FileNotFoundError:
            listed = []
        found = {entry["name"].rpartition("/")[2]: entry["size"] for entry in listed if entry["type"] == "file"}
    return dict(sorted(found.items()))


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        # A file that another process is writing has gone, under its temporary name, by the time it is looked at.
        with suppress(FileNotFoundError):
            about = path.stat()
            if stat.S_ISREG(about.st_mode):
                yield path.name, about.st_size


def ending(folder: Place, suffix: str) -> list[Place]:
    """The files right in a folder whose names end so, in order of name."""
    return [folder / name for name in sizes(folder) if name.endswith(suffix)]


def read_bytes(place: Place) -> bytes:
    """All of a file.

    Raises:
        FileNotFoundError: there is none.
    """
    if isinstance(place, Path):
        return place.read_bytes()
    data: bytes = place.fs.cat_file(place.path)
    return data


def open_input(place: Place) -> Path | IO[bytes]:
    """What pyarrow reads a file from, here and there in it.

    Raises:
        FileNotFoundError: there is no such object; of a folder's file pyarrow says so.
    """
    return place if isinstance(place, Path) else place.open("rb")


def read_text(place: Place) -> str:
    """All of a UTF-8 file.

    Raises:
        FileNotFoundError: there is none.
        UnicodeDecodeError: it is no UTF-8; a ValueError, as for JSON that is none.
    """
    return read_bytes(place).decode()


def read_texts(folder: Place, names: Iterable[str]) -> dict[str, str | None]:
    """Name -> content of files in a folder, None for what is not there or no UTF-8; those of a store all at once."""
    wanted = list(names)
    if isinstance(folder, Path):
        return {name: _text(folder / name) for name in wanted}
    paths = {f"{folder.path}/{name}": name for name in wanted}
    found = folder.fs.cat(list(paths), on_error="return") if paths else {}
    texts: dict[str, str | None] = {}
    for path, name in paths.items():
        data = found[path]
        if isinstance(data, Exception) and not isinstance(data, FileNotFoundError):
            raise data
        texts[name] = _decoded(data) if isinstance(data, bytes) else None
    return texts


def remove(place: Place) -> None:
    """Remove a file, if it is there."""
    if isinstance(place, Path):
        place.unlink(missing_ok=True)
        return
    # Deleting what is not there is no error on S3, and asking first would be another request.
    place.fs.rm_file(place.path)


def _text(path: Path) -> str | None:
    try:
        return _decoded(path.read_bytes())
    except FileNotFoundError:
        return None


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
