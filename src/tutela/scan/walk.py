"""Walk all scannable content under some paths: files, folders, nested archives, objects, and stdin.

Archives are read as streams in memory and never unpacked to a disk. Names inside them are labels, never paths. Limits
on size, ratio, members, nesting and work stop bombs, each as a refusal with a code, and the walk continues. Of entries
of a zip that share bytes one is examined, and each other is named.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import IO

from tutela.media import Digester, Digests, digest_stream
from tutela.media.video.formats import HEAD_BYTES, video_format_of
from tutela.scan import archives, object_store, pdf
from tutela.scan.archives import ArchiveKind, ArchiveRefusal, Bounds, OpenedMembers
from tutela.scan.budget import Budget

STDIN = "-"
# Bytes of a long member that are read at a time.
CHUNK_BYTES = 1 << 20
# Of a zip's member, the flag that a password protects it.
_ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class WalkLimits:
    """Bounds of one walk. Bytes are those after decompression."""

    # A longer file or member is not held: of it there are only digests.
    max_file_bytes: int = 128 << 20
    # An archive of more than this, all members together, is refused from there on.
    max_archive_bytes: int = 16 << 30
    # Seconds of work for one archive, and so many more for each of its MiB: ten times what slow pictures take.
    max_seconds: float = 600
    max_seconds_per_mib: float = 60
    # Pictures hardly compress; a member that shrinks a thousandfold is made to.
    max_ratio: int = 1000
    max_members: int = 1_000_000
    # What the directory of a zip takes in the file; it becomes ten times as much in memory.
    max_directory_bytes: int = 64 << 20
    max_nesting: int = 4
    # Whether the pictures in PDFs are taken out; else a PDF is one file that no hasher reads.
    inside: bool = False
    # By the name of an archive's member, the code for which it is left unread; empty for a member to read.
    leave: Callable[[str], str] = lambda _: ""

    @property
    def headers(self) -> Bounds:
        """Limits for the headers of archives."""
        return Bounds(self.max_members, self.max_directory_bytes)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """File to hash. `name` is the path, with `!` before each member of an archive. `mtime_ns` is that of the file.

    A video in a file of its own has no `data`: it is hashed at `path`, without reading it into memory.
    """

    name: str
    data: bytes
    mtime_ns: int
    path: Path | None = None
    size: int = 0
    # Its pictures follow, or why they do not: of itself there are only digests to look up.
    opened: bool = False
    # That of the container, or of the file itself. Whoever hashes it counts the time there.
    budget: Budget = field(default_factory=lambda: Budget(0, 0), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """Something not read, and why. Codes: `unreadable`, `too_large`, `ratio`, `nesting`, `members`, `header`,
    `budget`, `overlap`, `damaged`, `encrypted`, `no_members`, `unopened`, and those of `WalkLimits.leave`. `digests`
    are those of a file or member that is too large to be held.
    """

    name: str
    code: str
    message: str
    digests: Digests | None = None

    @property
    def size(self) -> int:
        """Number of bytes, if they were read."""
        return self.digests.size if self.digests else 0


def files(paths: Iterable[str]) -> Iterator[str]:
    """The files and objects under these paths, in a stable order. Links to folders are not followed; "-" is stdin."""
    for path in paths:
        if object_store.is_object(path):
            yield from object_store.list_objects(path)
            continue
        if path == STDIN or not Path(path).is_dir():
            yield path
            continue
        yield from _under(path)


def _under(path: str) -> Iterator[str]:
    """Walk a folder. An unlistable folder is returned like a file: reading it gives the reason."""
    closed = list[str]()
    for folder, folders, names in os.walk(path, onerror=lambda error: closed.append(error.filename)):
        yield from closed
        closed.clear()
        folders.sort()
        for name in sorted(names):
            yield os.path.join(folder, name)  # noqa: PTH118 - fifty times faster over a million files
    yield from closed


def read(path: str, limits: WalkLimits | None = None) -> Iterator[FoundFile | Unread]:
    """The contents of one file: itself, or every member if it is an archive. Never raises for the file's sake."""
    bounds = limits or WalkLimits()
    try:
        if object_store.is_object(path):
            data = object_store.fetch(path, bounds.max_file_bytes)
            yield from _open_up(path, io.BytesIO(data), len(data), 0, _Walk(bounds, len(data)))
            return
        if path == STDIN:
            yield from _read_stdin(bounds)
            return
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            # Opening a pipe or a device may wait for ever.
            folder = stat.S_ISDIR(status.st_mode)
            reason = "the folder cannot be listed" if folder else "not a regular file; use - to read stdin"
            yield Unread(path, "unreadable", reason)
            return
        with Path(path).open("rb") as file:
            if video_format_of(file.read(HEAD_BYTES)):
                walk = _Walk(bounds, status.st_size)
                yield FoundFile(path, b"", status.st_mtime_ns, Path(path), status.st_size)
                yield from _behind(path, file, status.st_size, status.st_mtime_ns, walk)
                return
            file.seek(0)
            yield from _open_up(path, file, status.st_size, status.st_mtime_ns, _Walk(bounds, status.st_size))
    except object_store.ObjectUnreadableError as error:
        yield Unread(path, error.code, str(error))
    except OSError as error:
        yield Unread(path, "unreadable", error.strerror or type(error).__name__)
    except Exception as error:  # noqa: BLE001 - whatever a library raises of one file, the others are scanned
        yield Unread(path, "unreadable", type(error).__name__)


