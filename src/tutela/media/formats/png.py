"""Decode usual PNGs: inflated at once, with filters undone by the kernel.

Pillow does both row by row, and slower. Usual means: one frame, eight bits a sample, not interlaced, and no display
information after the pixels. All other files are left to Pillow. So is every file whose pixels are not complete to the
byte: refusals are always Pillow's. The pixels equal those of Pillow.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.kernels import pdq_kernel
from tutela.media.pixels.colour import Pixels, averaged, seen_of
from tutela.media.pixels.large import reduction_of, strip_rows

# More bytes are left to Pillow, since here they are in memory three times; a large picture is read by strips.
MOST_BYTES = 64 << 20
# Colour type, and what Pillow calls it with eight bits a sample; samples a pixel.
_KINDS = {0: ("L", 1), 2: ("RGB", 3), 3: ("P", 1), 4: ("LA", 2), 6: ("RGBA", 4)}
_HEAD_BYTES = 33
# What is written behind the pixels and changes nothing about them.
_REMARKS = frozenset({b"Software", b"Comment", b"Title", b"Author", b"Description", b"Copyright", b"Creation Time"})
_LONGEST_REMARK = 4096


@dataclass(frozen=True, slots=True)
class Usual:
    """A PNG of the usual kind, opened as `image`; `seen` of it may yet turn out not to be."""

    image: Image.Image
    channels: int
    parts: tuple[memoryview, ...]

    def seen(self) -> Pixels | None:
        """Return the pixels as `seen_of` does after Pillow loaded the image; None if Pillow must decode it."""
        (width, height), mode = self.image.size, self.image.mode
        if height * (1 + width * self.channels) > MOST_BYTES:
            return self._averaged()
        data = _inflated(b"".join(self.parts), height * (1 + width * self.channels))
        rows = None if data is None else pdq_kernel.unfiltered(data, height, width * self.channels, self.channels)
        if rows is None:
            return None
        if mode in ("L", "RGB") and "transparency" not in self.image.info:
            return Pixels(rows if mode == "L" else rows.reshape(height, width, 3))
        return seen_of(self._image(rows))

    def _image(self, rows: NDArray[np.uint8]) -> Image.Image:
        """Some rows as Pillow has them."""
        some = Image.frombytes(self.image.mode, (self.image.width, len(rows)), rows.tobytes())
        some.palette = self.image.palette
        some.info |= {key: value for key, value in self.image.info.items() if key == "transparency"}
        some.load()
        return some

    def _averaged(self) -> Pixels | None:
        try:
            return averaged(map(self._colours, self._strips()), self.image.size)
        except _NotWhole:
            return None

    def _colours(self, rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Some rows as RGB or RGBA."""
        keyed = "transparency" in self.image.info
        if self.image.mode in ("RGB", "RGBA") and not keyed:
            return rows.reshape(len(rows), self.image.width, self.channels)
        clear = keyed or self.image.mode == "LA"
        return np.asarray(self._image(rows).convert("RGBA" if clear else "RGB"))

    def _strips(self) -> Iterator[NDArray[np.uint8]]:
        """The rows, some at a time. Raises `_NotWhole` where they end too early, or go on."""
        height, samples = self.image.height, self.image.width * self.channels
        packed, above = _Inflating(self.parts), bytes(samples)
        step = strip_rows(self.image.width)
        for begin in range(0, height, step):
            count = min(step, height - begin)
            # The row above comes first, as one without a filter.
            data = b"\0" + above + packed.read(count * (1 + samples))
            rows = pdq_kernel.unfiltered(data, count + 1, samples, self.channels)
            if rows is None:
                raise _NotWhole
            above = rows[-1].tobytes()
            yield rows[1:]
        packed.require_end()


class _NotWhole(Exception):
    """The pixels are not complete to the byte."""


class _Inflating:
    """The inflated pixels, read in pieces."""

    def __init__(self, parts: tuple[memoryview, ...]) -> None:
        self._way, self._parts, self._rest = zlib.decompressobj(), iter(parts), b""

    def read(self, size: int) -> bytes:
        """So many bytes. Raises `_NotWhole` for fewer."""
        found = bytearray()
        while len(found) < size:
            piece = self._rest or next(self._parts, b"")
            if not piece:
                raise _NotWhole
            try:
                found += self._way.decompress(piece, size - len(found))
            except zlib.error:
                raise _NotWhole from None
            self._rest = self._way.unconsumed_tail
        return bytes(found)

    def require_end(self) -> None:
        """Raises `_NotWhole` if there is more, or the stream does not end."""
        try:
            more = self._way.decompress(self._rest + b"".join(self._parts), 1)
        except zlib.error:
            raise _NotWhole from None
        if more or not self._way.eof:
            raise _NotWhole


def usual(data: bytes, image: Image.Image) -> Usual | None:
    """The PNG in `data`, whose head Pillow has read; None if it is of another kind."""
    length, kind, width, height, depth, colour, *ways = unpack_from(">I4sIIBBBBB", data, 8)
    mode, channels = _KINDS.get(colour, ("", 0))
    if (length, kind, depth, ways) != (13, b"IHDR", 8, [0, 0, 0]):
        return None
    if (mode, (width, height)) != (image.mode, image.size):
        return None
    if height * (1 + width * channels) > MOST_BYTES and reduction_of(width, height) == 1:
        return None
    parts = _parts(memoryview(data))
    return Usual(image, channels, parts) if parts else None


def _parts(data: memoryview) -> tuple[memoryview, ...]:
    """The pixels' chunks, one behind the other; none if one stands apart or something unusual follows."""
    found: list[memoryview] = []
    at, ended = _HEAD_BYTES, False
    while True:
        length, kind = unpack_from(">I4s", data, at)
        content = data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IEND":
            return tuple(found)
        if kind in (b"acTL", b"IHDR") or (kind == b"IDAT" and ended):
            return ()
        if kind == b"IDAT":
            found.append(content)
        elif found:
            ended = True
            if not _is_remark(kind, content):
                return ()


def _is_remark(kind: bytes, content: memoryview) -> bool:
    if kind != b"tEXt" or len(content) > _LONGEST_REMARK:
        return kind == b"tIME"
    key = bytes(content).partition(b"\0")[0]
    return key in _REMARKS or key.startswith(b"date:")


def _inflated(data: bytes, size: int) -> bytes | None:
    """The data, if they are exactly so many bytes and whole."""
    way = zlib.decompressobj()
    try:
        found = way.decompress(data, size)
        more = way.decompress(way.unconsumed_tail, 1)
    except zlib.error:
        return None
    return found if len(found) == size and not more and way.eof else None
