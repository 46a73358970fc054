"""Frames between parent and worker: fixed, length-checked, no pickle.

The worker is not trusted once it has read a hostile picture. The parent therefore checks every length against a bound,
accepts only known codes and formats, and takes text only as printable characters.

    request   "TTQ1" operation:u8 length:u64, then `length` bytes; or a descriptor with the head instead
    answer    "TTA1" kind:u8 length:u32, then `length` bytes, at most MAX_ANSWER
"""

from __future__ import annotations

import socket
import struct
import time
from struct import Struct

from tutela.media.limits import Sampling
from tutela.media.pdq import HASH_BYTES, VARIANTS
from tutela.media.results import Code, Described, FrameHash, Refusal, Video, Window, WindowKind
from tutela.media.video.formats import VIDEO_FORMATS

HASH, PROBE, HASH_LISTED, HASH_VIDEO = 1, 2, 3, 4
DESCRIBED, REFUSED, HELLO, PROBED = 1, 2, 3, 4
# Two thousand frames with transparency, or more without: two hashes each, in eight positions, on all grounds.
MAX_ANSWER = 1 << 24
FORMATS = (
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "BMP",
    "TIFF",
    "HEIF",
    "AVIF",
    *(one.format for one in VIDEO_FORMATS),
    "ICO",
    "SVG",
    "data URI",
)

_REQUEST = Struct(">4sBQ")
_ANSWER = Struct(">4sBI")
_DESCRIBED = Struct(">BIIIBB")
# Duration and interval in milliseconds, frames in a thousand seconds, degrees, sampling.
_VIDEO = Struct(">QIQhB")
_FRAME = Struct(">IIBB")
_NO_TIME = 0xFFFFFFFF
_WINDOW = Struct(">BBB4H")
_UNIT = 65535
_TEXT = Struct(">H")
_CODES, _KINDS, _SAMPLINGS = tuple(Code), tuple(WindowKind), tuple(Sampling)
_REQUEST_MAGIC, _ANSWER_MAGIC = b"TTQ1", b"TTA1"


class BadFrame(Exception):
    """The other side did not keep to the format, or closed."""


def send_request(to: socket.socket, operation: int, data: bytes, descriptor: int | None = None) -> None:
    """Write one request; blocks until the worker took it or the socket's timeout passes.

    With a descriptor the worker reads from that, and `data` is empty.
    """
    head = _REQUEST.pack(_REQUEST_MAGIC, operation, len(data))
    if descriptor is None:
        to.sendall(head)
        to.sendall(data)
    else:
        socket.send_fds(to, [head], [descriptor])


def receive_request(source: socket.socket, max_bytes: int) -> tuple[int, bytes, int | None] | None:
    """Read one request: operation, bytes, descriptor. None when the parent has closed. Raises `BadFrame`."""
    head, descriptors, _, _ = socket.recv_fds(source, _REQUEST.size, 1)
    if not head:
        return None
    head += bytes(_receive(source, _REQUEST.size - len(head))) if len(head) < _REQUEST.size else b""
    magic, operation, length = _REQUEST.unpack(head)
    if magic != _REQUEST_MAGIC or length > max_bytes:
        raise BadFrame("an invalid request")
    return operation, bytes(_receive(source, length)), descriptors[0] if descriptors else None


def send_answer(to: socket.socket, kind: int, body: bytes) -> None:
    """Write one answer."""
    to.sendall(_ANSWER.pack(_ANSWER_MAGIC, kind, len(body)) + body)


def receive_answer(source: socket.socket) -> tuple[int, bytes]:
    """Read one answer. Raises `BadFrame`, or `TimeoutError` if all of it is not there by the socket's timeout."""
    seconds = source.gettimeout()
    until = None if seconds is None else time.monotonic() + seconds
    try:
        return _answer(source, until)
    finally:
        source.settimeout(seconds)


def _answer(source: socket.socket, until: float | None) -> tuple[int, bytes]:
    head = _receive(source, _ANSWER.size, until)
    if not head:
        raise BadFrame("the worker closed the connection")
    magic, kind, length = _ANSWER.unpack(head)
    if magic != _ANSWER_MAGIC or length > MAX_ANSWER:
        raise BadFrame("an invalid answer")
    return kind, bytes(_receive(source, length, until))


def pack_described(described: Described) -> bytes:
    """The body of a `DESCRIBED` answer."""
    head = _DESCRIBED.pack(
        FORMATS.index(described.format),
        described.width,
        described.height,
        len(described.frames),
        len(described.notes),
        described.video is not None,
    )
    frames = (_pack_frame(frame) for frame in described.frames)
    about = _pack_video(described.video) if described.video else b""
    return b"".join((head, about, *frames, *(_pack_text(note) for note in described.notes)))


