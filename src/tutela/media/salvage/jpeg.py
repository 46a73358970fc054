"""JPEGs that are cut or damaged: keep only segments needed to decode, and rows as far as they go.

libjpeg waits where its data end, and has returned whole rows of blocks by then, as Chromium shows them. Other browsers
add an end marker and also show the last rows: both versions are hashed. A picture in scans returns nothing before it
ends.
"""

from __future__ import annotations

import io
from struct import unpack_from

import numpy as np
from PIL import Image, JpegImagePlugin

from tutela.media.kernels import pdq_kernel
from tutela.media.limits import Limits
from tutela.media.pixels.colour import orientation_in, seen_of
from tutela.media.pixels.colour_profile import Colours
from tutela.media.pixels.large import reduction_of
from tutela.media.salvage.salvaged import Salvaged, nothing, require_size

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
# Every SOF but DHT, JPG and DAC, which share its range.
FRAME_HEADERS = frozenset({*range(0xC0, 0xD0)}) - {0xC4, 0xC8, 0xCC}
_TABLES, _SCAN, _END, _START = frozenset({0xC4, 0xCC, 0xDB, 0xDD}), 0xDA, 0xD9, 0xD8
_EXIF, _ADOBE, _PROFILE = (0xE1, b"Exif\0\0"), (0xEE, b"Adobe"), (0xE2, b"ICC_PROFILE\0")


def salvage(data: bytes, limits: Limits) -> Salvaged:
    """Recover the rows of a damaged JPEG. Raises `Refusal` if there is no row."""
    kept, exif, frame, profile = _kept(data)
    if not frame:
        raise nothing(data)
    height, width = unpack_from(">HH", frame, 5)
    require_size(width, height, limits)
    scale, size = reduction_of(width, height), (height, width)
    waiting, ended = _decoded(kept), _decoded(kept + _EOI)
    image = waiting or ended
    if image is None:
        raise nothing(data)
    seen = seen_of(image)._replace(scale=scale, size=size)
    both = seen_of(ended)._replace(scale=scale, size=size) if ended and waiting else None
    return Salvaged(seen, orientation_in(exif), ended=both, colours=Colours(profile))


def decoded_smaller(image: JpegImagePlugin.JpegImageFile) -> int:
    """Let a picture of more than 100 megapixels be decoded smaller: to 1/scale of its size. Returns the scale."""
    width, height = image.size
    scale = reduction_of(width, height)
    if scale > 1:
        image.draft(None, (width // scale, height // scale))
    return scale


def _kept(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the segments that libjpeg needs, in its order; the Exif block; the frame header; the colour profile."""
    out, exif, frame, profile, at = [_SOI], b"", b"", b"", 2
    while (code := pdq_kernel.next_marker(data, at)) >= 0:
        kind = data[code]
        if kind == _END:
            out.append(_EOI)
            break
        at = code + 1
        if kind == _START or at + 2 > len(data):
            continue
        length = max(2, unpack_from(">H", data, at)[0])
        body = data[at + 2 : at + length]
        if kind == _EXIF[0] and body.startswith(_EXIF[1]):
            exif = exif or body
        elif kind == _PROFILE[0] and body.startswith(_PROFILE[1]):
            profile += body[len(_PROFILE[1]) + 2 :]
        elif at + length > len(data):
            break
        elif kind in _TABLES or kind in FRAME_HEADERS or (kind == _ADOBE[0] and body.startswith(_ADOBE[1])):
            out.append(data[code - 1 : at + length])
            frame = frame or (out[-1] if kind in FRAME_HEADERS and len(out[-1]) > 9 else b"")
        elif kind == _SCAN:
            stop = pdq_kernel.next_marker(data, at + length)
            end = len(data) if stop < 0 else stop - 1
            out.append(data[code - 1 : end])
            at = end
            continue
        at += length
    return b"".join(out), exif, frame, profile


def _decoded(data: bytes) -> Image.Image | None:
    """Rows as far as they go, on white; None if there is none."""
    header = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    decoded_smaller(header)
    canvas = Image.new(header.mode, header.size, 0 if header.mode == "CMYK" else "white")
    (_, extents, _, arguments) = header.tile[0]
    decoder = Image._getdecoder(header.mode, "jpeg", arguments, header.decoderconfig)
    try:
        decoder.setimage(canvas.im, extents)
        decoder.decode(data)
    finally:
        decoder.cleanup()
    blank = 0 if header.mode == "CMYK" else 255
    return canvas if (np.asarray(canvas.reduce(1)) != blank).any() else None
