"""Archives as streams of members: zip, tar, and a single file that gzip, bzip2 or xz compressed.

Nothing is unpacked to a disk. Names are labels, never paths. The cost of headers is limited before they are read: their
size, their number, and the size of a zip's directory.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import warnings
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import IO, Any

# What reading a member raises where its bytes, or what packed them, are not as they should be.
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
# Limit for a GNU tar name or the PAX header of one member: paths have at most 4 KiB.
_MOST_HEADER = 64 << 10
# What PAX headers for a whole archive say is kept until its end.
_MOST_GLOBAL = 1 << 20
# Headers that are no member, as folders, links and long names, for each member that there may be.
_HEADERS = 4
_LONG = frozenset((tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE))
_SIGNATURE, _ZIP64 = b"PK\5\6", 0xFFFF_FFFF
_LONGEST_COMMENT = 1 << 16
# What stands before a member's name and bytes.
_LOCAL_HEADER = 30


class ArchiveRefusal(Exception):
    """The archive, or one of its members, is not read on; `code` as in `walk.Unread`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class ArchiveKind(StrEnum):
    """Kinds of files that contain others. `UNOPENED` are archives of kinds that are not read."""

    ZIP = "zip"
    TAR = "tar"
    COMPRESSED = "compressed"
    UNOPENED = "unopened"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits for the headers of one archive."""

    max_members: int
    max_directory_bytes: int


type Opener = Callable[[IO[bytes]], Any]
_COMPRESSED: tuple[tuple[bytes, Opener], ...] = (
    (b"\x1f\x8b", lambda file: gzip.GzipFile(fileobj=file, mode="rb")),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", partial(lzma.LZMAFile, mode="rb")),
)
_UNOPENED = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"MSCF", b"070701", b"070702")


def kind_of(start: bytes, file: IO[bytes]) -> ArchiveKind | None:
    """Return the kind of an archive from its first bytes. The file is read, and then reset to its start."""
    if start[:4] in (b"PK\3\4", _SIGNATURE):
        return ArchiveKind.ZIP
    if _is_tar(start):
        return ArchiveKind.TAR
    if start.startswith(_UNOPENED):
        return ArchiveKind.UNOPENED
    if opener := _opener(start):
        try:
            packed = opener(file).read(512)
        except DAMAGED:
            packed = b""
        file.seek(0)
        return ArchiveKind.TAR if _is_tar(packed) else ArchiveKind.COMPRESSED
    return None


def _is_tar(start: bytes) -> bool:
    """Whether it is a tar: by its magic or, in the old format, by a correct checksum of the first header."""
    if start[257:262] == b"ustar":
        return True
    if len(start) < tarfile.BLOCKSIZE or not start.strip(b"\0"):
        return False
    try:
        tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _opener(start: bytes) -> Opener | None:
    return next((opener for magic, opener in _COMPRESSED if start.startswith(magic)), None)


def unpacked(start: bytes, file: IO[bytes]) -> IO[bytes]:
    """The one file in a compressed file; the file itself if it is not compressed."""
    opener = _opener(start)
    return opener(file) if opener else file


def zip_behind(file: IO[bytes], size: int, bounds: Bounds) -> bool:
    """Whether a zip that can be opened ends this file although it begins as something else."""
    file.seek(max(0, size - _LONGEST_COMMENT - 22))
    found = _SIGNATURE in file.read()
    try:
        return found and bool(open_zip(file, size, bounds).infolist())
    except ArchiveRefusal:
        return True
    except DAMAGED:
        return False
    finally:
        file.seek(0)


def open_zip(file: IO[bytes], size: int, bounds: Bounds) -> zipfile.ZipFile:
    """The archive, its directory read. Raises Refusal for one that is too long, and what `DAMAGED` names."""
    begin = max(0, size - _LONGEST_COMMENT - 22)
    file.seek(begin)
    tail = file.read()
    # As the library looks for it: without a comment at the very end, else the last one.
    plain = tail[-22:-18] == _SIGNATURE and tail[-2:] == b"\0\0"
    at = len(tail) - 22 if plain else tail.rfind(_SIGNATURE)
    directory = struct.unpack_from("<I", tail, at + 12)[0] if 0 <= at <= len(tail) - 22 else 0
    if directory == _ZIP64:
        # The zip64 record states the directory's length; the record lies before this one, and the length is no longer
        # than the file.
        directory = _zip64_directory(tail[:at], size)
    if directory > begin + at:
        # Four bytes of any picture may look like the end of an archive; what would lie before its beginning is none.
        raise zipfile.BadZipFile("a directory that is longer than all before its end")
    if directory > bounds.max_directory_bytes:
        raise ArchiveRefusal("members", f"a directory of more than {bounds.max_directory_bytes} bytes")
    file.seek(0)
    return zipfile.ZipFile(file)


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    """The bytes of a member. Raises what `DAMAGED` names."""
    with warnings.catch_warnings():
        # Of members that share their bytes one is opened, and `OpenedMembers` knows the others.
        warnings.simplefilter("ignore")
        return archive.open(member)


class OpenedMembers:
    """Places in a zip whose bytes belong to a member that was opened."""

    def __init__(self) -> None:
        self._starts, self._ends = list[int](), list[int]()

    def free(self, member: zipfile.ZipInfo) -> bool:
        """Whether no opened member has a byte of this one."""
        begin, end = _place(member)
        at = bisect_left(self._ends, begin + 1)
        return at == len(self._starts) or self._starts[at] >= end

    def add(self, member: zipfile.ZipInfo) -> None:
        """The member was opened. Its bytes must be free."""
        begin, end = _place(member)
        at = bisect_left(self._starts, begin)
        self._starts.insert(at, begin)
        self._ends.insert(at, end)


def _place(member: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the member begins, and where it ends at the earliest."""
    return member.header_offset, member.header_offset + _LOCAL_HEADER + member.compress_size


