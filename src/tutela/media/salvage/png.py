"""PNGs that are cut or damaged: inflate the pixels as far as possible, drop all that is not needed.

1. Chunks are walked; head, palette, transparency and pixels are kept, checksums are not checked.
2. The stream is inflated without its header and checksum, up to the first byte that does not fit.
3. Rows with an unknown filter do not end it. Missing data is filled, and a whole file is written for the usual decoder.
4. Missing rows become white; in an interlaced picture they become the coarser rows before them.
5. An animation is written again without the chunks that are not needed to see it, and with their checksums.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as struct_error
from struct import pack, unpack_from

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels, orientation_in, seen_of, varied
from tutela.media.pixels.colour_profile import Colours
from tutela.media.results import Code, Refusal
from tutela.media.salvage.salvaged import Salvaged, nothing, require_size

_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_SHOWN = frozenset((b"IHDR", b"PLTE", b"tRNS", b"acTL", b"fcTL", b"IDAT", b"fdAT", b"eXIf", b"gAMA", b"cICP"))
_PIECE = 1 << 14
_LAST_FILTER = 4
_LONGEST_PROFILE = 1 << 20
# Left, top, and steps to the right and down of the seven passes; from where one fills what it lacks.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(slots=True)
class _Parts:
    head: bytes = b""
    palette: bytes = b""
    transparency: bytes = b""
    exif: bytes = b""
    profile: bytes = b""
    gamma: bytes = b""
    transfer: int = 0
    pixels: list[bytes] = field(default_factory=list)
    # What an animation needs, in the order of the file.
    shown: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def moves(self) -> bool:
        return any(kind == b"fdAT" for kind, _body in self.shown)


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """Recover the rows of a damaged PNG. Raises `Refusal` if there is no row."""
    parts = _parts(data)
    if len(parts.head) < 13 or not parts.pixels:
        raise nothing(data)
    width, height, depth, colour, _, _, interlaced = unpack_from(">IIBBBBB", parts.head)
    require_size(width, height, limits)
    if colour not in _SAMPLES or depth not in (1, 2, 4, 8, 16) or interlaced > 1:
        raise Refusal(Code.CORRUPT, "PNG of an unknown kind")
    sizes = list(_rows(width, height, depth * _SAMPLES[colour], bool(interlaced)))
    raw = _inflated(b"".join(parts.pixels)[2:], sum(count * (1 + row) for count, row in sizes))
    whole, complete = _filled(raw, sizes)
    if not any(complete):
        raise nothing(data)
    with Image.open(io.BytesIO(_written(parts, whole)), formats=["PNG"]) as image:
        image.load()
        seen = seen_of(image)
    if raw != whole:
        seen = _coarser(seen, complete) if interlaced else seen.until(complete[0])
    animation = _chunks(parts.shown) if parts.moves else b""
    return Salvaged(seen, orientation_in(parts.exif), animation, moves=parts.moves, colours=_colours(parts))


def _parts(data: bytes) -> _Parts:
    found, at = _Parts(), 8
    try:
        while True:
            length, kind = unpack_from(">I4s", data, at)
            body = data[at + 8 : at + 8 + length]
            at += 12 + length
            if kind == b"IEND":
                break
            found.shown += [(kind, body)] if kind in _SHOWN else []
            if kind == b"IHDR" and not found.head:
                found.head = body[:13]
            elif kind == b"IDAT":
                found.pixels.append(body)
            elif kind == b"eXIf":
                found.exif = body
            elif kind == b"iCCP":
                found.profile = body
            elif kind == b"gAMA":
                found.gamma = body
            elif kind == b"cICP" and len(body) > 1:
                found.transfer = body[1]
            elif kind == b"PLTE" and not found.pixels:
                found.palette = body[: min(len(body) // 3, 256) * 3]
            elif kind == b"tRNS" and not found.pixels:
                found.transparency = body
    except struct_error:  # the file ends
        pass
    return found


def _colours(parts: _Parts) -> Colours:
    packed = parts.profile.partition(b"\0")[2][1:]
    profile = _inflated(packed[2:], _LONGEST_PROFILE) if packed else b""
    gamma = int.from_bytes(parts.gamma) / 100_000 if len(parts.gamma) == 4 else 0.0
    return Colours(profile, gamma, transfer=parts.transfer)


def _rows(width: int, height: int, bits: int, interlaced: bool) -> Iterator[tuple[int, int]]:
    """Yield the number of rows of each pass, and the bytes of a row without its filter byte."""
    if not interlaced:
        yield height, (width * bits + 7) // 8
        return
    for left, top, right, down in _PASSES:
        wide, high = max(0, -(-(width - left) // right)), max(0, -(-(height - top) // down))
        yield (high if wide else 0), (wide * bits + 7) // 8


def _inflated(data: bytes, size: int) -> bytes:
    """Inflate at most `size` bytes of a raw deflate stream, up to where it ends or breaks."""
    way, out, at = zlib.decompressobj(-zlib.MAX_WBITS), bytearray(), 0
    while at < len(data) and len(out) < size and not way.eof:
        before, piece = way.copy(), data[at : at + _PIECE]
        try:
            out += _all(way, piece, size - len(out))
        except zlib.error:
            out += _to_the_break(before, piece, size - len(out))
            break
        at += _PIECE
    return bytes(out[:size])


def _all(way: zlib._Decompress, piece: bytes, most: int) -> bytes:
    out = way.decompress(piece, most)
    while len(out) < most and way.unconsumed_tail:
        out += way.decompress(way.unconsumed_tail, most - len(out))
    return out


def _to_the_break(way: zlib._Decompress, piece: bytes, most: int) -> bytes:
    out = bytearray()
    try:
        for at in range(len(piece)):
            out += way.decompress(piece[at : at + 1])
            if len(out) >= most:
                break
    except zlib.error:
        pass
    return bytes(out)


def _filled(raw: bytes, sizes: list[tuple[int, int]]) -> tuple[bytes, list[int]]:
    """All rows, those that are missing as zeros; and how many of each pass were there."""
    out, complete, at, ended = bytearray(), list[int](), 0, False
    for count, row in sizes:
        filters = raw[at : at + count * (row + 1) : row + 1]
        there = 0 if ended else min(len(raw[at : at + count * (row + 1)]) // (row + 1), count)
        there = next((k for k, one in enumerate(filters[:there]) if one > _LAST_FILTER), there)
        ended = ended or there < count
        out += raw[at : at + there * (row + 1)] + bytes((count - there) * (row + 1))
        at += count * (row + 1)
        complete.append(there)
    return bytes(out), complete


def _written(parts: _Parts, raw: bytes) -> bytes:
    chunks = [(b"IHDR", parts.head)]
    chunks += [(b"PLTE", parts.palette)] if parts.palette else []
    chunks += [(b"tRNS", parts.transparency)] if _fits(parts) else []
    return _chunks([*chunks, (b"IDAT", zlib.compress(raw, 0))])


def _chunks(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """A file of these chunks, with their checksums."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))
        for kind, body in [*chunks, (b"IEND", b"")]
    )


