"""The frames between parent and worker: fixed, length-checked, no pickle.

The worker is not trusted once it has seen a hostile picture. The parent therefore reads every length against a bound,
accepts only known codes and formats, and takes text only as printable characters.

    request   "TTQ1" operation:u8 length:u64, then `length` bytes
    answer    "TTA1" kind:u8 length:u32, then `length` bytes, at most MAX_ANSWER
"""

from __future__ import annotations

import socket
import struct
from struct import Struct

from tutela.media.pdq import HASH_BYTES, VARIANTS
from tutela.media.results import Code, Described, FrameHash, Kind, Refusal, Window

HASH, PROBE, HASH_LISTED = 1, 2, 3
DESCRIBED, REFUSED, HELLO, PROBED = 1, 2, 3, 4
MAX_ANSWER = 1 << 18
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "HEIF", "AVIF")

_REQUEST = Struct(">4sBQ")
_ANSWER = Struct(">4sBI")
_DESCRIBED = Struct(">BIIBB")
_FRAME = Struct(">IBB")
_WINDOW = Struct(">BBB4H")
_UNIT = 65535
_TEXT = Struct(">H")
_REQUEST_MAGIC, _ANSWER_MAGIC = b"TTQ1", b"TTA1"


class BadFrame(Exception):
    """The other side did not keep to the format, or closed."""


def send_request(to: socket.socket, operation: int, data: bytes) -> None:
    """Write one request; blocks until the worker took it or the socket's timeout passes."""
    to.sendall(_REQUEST.pack(_REQUEST_MAGIC, operation, len(data)))
    to.sendall(data)


def receive_request(source: socket.socket, max_bytes: int) -> tuple[int, bytes] | None:
    """Read one request; None when the parent has closed. Raises `BadFrame`."""
    head = _receive(source, _REQUEST.size)
    if not head:
        return None
    magic, operation, length = _REQUEST.unpack(head)
    if magic != _REQUEST_MAGIC or length > max_bytes:
        raise BadFrame("a request that is not one")
    return operation, bytes(_receive(source, length))


def send_answer(to: socket.socket, kind: int, body: bytes) -> None:
    """Write one answer."""
    to.sendall(_ANSWER.pack(_ANSWER_MAGIC, kind, len(body)) + body)


def receive_answer(source: socket.socket) -> tuple[int, bytes]:
    """Read one answer. Raises `BadFrame`, or `TimeoutError` by the socket's timeout."""
    head = _receive(source, _ANSWER.size)
    if not head:
        raise BadFrame("the worker closed")
    magic, kind, length = _ANSWER.unpack(head)
    if magic != _ANSWER_MAGIC or length > MAX_ANSWER:
        raise BadFrame("an answer that is not one")
    return kind, bytes(_receive(source, length))


def pack_described(described: Described) -> bytes:
    """The body of a `DESCRIBED` answer."""
    head = _DESCRIBED.pack(
        FORMATS.index(described.format),
        described.width,
        described.height,
        len(described.frames),
        len(described.notes),
    )
    frames = (_pack_frame(frame) for frame in described.frames)
    return b"".join((head, *frames, *(_pack_text(note) for note in described.notes)))


def unpack_described(body: bytes) -> Described:
    """Read a `DESCRIBED` body. Raises `BadFrame` for anything but exactly one."""
    try:
        code, width, height, frame_count, note_count = _DESCRIBED.unpack_from(body)
        at = _DESCRIBED.size
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
        return Described(FORMATS[code], width, height, tuple(frames), tuple(notes))
    except (struct.error, IndexError) as error:
        raise BadFrame("an answer that cannot be read") from error


def pack_refusal(refusal: Refusal) -> bytes:
    """The body of a `REFUSED` answer."""
    return bytes([tuple(Code).index(refusal.code)]) + _pack_text(refusal.message)


def unpack_refusal(body: bytes) -> Refusal:
    """Read a `REFUSED` body. Raises `BadFrame`."""
    try:
        code = tuple(Code)[body[0]]
        message, at = _unpack_text(body, 1)
    except (struct.error, IndexError) as error:
        raise BadFrame("a refusal that cannot be read") from error
    if at != len(body):
        raise BadFrame("a refusal of the wrong length")
    return Refusal(code, message)


def _receive(source: socket.socket, length: int) -> bytearray:
    """Exactly `length` bytes; nothing if the peer closed before the first one."""
    buffer = bytearray(length)
    view, got = memoryview(buffer), 0
    while got < length:
        count = source.recv_into(view[got:])
        if not count:
            if not got:
                return bytearray()
            raise BadFrame("the peer closed in the middle of a frame")
        got += count
    return buffer


def _pack_frame(frame: FrameHash) -> bytes:
    head = _FRAME.pack(frame.index, frame.quality, len(frame.windows))
    windows = (_pack_window(window) for window in frame.windows)
    return b"".join((head, *frame.variants, *frame.structures, *windows))


def _pack_window(window: Window) -> bytes:
    sides = (round(side * _UNIT) for side in window.box)
    head = _WINDOW.pack(tuple(Kind).index(window.kind), window.quality, len(window.variants), *sides)
    return b"".join((head, *window.variants, *window.structures))


def _unpack_frame(body: bytes, at: int) -> tuple[FrameHash, int]:
    index, quality, count = _FRAME.unpack_from(body, at)
    variants, structures, at = _unpack_hashes(body, at + _FRAME.size, len(VARIANTS))
    windows: list[Window] = []
    for _ in range(count):
        window, at = _unpack_window(body, at)
        windows.append(window)
    return FrameHash(index, variants[0], _quality(quality), variants, structures, tuple(windows)), at


def _unpack_window(body: bytes, at: int) -> tuple[Window, int]:
    kind, quality, positions, left, top, right, bottom = _WINDOW.unpack_from(body, at)
    if positions not in (1, len(VARIANTS)) or left >= right or top >= bottom:
        raise BadFrame("a window that is none")
    variants, structures, at = _unpack_hashes(body, at + _WINDOW.size, positions)
    box = (left / _UNIT, top / _UNIT, right / _UNIT, bottom / _UNIT)
    return Window(tuple(Kind)[kind], box, _quality(quality), variants, structures), at


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
