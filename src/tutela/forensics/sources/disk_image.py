"""A disk image as a source: its reader runs in the decoders' cage (`image_worker`), and is replaced when it ends.

1. The image's segments are opened for reading, and their descriptors are given to the reader. Nothing else of this
   machine can be opened there.
2. A reader that is silent for too long is killed: a damaged file system may lead it in a circle.
3. A file that crashes or hangs its reader is unreadable; the next request starts another reader.
4. Several files are asked for at once, so that the reader reads on while this program works. Those behind a file that
   ended the reader are asked for one by one.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tutela
from tutela.forensics.errors import NoImageReaderError, SourceUnreadableError
from tutela.forensics.sources.image_frames import (
    AREA,
    DATA,
    END,
    FAILED,
    FILE,
    READY,
    BadImageFrame,
    entry_of,
    receive_frame,
)
from tutela.forensics.sources.source_file import SourceFile, UnreadArea
from tutela.media import Limits

# Before it names the next file, a file system may search all of a large disk for deleted ones.
START_SECONDS, LIST_SECONDS, READ_SECONDS = 60.0, 900.0, 60.0
# The cage allows few descriptors; those of the image lie above them.
_FIRST_DESCRIPTOR = 64
_MOST_SEGMENTS = 10_000
_MAGIC_BYTES = 8
_READ_AHEAD = 1 << 20
# No file is longer than its entry may say (`image_frames.entry_of`).
MOST_BYTES = 1 << 62
# The reader is of the same package as this program, which need not be the installed one.
_PROGRAM = (
    "import os, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from tutela.forensics.sources.image_worker import main; os._exit(main(sys.argv))"
)
_LIBRARIES = ("pytsk3", "pyewf", "pyvhdi", "pyvmdk")
_FIRST_SEGMENT = re.compile(r"\.(?:[eEsS]01|[eE]x01|0*[01])$")
_EXTENT = re.compile(r'^RW\s+\d+\s+\w+\s+"([^"/\\]{1,255})"', re.MULTILINE)
_ENDINGS = frozenset((".e01", ".s01", ".ex01", ".vhd", ".vhdx", ".vmdk", ".dd", ".raw", ".img", ".001"))


def require_image_reader() -> None:
    """Raises NoImageReaderError where the libraries are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _LIBRARIES):
        raise NoImageReaderError


def looks_like_image(path: Path) -> bool:
    """Whether a file is named like a disk image."""
    return path.suffix.lower() in _ENDINGS


def segments_of(path: Path) -> list[Path]:
    """The files of an image: the given one, and those that follow it by number or that its descriptor names."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    if start.startswith(b"# Disk DescriptorFile"):
        return [path, *(path.parent / name for name in _EXTENT.findall(start.decode("utf-8", "replace")))]
    if not _FIRST_SEGMENT.search(path.name):
        return [path]
    found = [path]
    while len(found) < _MOST_SEGMENTS and (after := found[-1].with_suffix(next_suffix(found[-1].suffix))).exists():
        found.append(after)
    return found


def next_suffix(suffix: str) -> str:
    """The end of the next segment's name: .E01 to .E99, then .EAA and so on; numbers keep their width."""
    letter, rest = suffix[1], suffix[2:]
    if suffix[1:].isdigit():
        return f".{int(suffix[1:]) + 1:0{len(suffix) - 1}d}"
    if suffix[1:3].lower() == "ex" and rest[-2:].isdigit():
        return f"{suffix[:3]}{int(rest[-2:]) + 1:02d}" if rest[-2:] != "99" else f"{suffix[:3]}AA"
    first = "a" if letter.islower() else "A"
    if rest.isdigit():
        return f".{letter}{int(rest) + 1:02d}" if rest != "99" else f".{letter}{first}{first}"
    last = chr(ord(first) + 25)
    if rest[-1] != last:
        return f".{letter}{rest[0]}{chr(ord(rest[-1]) + 1)}"
    if rest[0] != last:
        return f".{letter}{chr(ord(rest[0]) + 1)}{first}"
    return f".{chr(ord(letter) + 1)}{first}{first}"