def _fits(parts: _Parts) -> bool:
    """Whether the transparency is as long as this kind of picture has it."""
    colour, size = parts.head[9], len(parts.transparency)
    return {0: size == 2, 2: size == 6, 3: 0 < size <= len(parts.palette) // 3}.get(colour, False)


def _coarser(seen: Pixels, complete: list[int]) -> Pixels:
    """What is missing, filled from the passes that are there; without those, the page's ground."""
    alpha = np.full(seen.pixels.shape[:2], 255, np.uint8) if seen.alpha is None else seen.alpha.copy()
    opaque = None if seen.opaque is None else _fill_passes(seen.opaque.copy(), complete, 255)
    return Pixels(_fill_passes(seen.pixels.copy(), complete, 255), opaque, varied(_fill_passes(alpha, complete, 0)))


def _fill_passes(pixels: NDArray[np.uint8], complete: list[int], ground: int) -> NDArray[np.uint8]:
    pixels[complete[0] * 8 :: 8, ::8] = ground
    for (left, top, right, down), there in zip(_PASSES[1:], complete[1:], strict=True):
        some = pixels[top::down, left::right][there:]
        # A pass lies between the columns of those before it, or between their rows.
        from_ = pixels[top::down, left - right // 2 :: right] if left else pixels[top - down // 2 :: down, ::right]
        some[...] = from_[there : there + len(some), : some.shape[1]]
    return pixels