def _read_stdin(limits: WalkLimits) -> Iterator[FoundFile | Unread]:
    source = sys.stdin.buffer
    data = source.read(limits.max_file_bytes + 1)
    if len(data) > limits.max_file_bytes and archives.kind_of(data[:512], io.BytesIO(data)) is None:
        yield _too_large(STDIN, limits, _digested(data, source))
        return
    yield from _open_up(STDIN, io.BytesIO(data), len(data), 0, _Walk(limits, len(data)))


def read_bytes(name: str, data: bytes, limits: WalkLimits | None = None) -> Iterator[FoundFile | Unread]:
    """The contents of a file in memory, however long it is, as `read`."""
    try:
        yield from _open_up(name, io.BytesIO(data), len(data), 0, _Walk(limits or WalkLimits(), len(data)))
    except Exception as error:  # noqa: BLE001 - whatever a library raises of one file, the others are scanned
        yield Unread(name, "unreadable", type(error).__name__)


class _Walk:
    def __init__(self, limits: WalkLimits, size: int) -> None:
        """`size`: that of the outermost container."""
        self.limits, self.members = limits, 0
        seconds = limits.max_seconds + limits.max_seconds_per_mib * size / (1 << 20)
        self.budget = Budget(limits.max_archive_bytes, seconds)

    def take(self, name: str, source: IO[bytes], most: int) -> FoundFile | Unread:
        """One member, of at most so many bytes, counted while they are read: sizes in headers are claims."""
        held = min(self.limits.max_file_bytes, most)
        data = source.read(held + 1)
        self._add(len(data), most, len(data))
        if len(data) <= held:
            return FoundFile(name, data, 0)
        digester, size = Digester(), len(data)
        digester.update(data)
        del data
        while piece := source.read(CHUNK_BYTES):
            size += len(piece)
            self._add(len(piece), most, size)
            digester.update(piece)
        return _too_large(name, self.limits, digester.digests())

    def most(self, packed: int) -> int:
        """What so many packed bytes may unpack to."""
        return max(packed, 1024) * self.limits.max_ratio

    def _add(self, more: int, most: int, size: int) -> None:
        self.budget.bytes += more
        if size > most:
            raise ArchiveRefusal("ratio", f"unpacks to more than {self.limits.max_ratio} times its size")
        if size > self.limits.max_file_bytes:
            self._require_room()

    def _require_room(self) -> None:
        if refusal := self.budget.refusal:
            raise ArchiveRefusal(*refusal)

    def count(self) -> None:
        self.members += 1
        if self.members > self.limits.max_members:
            raise ArchiveRefusal("members", f"more than {self.limits.max_members} members")
        self._require_room()


def _open_up(
    name: str, file: IO[bytes], size: int, mtime: int, walk: _Walk, depth: int = 0
) -> Iterator[FoundFile | Unread]:
    """Open a file, the members of an archive, or both where a zip is appended to another file."""
    start = _start(file)
    kind = archives.kind_of(start, file)
    if kind is None:
        opened = walk.limits.inside and pdf.is_pdf(_start(file, pdf.HEAD))
        for one in _itself(name, file, size, mtime, walk):
            yield one
            if opened and isinstance(one, FoundFile):
                yield from _members(name, _pdf(name, one.data, walk), mtime, walk, depth, empty=False)
        yield from _behind(name, file, size, mtime, walk, depth)
        return
    if kind is ArchiveKind.UNOPENED:
        yield Unread(name, "unopened", "an unsupported kind of archive; unpack it first")
        return
    yield from _members(name, _MEMBERS[kind](name, file, size, walk), mtime, walk, depth)


def _behind(
    name: str, file: IO[bytes], size: int, mtime: int, walk: _Walk, depth: int = 0
) -> Iterator[FoundFile | Unread]:
    """Members of a zip that is appended to a picture, a video or a program."""
    if archives.zip_behind(file, size, walk.limits.headers):
        yield from _members(name, _zip(name, file, size, walk), mtime, walk, depth)


def _start(file: IO[bytes], size: int = 512) -> bytes:
    start = file.read(size)
    file.seek(0)
    return start


