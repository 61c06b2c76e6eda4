"""Put a folder in the place of another: readers of a folder see the old one or the new one.

In an object store, which renames nothing, the new objects are copied to their names one after another, by the store
itself, and those that no longer belong are removed. Until the last of them is done a reader may see both kinds: whoever
publishes removes what vouches for the folder before, and writes it anew after.
"""

import shutil
from pathlib import Path

from upath import UPath

from pipeline.store.atomic import TEMP_MARK, fsync, remove_folder
from pipeline.store.place import AnyPlace, Place, make_folder


class Swap:
    """Files that are written beside a folder, until they are put in its place together."""

    def __init__(self, folder: Place) -> None:
        """Begin with nothing, whatever an interrupted swap of the folder has left."""
        self._folder = folder
        self._new = folder.with_name(f"{folder.name}{TEMP_MARK}new")
        self._names: dict[str, str] = {}
        remove_folder(self._new)
        if isinstance(folder, Path) and not folder.exists() and _old(folder).exists():
            _old(folder).rename(folder)  # killed between the two renames: what was there is there again

    def place(self, name: str) -> Place:
        """Where to write a file, of which only the name's last part may have to change."""
        self._names[name] = name
        place = self._new / name
        make_folder(place.parent)
        return place

    def rename(self, name: str, final: str) -> None:
        """Have a file that was written under a name lie under another in the end."""
        self._names[name] = final

    def commit(self) -> None:
        """Put all files in place; durable when it returns."""
        if isinstance(self._new, Path) and isinstance(self._folder, Path):
            self._exchange(self._new, self._folder)
        elif isinstance(self._new, UPath) and isinstance(self._folder, UPath):
            self._copy(self._new, self._folder)

    def discard(self) -> None:
        """Leave nothing of the new files."""
        remove_folder(self._new)

    def _exchange(self, new: Path, folder: Path) -> None:
        for name, final in self._names.items():
            (new / name).rename(new / final)
        for inside in {(new / final).parent for final in self._names.values()} | {new}:
            fsync(inside)
        old = _old(folder)
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        fsync(folder.parent)
        shutil.rmtree(old, ignore_errors=True)

    def _copy(self, new: UPath, folder: UPath) -> None:
        after = {final: (folder / final).path for final in self._names.values()}
        for name, final in self._names.items():
            folder.fs.cp_file((new / name).path, after[final])
        for path in set(folder.fs.find(folder.path)) - set(after.values()):
            folder.fs.rm_file(path)
        self.discard()


def _old(folder: AnyPlace) -> AnyPlace:
    return folder.with_name(f"{folder.name}{TEMP_MARK}old")