def _zip64_directory(before: bytes, size: int) -> int:
    at = before.rfind(b"PK\6\6")
    return int(struct.unpack_from("<Q", before, at + 40)[0]) if 0 <= at <= len(before) - 48 else size


class _Header(tarfile.TarInfo):
    """Tar header that is refused before its data are read. `open_tar` makes one class for each archive."""

    bounds: Bounds
    headers = 0
    global_bytes = 0

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        """The library's own place to treat a header by its type, before anything behind it is read."""
        made = type(self)
        made.headers += 1
        if made.headers > _HEADERS * made.bounds.max_members:
            raise ArchiveRefusal("members", f"more than {_HEADERS * made.bounds.max_members} headers")
        if self.type == tarfile.XGLTYPE:
            made.global_bytes += self.size
        if (self.type in _LONG and self.size > _MOST_HEADER) or made.global_bytes > _MOST_GLOBAL:
            raise ArchiveRefusal("header", f"a header of more than {_MOST_HEADER} bytes")
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise ArchiveRefusal("header", "a sparse file with a map of unlimited length")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]

    def _proc_gnusparse_10(self, *_: object) -> None:
        raise ArchiveRefusal("header", "a sparse file with a map of unlimited length")


def tar_members(start: bytes, file: IO[bytes], bounds: Bounds) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and bytes of each member, one of an unknown type included: links and devices point outside the archive.

    Raises Refusal, and what `DAMAGED` names.
    """
    header = type("Header", (_Header,), {"bounds": bounds})
    with tarfile.open(fileobj=unpacked(start, file), mode="r|", tarinfo=header) as archive:
        while (member := archive.next()) is not None:
            # The library keeps every header until the end.
            archive.members.clear()  # type: ignore[attr-defined]
            plain = member.isreg() or member.type not in tarfile.SUPPORTED_TYPES
            if plain and (source := archive.extractfile(member)):
                yield member.name, source
