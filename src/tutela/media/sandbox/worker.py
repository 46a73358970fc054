"""Worker process: `python -m tutela.media.sandbox.worker <descriptor> <limits>`.

1. Import every codec and hash one small picture of each format, so that nothing is loaded later.
2. Lock the cage.
3. Say hello, then answer one request after another until the parent closes or the allotted pictures are done.

The parent must kill a worker that takes too long, and must check its answers.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import socket
import sys
import warnings
from base64 import b64encode
from struct import pack
from typing import Any

import pillow_heif  # noqa: F401 - loaded before the cage closes
from PIL import Image

from tutela.media.images.decode import describe
from tutela.media.images.heif_sequences import describe_picture
from tutela.media.limits import Level, Limits
from tutela.media.results import Code, Described, Refusal
from tutela.media.sandbox import cage, wire
from tutela.media.sandbox.warm_up_samples import SAMPLES, VIDEO
from tutela.media.video.hash_video import describe_video

# Callers wait for the first pass, and nobody for the second.
SECOND_NICENESS = 10
_OUT_OF_MEMORY = Refusal(Code.MEMORY_LIMIT, "decoding needs more memory than is allowed for one picture")


def main(arguments: list[str]) -> int:
    """Serve the socket whose descriptor is the first argument, within the limits of the second."""
    limits = Limits.from_text(arguments[1])
    with socket.socket(fileno=int(arguments[0])) as parent:
        parent.settimeout(None)
        warm_up(limits)
        if limits.windows is Level.SECOND:
            os.nice(SECOND_NICENESS)
        filtered = cage.lock(limits)
        wire.send_answer(parent, wire.HELLO, bytes([filtered]))
        left = limits.pictures_per_worker
        most = max(limits.max_bytes, limits.max_video_bytes)
        while left > 0 and (request := wire.receive_request(parent, most)) is not None:
            operation, data, descriptor = request
            _answer(parent, operation, data if descriptor is None else descriptor, limits)
            left -= limits.pictures_per_video if operation == wire.HASH_VIDEO else 1
            del request, data
    return 0


def warm_up(limits: Limits) -> None:
    """Load every plugin, decoder and lazily imported module that a picture could ask for."""
    Image.init()
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    for data in (*SAMPLES, *_generated()):
        describe(data, limits)
    pictures = _generated()
    for data in (*(one[: len(one) - 3] for one in pictures), _icon(pictures), _svg(pictures)):
        with contextlib.suppress(Refusal):  # cut, they go the way that knows what to do with them
            describe(data, limits)
    for broken in (SAMPLES[0][:-9] + b"\0" * 9, SAMPLES[1][:-9] + b"\0" * 9, b"x"):
        with contextlib.suppress(Refusal):
            describe(broken, limits)
    for video in (VIDEO, VIDEO[:-200]):
        with contextlib.suppress(Refusal):  # also where the decoders of videos are not installed
            describe_video(io.BytesIO(video), limits)
    if limits.windows is Level.SECOND:
        for data in map(_encoded, (_covered(), _covered().rotate(3))):
            describe(data, limits)
    gc.collect()


def _covered() -> Image.Image:
    """A picture with something laid over it, so that all of the second pass is done once."""
    picture = Image.radial_gradient("L").resize((192, 128))
    picture.paste(200, (100, 40, 130, 70))
    return picture


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _generated() -> list[bytes]:
    pictures: list[bytes] = []
    asked: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("JPEG", "RGB", {}),
        ("JPEG", "CMYK", {}),
        ("PNG", "P", {"transparency": 0}),
        ("PNG", "I;16", {}),
        ("GIF", "P", {}),
        ("WEBP", "RGBA", {}),
        ("BMP", "RGB", {}),
        ("TIFF", "LAB", {}),
        ("TIFF", "F", {}),
        *(("TIFF", "RGB", {"compression": c}) for c in ("raw", "tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")),
    )
    for format_name, mode, options in asked:
        out = io.BytesIO()
        Image.new(mode, (16, 16)).save(out, format_name, **options)
        pictures.append(out.getvalue())
    return pictures


def _icon(pictures: list[bytes]) -> bytes:
    (bitmap,) = (one for one in pictures if one.startswith(b"BM"))
    return b"\0\0\1\0\1\0" + pack("<8xII", len(bitmap) - 14, 22) + bitmap[14:]


def _svg(pictures: list[bytes]) -> bytes:
    return b'<svg><image href="data:;base64,' + b64encode(pictures[0]) + b'"/></svg>'


def _answer(parent: socket.socket, operation: int, given: bytes | int, limits: Limits) -> None:
    if operation == wire.PROBE:
        refused = cage.try_to_escape()
        wire.send_answer(parent, wire.PROBED, "\n".join(f"{int(no)}{name}" for name, no in refused.items()).encode())
        return
    try:
        described = _described(operation, given, limits)
    except Refusal as refusal:
        wire.send_answer(parent, wire.REFUSED, wire.pack_refusal(refusal))
    except MemoryError:
        gc.collect()
        wire.send_answer(parent, wire.REFUSED, wire.pack_refusal(_OUT_OF_MEMORY))
    else:
        wire.send_answer(parent, wire.DESCRIBED, wire.pack_described(described))


def _described(operation: int, given: bytes | int, limits: Limits) -> Described:
    if operation != wire.HASH_VIDEO:
        data = given if isinstance(given, bytes) else _read(given, limits.max_bytes)
        return describe_picture(data, limits, listed=operation == wire.HASH_LISTED)
    with io.BytesIO(given) if isinstance(given, bytes) else open(given, "rb", buffering=0) as source:
        return describe_video(source, limits)


def _read(descriptor: int, most: int) -> bytes:
    with open(descriptor, "rb", buffering=0) as source:
        data = source.readall()
    if len(data) > most:
        raise Refusal(Code.TOO_LARGE, f"more than {most} bytes")
    return data


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Interpreter shutdown would make calls that the cage refuses.
    os._exit(code)