def missing_segments(path: Path, found: Sequence[Path]) -> list[str]:
    """Names of segments that are not there, although later ones are."""
    if not _FIRST_SEGMENT.search(path.name) or len(found) >= _MOST_SEGMENTS:
        return []
    there = {one.name for one in path.parent.iterdir() if one not in found and _is_segment(one, path)}
    after, missing, waiting = found[-1], list[str](), list[str]()
    while there and len(waiting) < _MOST_SEGMENTS:
        after = after.with_suffix(next_suffix(after.suffix))
        if after.name in there:
            there.discard(after.name)
            missing, waiting = missing + waiting, []
        else:
            waiting.append(after.name)
    return missing


def _is_segment(path: Path, first: Path) -> bool:
    """Whether a file in the same folder is named as one and, unless names are numbers, begins as the first."""
    if path.stem != first.stem or len(path.suffix) != len(first.suffix) or not path.is_file():
        return False
    if first.suffix[1:].isdigit():
        return path.suffix[1:].isdigit()
    with path.open("rb") as one, first.open("rb") as other:
        return one.read(_MAGIC_BYTES) == other.read(_MAGIC_BYTES)


class DiskImage:
    """One disk image. Not safe to share between threads."""

    def __init__(self, path: Path, *, list_seconds: float = LIST_SECONDS, read_seconds: float = READ_SECONDS) -> None:
        require_image_reader()
        self._list_seconds, self._read_seconds, self._answers = list_seconds, read_seconds, _Answers(-1)
        self._process: subprocess.Popen[bytes] | None = None
        self._answering = False
        self._descriptors, self._missing = list[int](), list[str]()
        try:
            segments = segments_of(path)
            self._missing = missing_segments(path, segments)
            for one in segments:
                opened = os.open(one, os.O_RDONLY | os.O_CLOEXEC)
                self._descriptors.append(fcntl.fcntl(opened, fcntl.F_DUPFD_CLOEXEC, _FIRST_DESCRIPTOR))
                os.close(opened)
        except OSError as error:
            self.close()
            raise SourceUnreadableError(f"{error.filename or path}: {error.strerror}.") from None

    def list_files(self) -> Iterator[SourceFile | UnreadArea]:
        """Every file of every volume. Raises SourceUnreadableError where the image cannot be read at all."""
        yield from (UnreadArea(one, "missing_segment") for one in self._missing)
        with self._asked({"list": True}) as process:
            while (frame := self._frame(process, self._list_seconds))[0] in (FILE, AREA):
                try:
                    entry = _entry(*frame)
                except BadImageFrame:
                    self._stop()
                    break
                yield entry
            if frame[0] != END:
                yield UnreadArea("", "unreadable")

    def read_file(self, locator: bytes, most: int) -> bytes:
        """The bytes of a file; `most` + 1 bytes of a longer one. Raises SourceUnreadableError."""
        with self._asked(_reading([locator], most)) as process:
            return self._file(process, most)

    def read_files(self, locators: Sequence[bytes], most: int) -> Iterator[bytes | None]:
        """The bytes of each file, as `read_file` gives them; None for one that cannot be read."""
        if not locators:
            return
        answered, last = 0, None
        with suppress(SourceUnreadableError), self._asked(_reading(locators, most)) as process:
            while answered < len(locators) - 1:
                found = self._file(process, most)
                answered += 1
                yield found
            # The answer is whole before its last file is given: the caller may not come back.
            last = self._file(process, most)
        yield last
        for one in locators[answered + 1 :]:
            yield self._alone(one, most)

    def read_pieces(self, locator: bytes) -> Iterator[bytes]:
        """The bytes of a file of any length, piece by piece. Raises SourceUnreadableError."""
        with self._asked(_reading([locator], MOST_BYTES)) as process:
            yield from self._pieces(process, MOST_BYTES)

    def _alone(self, locator: bytes, most: int) -> bytes | None:
        try:
            return self.read_file(locator, most)
        except SourceUnreadableError:
            return None

    def _file(self, process: subprocess.Popen[bytes], most: int) -> bytes:
        return b"".join(self._pieces(process, most))

    def _pieces(self, process: subprocess.Popen[bytes], most: int) -> Iterator[bytes]:
        total = 0
        while (frame := self._frame(process, self._read_seconds))[0] == DATA:
            total += len(frame[1])
            if total > most + 1:
                raise SourceUnreadableError("The reader of the image sent more than was asked for.")
            yield frame[1]
        if frame[0] != END:
            raise SourceUnreadableError(frame[1][:100].decode("utf-8", "replace"))

    def close(self) -> None:
        """End the reader."""
        self._stop()
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _frame(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[int, bytes]:
        if process is not self._process:
            return FAILED, b"the reader of the image was ended"
        self._answers.seconds = seconds
        try:
            return receive_frame(self._answers)
        except BadImageFrame as error:
            self._stop()
            return FAILED, f"the reader of the image crashed or took too long ({error})".encode()

    @contextmanager
    def _asked(self, request: dict[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
        """Send a request; an answer that was not taken to its end ends the reader."""
        if self._answering:
            self._stop()
        process = self._process or self._start()
        assert process.stdin is not None
        whole, self._answering = False, True
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            yield process
            whole = True
        except BrokenPipeError:
            raise SourceUnreadableError("The reader of the image ended.") from None
        finally:
            # Another request may have ended this reader and started its own.
            if process is self._process:
                self._answering = False
                if not whole:
                    self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        if not self._descriptors:
            raise SourceUnreadableError("The image was closed.")
        # The whole life of a reader is bounded by processor time, not only each request.
        limits = Limits(seconds=86_400, pictures_per_worker=30, video_seconds=1)
        names = ",".join(map(str, self._descriptors))
        start = [_PROGRAM, str(Path(tutela.__file__).parents[1]), limits.to_text(), names]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, "-I", "-B", "-c", *start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=self._descriptors,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "TZ": "UTC"},
            process_group=0,
        )
        self._process = process
        assert process.stdout is not None
        with suppress(AttributeError, OSError):
            # The reader may be so far ahead. Some systems refuse, and it then waits sooner.
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _READ_AHEAD)
        self._answers = _Answers(process.stdout.fileno())
        kind, body = self._frame(process, START_SECONDS)
        if kind != READY:
            self._stop()
            raise SourceUnreadableError(body[:200].decode("utf-8", "replace"))
        return process

    def _stop(self) -> None:
        process, self._process, self._answering = self._process, None, False
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    # What was not flushed has no reader any more.
                    _close_quietly(pipe)


