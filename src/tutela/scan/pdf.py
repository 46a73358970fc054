"""Extract the pictures of a PDF in a separate confined process (`pdf_worker`)."""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from tutela.media import Limits
from tutela.scan.archives import ArchiveRefusal
from tutela.scan.errors import ScanError
from tutela.scan.pdf_worker import END, HEADER, LEFT_OUT, PICTURE

MAGIC = b"%PDF-"
# A viewer takes a file for a PDF whose first kilobyte names it.
HEAD = 1024
TIMEOUT_SECONDS = 60.0


class NoPdfError(ScanError):
    """The pictures in PDFs can be scanned where `tutela[pdf]` is installed."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A picture that could not be taken out."""

    reason: str


def is_pdf(start: bytes) -> bool:
    """Whether a viewer takes the file for a PDF."""
    return MAGIC in start[:HEAD]


def require_pdf() -> None:
    """Raises NoPdfError where the library is not installed."""
    if importlib.util.find_spec("pypdf") is None:
        raise NoPdfError


def pictures(data: bytes, most: int, seconds: float = TIMEOUT_SECONDS) -> Iterator[bytes | LeftOut]:
    """Every picture, in the order of the file, each of at most `most` bytes.

    Raises Refusal where the PDF cannot be read on, takes longer than `seconds`, or more memory than one file may.
    """
    limits = Limits(max_bytes=len(data), seconds=math.ceil(seconds), pictures_per_worker=1, video_seconds=1)
    command = [sys.executable, "-I", "-B", "-m", "tutela.scan.pdf_worker", limits.to_text()]
    with subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        process_group=0,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        clock = threading.Timer(seconds, child.kill)
        clock.start()
        feeder = threading.Thread(target=_feed, args=(child.stdin, data), daemon=True)
        feeder.start()
        try:
            yield from _answers(child.stdout, most)
        finally:
            clock.cancel()
            child.kill()
            feeder.join()


def _feed(pipe: IO[bytes], data: bytes) -> None:
    with suppress(OSError):
        pipe.write(data)
    with suppress(OSError):
        pipe.close()


def _answers(pipe: IO[bytes], most: int) -> Iterator[bytes | LeftOut]:
    while True:
        header = pipe.read(HEADER.size)
        if len(header) < HEADER.size:
            raise ArchiveRefusal("damaged", "the PDF exceeded the limits of time or memory, or its reader crashed")
        kind, length = HEADER.unpack(header)
        if length > most or kind not in (PICTURE, LEFT_OUT, END):
            raise ArchiveRefusal("too_large", f"a picture of more than {most} bytes")
        body = pipe.read(length)
        if len(body) < length:
            raise ArchiveRefusal("damaged", "the PDF exceeded the limits of time or memory, or its reader crashed")
        if kind == END:
            if body:
                raise ArchiveRefusal("damaged", body[:200].decode("utf-8", "replace"))
            return
        yield body if kind == PICTURE else LeftOut(body[:100].decode("utf-8", "replace"))
