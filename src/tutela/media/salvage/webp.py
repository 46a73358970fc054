"""WebPs that are cut, damaged or large: libwebp's incremental decoder gives rows as far as they go.

Pillow uses only the decoder of animations, which needs a whole file and keeps every picture in memory four times. The
incremental decoder is part of the same library, and is reached through the module of Pillow that is linked with it. The
decoder writes into our array, and needs nothing else.
"""

from __future__ import annotations

import ctypes
from functools import cache
from struct import error as struct_error
from struct import unpack_from

import numpy as np
from numpy.typing import NDArray
from PIL import _webp

from tutela.media.limits import Limits
from tutela.media.pixels.colour import Pixels, blended, orientation_in
from tutela.media.pixels.colour_profile import Colours
from tutela.media.results import Code, Refusal
from tutela.media.salvage.salvaged import Salvaged, nothing, require_size

_RGB, _RGBA = 0, 1
_OK, _SUSPENDED = 0, 5
_FRAME_HEAD = 16


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """Recover the rows of a damaged WebP. Raises `Refusal` if there is no row."""
    pixels, exif, profile = _pixels(data)
    size = _size_of(pixels)
    if size is None:
        raise nothing(data)
    require_size(*size, limits)
    found, rows = _decoded(pixels, size, seen_through=pixels.startswith(b"ALPH") or _lossless_alpha(pixels))
    if not rows:
        raise nothing(data)
    seen = (blended(found) if found.shape[2] == 4 else Pixels(found)).until(rows)
    file, part = _animation(data)
    return Salvaged(seen, orientation_in(exif), file, part, moves=b"ANMF" in data, colours=Colours(profile))


def _animation(data: bytes) -> tuple[bytes, bytes]:
    """Return a file of all frames of an animation, and one of its whole frames only; empty without frames."""
    at, head, frames, whole = 12, b"", list[bytes](), True
    while at + 8 <= len(data):
        kind, length = unpack_from("<4sI", data, at)
        chunk = data[at : at + 8 + length + length % 2]
        if kind == b"ANMF":
            whole = len(chunk) >= 8 + length
            frames += [chunk.ljust(8 + length + length % 2, b"\0")] if whole else []
        elif kind in (b"VP8X", b"ANIM"):
            head += chunk
        at += 8 + length + length % 2
    if not head or not frames:
        return b"", b""
    body = b"WEBP" + head + b"".join(frames)
    file = b"RIFF" + len(body).to_bytes(4, "little") + body
    return (file, b"") if whole else (b"", file)


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of the first picture."""
    return _size_of(_pixels(data)[0])


def _pixels(data: bytes) -> tuple[bytes, bytes, bytes]:
    """The chunks of the first picture's pixels, to the end of the file if they are the last; Exif; the profile."""
    at, exif, alpha, found, profile = 12, b"", b"", b"", b""
    try:
        while at + 8 <= len(data):
            kind, length = unpack_from("<4sI", data, at)
            body, whole = at + 8, data[at : at + 8 + length + length % 2]
            if kind == b"ANMF" and not found:
                at = body + _FRAME_HEAD
                continue
            if kind == b"ALPH" and not found:
                alpha = alpha or whole
            elif kind in (b"VP8 ", b"VP8L"):
                found = found or whole
            elif kind == b"ICCP":
                profile = profile or data[body : body + length]
            elif kind == b"EXIF":
                exif = exif or b"Exif\0\0" + data[body : body + length].removeprefix(b"Exif\0\0")
            at = body + length + length % 2
    except struct_error:
        pass
    return (alpha if found.startswith(b"VP8 ") else b"") + found, exif, profile


def _size_of(pixels: bytes) -> tuple[int, int] | None:
    """Width and height in the pixels' own head."""
    at = pixels.find(b"VP8") if pixels else -1
    head = pixels[at + 8 : at + 18] if at >= 0 else b""
    if len(head) == 10 and pixels[at : at + 4] == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = unpack_from("<HH", head, 6)
        return width & 0x3FFF, height & 0x3FFF
    if len(head) >= 5 and pixels[at : at + 4] == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    return None


def _lossless_alpha(pixels: bytes) -> bool:
    return pixels.startswith(b"VP8L") and bool(pixels[12] & 0x10)


def _decoded(pixels: bytes, size: tuple[int, int], *, seen_through: bool) -> tuple[NDArray[np.uint8], int]:
    """Rows × columns × 3 or 4, and how many rows there are."""
    library, (width, height) = _library(), size
    samples = 4 if seen_through else 3
    out = np.full((height, width, samples), 255, np.uint8)
    # libwebp wants what a file begins with where there is transparency, and takes bare chunks too.
    way = library.WebPINewRGB(_RGBA if seen_through else _RGB, out.ctypes.data, out.nbytes, width * samples)
    if not way:
        raise MemoryError
    try:
        status = library.WebPIUpdate(way, pixels, len(pixels))
        last = ctypes.c_int(0)
        got = library.WebPIDecGetRGB(way, ctypes.byref(last), None, None, None)
    finally:
        library.WebPIDelete(way)
    if status == 1:
        raise MemoryError
    return out, last.value if got or status in (_OK, _SUSPENDED) else 0


@cache
def _library() -> ctypes.CDLL:
    """libwebp. Raises `Refusal` where Pillow is not linked with one that can be asked."""
    try:
        found = ctypes.CDLL(_webp.__file__)
        found.WebPINewRGB.restype = found.WebPIDecGetRGB.restype = ctypes.c_void_p
        found.WebPINewRGB.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        found.WebPIUpdate.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)
        found.WebPIDecGetRGB.argtypes = (ctypes.c_void_p, *[ctypes.c_void_p] * 4)
        found.WebPIDelete.argtypes, found.WebPIDelete.restype = (ctypes.c_void_p,), None
    except (OSError, AttributeError):
        raise Refusal(Code.TRUNCATED, "WebP is damaged, and this machine reads only undamaged WebP") from None
    return found