def _itself(name: str, file: IO[bytes], size: int, mtime: int, walk: _Walk) -> Iterator[FoundFile | Unread]:
    if size > walk.limits.max_file_bytes and not isinstance(file, io.BytesIO):
        yield _too_large(name, walk.limits, digest_stream(file))
        return
    data = file.read()
    opened = walk.limits.inside and data.startswith(pdf.MAGIC)
    yield FoundFile(name, data, mtime, size=len(data), opened=opened, budget=walk.budget)


def _too_large(name: str, limits: WalkLimits, digests: Digests) -> Unread:
    return Unread(name, "too_large", f"more than {limits.max_file_bytes} bytes", digests)


def _digested(begin: bytes, rest: IO[bytes]) -> Digests:
    digester = Digester()
    digester.update(begin)
    while piece := rest.read(CHUNK_BYTES):
        digester.update(piece)
    return digester.digests()


def _members(
    name: str, members: Iterator[FoundFile | Unread], mtime: int, walk: _Walk, depth: int, *, empty: bool = True
) -> Iterator[FoundFile | Unread]:
    """The members, opened one after another. `empty`: an empty archive is reported."""
    if depth >= walk.limits.max_nesting:
        yield Unread(name, "nesting", f"archives more than {walk.limits.max_nesting} deep")
        return
    try:
        for member in walk.budget.unpacking(members):
            empty = False
            if isinstance(member, Unread):
                yield member
                continue
            inner = io.BytesIO(member.data)
            yield from _open_up(member.name, inner, len(member.data), mtime, walk, depth + 1)
        if empty:
            yield Unread(name, "no_members", "the archive contains no file")
    except ArchiveRefusal as error:
        yield Unread(name, error.code, error.message)
    except archives.DAMAGED as error:
        yield Unread(name, "damaged", f"the rest of the archive cannot be read ({type(error).__name__})")


def _zip(name: str, file: IO[bytes], size: int, walk: _Walk) -> Iterator[FoundFile | Unread]:
    taken = OpenedMembers()
    with archives.open_zip(file, size, walk.limits.headers) as archive:
        for member in archive.infolist():
            # A name that ends like a folder's may have bytes all the same.
            if member.is_dir() and not member.file_size and not member.compress_size:
                continue
            walk.count()
            label = f"{name}!{member.filename}"
            if code := walk.limits.leave(label) or ("encrypted" if member.flag_bits & _ENCRYPTED else ""):
                yield Unread(label, code, "the member is not read")
                continue
            if not taken.free(member):
                yield Unread(label, "overlap", "the member shares its bytes with another and is not examined")
                continue
            try:
                with archives.open_member(archive, member) as source:
                    found = walk.take(label, source, walk.most(member.compress_size))
                taken.add(member)
                yield found
            except ArchiveRefusal as error:
                yield Unread(label, error.code, error.message)
            except archives.DAMAGED as error:
                yield Unread(label, "damaged", f"the member cannot be read ({type(error).__name__})")


def _tar(name: str, file: IO[bytes], size: int, walk: _Walk) -> Iterator[FoundFile | Unread]:
    # The ratio of a compressed tar is that of the whole; inside a plain one nothing shrinks.
    bound = walk.most(size)
    for member, source in archives.tar_members(_start(file), file, walk.limits.headers):
        walk.count()
        label = f"{name}!{member}"
        if code := walk.limits.leave(label):
            yield Unread(label, code, "the member is not read")
            continue
        try:
            yield walk.take(label, source, max(walk.limits.max_file_bytes, bound - walk.budget.bytes))
        except ArchiveRefusal as error:
            yield Unread(label, error.code, error.message)
        if walk.budget.bytes > bound:
            raise ArchiveRefusal("ratio", f"unpacks to more than {walk.limits.max_ratio} times its size")


def _compressed(name: str, file: IO[bytes], size: int, walk: _Walk) -> Iterator[FoundFile | Unread]:
    walk.count()
    yield walk.take(f"{name}!{PurePath(name).stem}", archives.unpacked(_start(file), file), walk.most(size))


def _pdf(name: str, data: bytes, walk: _Walk) -> Iterator[FoundFile | Unread]:
    for number, one in enumerate(pdf.pictures(data, walk.limits.max_file_bytes), 1):
        walk.count()
        label = f"{name}!image {number}"
        if isinstance(one, pdf.LeftOut):
            yield Unread(label, "damaged", f"the picture cannot be extracted ({one.reason})")
            continue
        walk.budget.bytes += len(one)
        yield FoundFile(label, one, 0, size=len(one))


_MEMBERS = {ArchiveKind.ZIP: _zip, ArchiveKind.TAR: _tar, ArchiveKind.COMPRESSED: _compressed}
