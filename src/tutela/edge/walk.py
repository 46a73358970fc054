"""Everything that can be scanned under some paths: files, folders, archives inside archives, objects, and stdin.

Archives are read as streams in memory and never unpacked to a disk. Names inside them are labels, never paths; limits
on size, ratio, members and nesting stop bombs, each as a refusal with a code, and the walk goes on.
"""

from __future__ import annotations

import io
import lzma
import os
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tutela.edge import objects
from tutela.media.video_formats import HEAD_BYTES, video_format_of

STDIN = "-"
# What reading a member raises where its bytes, or what packed them, are not as they should be.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError)


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """Bounds of one walk. Bytes are those after decompression."""

    max_file_bytes: int = 128 << 20
    # An archive of more than this, all members together, is refused from there on.
    max_archive_bytes: int = 16 << 30
    # Pictures hardly compress; a member that shrinks a thousandfold is made to.
    max_ratio: int = 1000
    max_members: int = 1_000_000
    max_nesting: int = 4


@dataclass(frozen=True, slots=True)
class Found:
    """Bytes to hash. `name` is the path, with `!` before each member of an archive. `mtime_ns` is that of the file.

    A video that lies in a file of its own is not read into memory: it is hashed at `path`, and has no `data`.
    """

    name: str
    data: bytes
    mtime_ns: int
    path: Path | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """Something not read, and why. Codes: `unreadable`, `too_large`, `ratio`, `nesting`, `members`, `damaged`,
    `no_members`.
    """

    name: str
    code: str
    message: str


class _RefusalError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def files(paths: Iterable[str]) -> Iterator[str]:
    """The files and objects under these paths, in a stable order. Links to folders are not followed; "-" is stdin."""
    for path in paths:
        if objects.is_object(path):
            yield from objects.listing(path)
            continue
        if path == STDIN or not Path(path).is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path, followlinks=False):
            folders.sort()
            for name in sorted(names):
                yield os.path.join(folder, name)  # noqa: PTH118 - fifty times faster over a million files


def read(path: str, limits: WalkLimits | None = None) -> Iterator[Found | Unread]:
    """The contents of one file: itself, or every member if it is an archive. Never raises for the file's sake."""
    bounds = limits or WalkLimits()
    try:
        if objects.is_object(path):
            data = objects.fetch(path, bounds.max_file_bytes)
            yield from _open_up(path, io.BytesIO(data), len(data), 0, _Walk(bounds))
            return
        if path == STDIN:
            data = sys.stdin.buffer.read(bounds.max_file_bytes + 1)
            yield from _open_up(STDIN, io.BytesIO(data), len(data), 0, _Walk(bounds))
            return
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            # Opening a pipe or a device may wait for ever.
            yield Unread(path, "unreadable", "no regular file; give - to read stdin")
            return
        with Path(path).open("rb") as file:
            if video_format_of(file.read(HEAD_BYTES)):
                yield Found(path, b"", status.st_mtime_ns, Path(path), status.st_size)
                return
            file.seek(0)
            yield from _open_up(path, file, status.st_size, status.st_mtime_ns, _Walk(bounds))
    except objects.ObjectUnreadableError as error:
        yield Unread(path, error.code, str(error))
    except OSError as error:
        yield Unread(path, "unreadable", error.strerror or type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever a library raises of one file, the others are scanned
        yield Unread(path, "unreadable", type(error).__name__)


class _Walk:
    def __init__(self, limits: WalkLimits) -> None:
        self.limits, self.bytes, self.members = limits, 0, 0

    def take(self, source: IO[bytes], packed: int | None) -> bytes:
        """One member's bytes, counted while they are read: sizes in headers are claims."""
        cap = self.limits.max_file_bytes
        if packed is not None:
            cap = min(cap, max(packed, 1024) * self.limits.max_ratio)
        data = source.read(cap + 1)
        self.bytes += len(data)
        if len(data) > self.limits.max_file_bytes:
            raise _RefusalError("too_large", f"more than {self.limits.max_file_bytes} bytes")
        if len(data) > cap:
            raise _RefusalError("ratio", f"unpacks to more than {self.limits.max_ratio} times its size")
        return data

    def count(self) -> None:
        self.members += 1
        if self.members > self.limits.max_members:
            raise _RefusalError("members", f"more than {self.limits.max_members} members")
        if self.bytes > self.limits.max_archive_bytes:
            raise _RefusalError("too_large", f"more than {self.limits.max_archive_bytes} bytes in all")


def _open_up(
    name: str, file: IO[bytes], size: int, mtime: int, walk: _Walk, depth: int = 0
) -> Iterator[Found | Unread]:
    start = file.read(512)
    file.seek(0)
    kind = _kind(name, start)
    if kind and depth >= walk.limits.max_nesting:
        yield Unread(name, "nesting", f"archives more than {walk.limits.max_nesting} deep")
        return
    if kind:
        members = _zip(name, file, walk) if kind == "zip" else _tar(name, file, size, walk)
        yield from _members(name, members, mtime, walk, depth)
        return
    if size > walk.limits.max_file_bytes:
        yield Unread(name, "too_large", f"more than {walk.limits.max_file_bytes} bytes")
        return
    data = file.read()
    yield Found(name, data, mtime, size=len(data))


def _members(
    name: str, members: Iterator[Found | Unread], mtime: int, walk: _Walk, depth: int
) -> Iterator[Found | Unread]:
    empty = True
    try:
        for member in members:
            empty = False
            if isinstance(member, Unread):
                yield member
                continue
            inner = io.BytesIO(member.data)
            yield from _open_up(member.name, inner, len(member.data), mtime, walk, depth + 1)
        if empty:
            yield Unread(name, "no_members", "the archive has no file in it")
    except _RefusalError as error:
        yield Unread(name, error.code, error.message)
    except (*_DAMAGED, tarfile.TarError) as error:
        yield Unread(name, "damaged", f"the archive cannot be read on ({type(error).__name__})")


def _kind(name: str, start: bytes) -> str | None:
    if start[:4] in (b"PK\3\4", b"PK\5\6"):
        return "zip"
    if start[257:262] == b"ustar":
        return "tar"
    if start[:2] == b"\x1f\x8b" and name.lower().endswith((".tar.gz", ".tgz")):
        return "tar"
    return None


def _zip(name: str, file: IO[bytes], walk: _Walk) -> Iterator[Found | Unread]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            walk.count()
            label = f"{name}!{member.filename}"
            try:
                with archive.open(member) as source:
                    yield Found(label, walk.take(source, member.compress_size), 0)
            except _RefusalError as error:
                yield Unread(label, error.code, error.message)
            except _DAMAGED as error:
                yield Unread(label, "damaged", f"the member cannot be read ({type(error).__name__})")


def _tar(name: str, file: IO[bytes], size: int, walk: _Walk) -> Iterator[Found | Unread]:
    # The ratio of a compressed tar is that of the whole; inside a plain one nothing shrinks.
    bound = max(size, 1024) * walk.limits.max_ratio
    with tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            # Links and devices point outside the archive; only plain members hold bytes.
            if not member.isreg():
                continue
            walk.count()
            source = archive.extractfile(member)
            if source is None:
                continue
            label = f"{name}!{member.name}"
            try:
                yield Found(label, walk.take(source, None), 0)
            except _RefusalError as error:
                yield Unread(label, error.code, error.message)
            if walk.bytes > bound:
                raise _RefusalError("ratio", f"unpacks to more than {walk.limits.max_ratio} times its size")
