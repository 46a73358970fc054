"""A folder as a source. Links are not followed, only regular files are opened, and access times do not change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from tutela.forensics.errors import SourceUnreadableError
from tutela.forensics.sources.source_file import SourceFile, UnreadArea
from tutela.scan.output_formats import shown

_PIECE = 1 << 20


class FolderSource:
    """A folder, such as a mounted copy or a logical extraction."""

    def __init__(self, root: Path) -> None:
        self._root = os.fsencode(root)
        if not root.is_dir():
            raise SourceUnreadableError(f"{root}: no folder.")

    @property
    def read_only(self) -> bool:
        """Whether the folder's mount refuses writing."""
        return bool(os.statvfs(self._root).f_flag & os.ST_RDONLY)

    def list_files(self) -> Iterator[SourceFile | UnreadArea]:
        """Every file, folder by folder, by the bytes of the names."""
        yield from self._under(b"")

    def _under(self, folder: bytes) -> Iterator[SourceFile | UnreadArea]:
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            try:
                with os.scandir(os.path.join(self._root, here)) as entries:  # noqa: PTH118 - names are bytes
                    found = sorted(entries, key=lambda one: one.name)
            except OSError:
                yield UnreadArea(_text(here), "unreadable")
                continue
            # The last folder is taken first: put in reverse, they follow by name.
            waiting.extend(_join(here, one.name) for one in reversed(found) if _is_folder(one))
            for one in found:
                if not _is_folder(one):
                    yield from _listed(_join(here, one.name), one)

    def read_file(self, locator: bytes, most: int) -> bytes:
        """The bytes of a file; `most` + 1 bytes of a longer one. Raises SourceUnreadableError."""
        try:
            with self._opened(locator) as file:
                return file.read(most + 1)
        except OSError as error:
            raise SourceUnreadableError(error.strerror or type(error).__name__) from None

    def read_files(self, locators: Sequence[bytes], most: int) -> Iterator[bytes | None]:
        """The bytes of each file, as `read_file` gives them; None for one that cannot be read."""
        for one in locators:
            try:
                yield self.read_file(one, most)
            except SourceUnreadableError:
                yield None

    def read_pieces(self, locator: bytes) -> Iterator[bytes]:
        """The bytes of a file of any length, piece by piece. Raises SourceUnreadableError."""
        try:
            with self._opened(locator) as file:
                while piece := file.read(_PIECE):
                    yield piece
        except OSError as error:
            raise SourceUnreadableError(error.strerror or type(error).__name__) from None

    def _opened(self, locator: bytes) -> _Reader:
        path = os.path.join(self._root, locator)  # noqa: PTH118 - names are bytes
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            # Only the owner may ask for unchanged access times.
            descriptor = os.open(path, flags | getattr(os, "O_NOATIME", 0))
        except PermissionError:
            descriptor = os.open(path, flags)
        return _Reader(descriptor)

    def close(self) -> None:
        """Nothing is kept open."""


class _Reader:
    """One open regular file."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "rb")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            self._file.close()
            raise OSError(0, "not a regular file")

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        return self._file.read(size)


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    """Whether it is a folder; what cannot be asked is none, and listing it as a file gives the reason."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _listed(path: bytes, entry: os.DirEntry[bytes]) -> Iterator[SourceFile | UnreadArea]:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        yield UnreadArea(_text(path), "unreadable")
        return
    # A link leads out of the source, and what it leads to is listed where it is.
    if stat.S_ISREG(status.st_mode):
        yield SourceFile(_text(path), path, status.st_size, float(int(status.st_mtime)))


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name


def _text(path: bytes) -> str:
    return shown(os.fsdecode(path))
