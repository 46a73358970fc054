"""Decode usual PNGs: inflated at once, with filters undone by the kernel.

Pillow does both row by row, and slower. Usual means: one frame, eight bits a sample, not interlaced, and no display
information after the pixels. All other files are left to Pillow. So is every file whose pixels are not complete to the
byte: refusals are always Pillow's. The pixels equal those of Pillow.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from struct import unpack_from

from PIL import Image

from tutela.media.kernels import pdq_kernel
from tutela.media.pixels.colour import Pixels, seen_of

# Longer rows are left to Pillow: here they are in memory three times.
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
        data = _inflated(b"".join(self.parts), height * (1 + width * self.channels))
        rows = None if data is None else pdq_kernel.unfiltered(data, height, width * self.channels, self.channels)
        if rows is None:
            return None
        if mode in ("L", "RGB") and "transparency" not in self.image.info:
            return Pixels(rows if mode == "L" else rows.reshape(height, width, 3))
        whole = Image.frombytes(mode, (width, height), rows.tobytes())
        whole.palette = self.image.palette
        whole.info |= {key: value for key, value in self.image.info.items() if key == "transparency"}
        whole.load()
        return seen_of(whole)


def usual(data: bytes, image: Image.Image) -> Usual | None:
    """The PNG in `data`, whose head Pillow has read; None if it is of another kind."""
    length, kind, width, height, depth, colour, *ways = unpack_from(">I4sIIBBBBB", data, 8)
    mode, channels = _KINDS.get(colour, ("", 0))
    if (length, kind, depth, ways) != (13, b"IHDR", 8, [0, 0, 0]):
        return None
    if (mode, (width, height)) != (image.mode, image.size) or height * (1 + width * channels) > MOST_BYTES:
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