class _Answers:
    """What a reader sends, each piece within some seconds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._held, self._at, self.seconds = descriptor, b"", 0, START_SECONDS
        self._poll = select.poll()
        if descriptor >= 0:
            self._poll.register(descriptor, select.POLLIN)

    def read(self, size: int) -> bytes:
        """So many bytes; fewer where the reader ended or is silent."""
        if self._at + size > len(self._held):
            self._receive(size)
        start = self._at
        self._at = min(start + size, len(self._held))
        return self._held[start : self._at]

    def _receive(self, size: int) -> None:
        """Hold so many bytes, if they come."""
        parts = [self._held[self._at :]]
        missing = size - len(parts[0])
        while missing > 0 and self._poll.poll(1000 * self.seconds):
            parts.append(os.read(self._descriptor, 1 << 18))
            if not parts[-1]:
                break
            missing -= len(parts[-1])
        self._held, self._at = b"".join(parts), 0


def _close_quietly(pipe: Any) -> None:
    try:
        pipe.close()
    except OSError:
        return


def _reading(locators: Sequence[bytes], most: int) -> dict[str, Any]:
    return {"read": [json.loads(one) for one in locators], "most": most}


def _entry(kind: int, body: bytes) -> SourceFile | UnreadArea:
    given = entry_of(body)
    path, size = str(given["path"]), int(given.get("size", 0))
    if kind == AREA:
        return UnreadArea(path, str(given.get("code", "unreadable")), size)
    return SourceFile(
        path,
        json.dumps(given.get("at", [])).encode(),
        size,
        given.get("modified"),
        given.get("created"),
        bool(given.get("deleted", False)),
    )