def unpack_described(body: bytes) -> Described:
    """Read a `DESCRIBED` body. Raises `BadFrame` for anything but exactly one."""
    try:
        code, width, height, frame_count, note_count, has_video = _DESCRIBED.unpack_from(body)
        at = _DESCRIBED.size
        video: Video | None = None
        if has_video:
            video, at = _unpack_video(body, at)
        frames: list[FrameHash] = []
        for _ in range(frame_count):
            frame, at = _unpack_frame(body, at)
            frames.append(frame)
        notes: list[str] = []
        for _ in range(note_count):
            note, at = _unpack_text(body, at)
            notes.append(note)
        if at != len(body) or not frames:
            raise BadFrame("an answer of the wrong length")
        return Described(FORMATS[code], width, height, tuple(frames), tuple(notes), video)
    except (struct.error, IndexError) as error:
        raise BadFrame("an answer that cannot be read") from error


def pack_refusal(refusal: Refusal) -> bytes:
    """The body of a `REFUSED` answer."""
    return bytes([_CODES.index(refusal.code)]) + _pack_text(refusal.message)


def unpack_refusal(body: bytes) -> Refusal:
    """Read a `REFUSED` body. Raises `BadFrame`."""
    try:
        code = _CODES[body[0]]
        message, at = _unpack_text(body, 1)
    except (struct.error, IndexError) as error:
        raise BadFrame("a refusal that cannot be read") from error
    if at != len(body):
        raise BadFrame("a refusal of the wrong length")
    return Refusal(code, message)


def _receive(source: socket.socket, length: int, until: float | None = None) -> bytearray:
    """Exactly `length` bytes by then, however they drip; nothing if the peer closed before the first one."""
    buffer = bytearray(length)
    view, got = memoryview(buffer), 0
    while got < length:
        if until is not None:
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError("an answer that is too slow")
            source.settimeout(left)
        count = source.recv_into(view[got:])
        if not count:
            if not got:
                return bytearray()
            raise BadFrame("the peer closed in the middle of a frame")
        got += count
    return buffer


def _pack_video(video: Video) -> bytes:
    sampling = _SAMPLINGS.index(video.sampling)
    seconds, rate, interval = (round(value * 1000) for value in (video.seconds, video.rate, video.interval))
    return _VIDEO.pack(seconds, min(rate, _NO_TIME), interval, video.rotation, sampling) + _pack_text(video.codec)


def _unpack_video(body: bytes, at: int) -> tuple[Video, int]:
    seconds, rate, interval, rotation, sampling = _VIDEO.unpack_from(body, at)
    codec, at = _unpack_text(body, at + _VIDEO.size)
    return Video(codec, seconds / 1000, rate / 1000, rotation, _SAMPLINGS[sampling], interval / 1000), at


def _pack_frame(frame: FrameHash) -> bytes:
    time = _NO_TIME if frame.time_ms is None else min(frame.time_ms, _NO_TIME - 1)
    head = _FRAME.pack(frame.index, time, frame.quality, len(frame.windows))
    windows = (_pack_window(window) for window in frame.windows)
    return b"".join((head, *frame.variants, *frame.structures, *windows))


def _pack_window(window: Window) -> bytes:
    sides = (round(side * _UNIT) for side in window.box)
    head = _WINDOW.pack(_KINDS.index(window.kind), window.quality, len(window.variants), *sides)
    return b"".join((head, *window.variants, *window.structures))


def _unpack_frame(body: bytes, at: int) -> tuple[FrameHash, int]:
    index, time, quality, count = _FRAME.unpack_from(body, at)
    variants, structures, at = _unpack_hashes(body, at + _FRAME.size, len(VARIANTS))
    windows: list[Window] = []
    for _ in range(count):
        window, at = _unpack_window(body, at)
        windows.append(window)
    time_ms = None if time == _NO_TIME else time
    return FrameHash(index, variants[0], _quality(quality), variants, structures, tuple(windows), time_ms), at


def _unpack_window(body: bytes, at: int) -> tuple[Window, int]:
    kind, quality, positions, left, top, right, bottom = _WINDOW.unpack_from(body, at)
    if positions not in (1, len(VARIANTS)) or left >= right or top >= bottom:
        raise BadFrame("an invalid window")
    variants, structures, at = _unpack_hashes(body, at + _WINDOW.size, positions)
    box = (left / _UNIT, top / _UNIT, right / _UNIT, bottom / _UNIT)
    return Window(_KINDS[kind], box, _quality(quality), variants, structures), at


def _unpack_hashes(body: bytes, at: int, count: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...], int]:
    end = at + 2 * count * HASH_BYTES
    if end > len(body):
        raise BadFrame("hashes run past their answer")
    hashes = tuple(body[k : k + HASH_BYTES] for k in range(at, end, HASH_BYTES))
    return hashes[:count], hashes[count:], end


def _quality(value: int) -> int:
    if value > 100:
        raise BadFrame("a quality above 100")
    return value


def _pack_text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")[:1000]
    return _TEXT.pack(len(data)) + data


def _unpack_text(body: bytes, at: int) -> tuple[str, int]:
    length = _TEXT.unpack_from(body, at)[0]
    end = at + _TEXT.size + length
    if end > len(body):
        raise BadFrame("a text runs past its answer")
    text = body[at + _TEXT.size : end].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in text), end
