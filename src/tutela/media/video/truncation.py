"""Check whether a video's file ends before the video, by the container's size fields.

Nothing is decoded. Players and demuxers show the available part and report nothing. If a container does not state its
length, the answer is no.
"""

from __future__ import annotations

from collections.abc import Callable
from io import SEEK_END
from struct import error as struct_error
from struct import unpack_from
from typing import BinaryIO

from tutela.media.video.formats import AVI, HEAD_BYTES, MATROSKA, MP4, OGG, TRANSPORT, WINDOWS, VideoFormat

# More boxes or lists than this, one behind the other, are no longer asked.
_MOST = 100_000
_SEGMENT = bytes.fromhex("18538067")
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_OGG_TAIL, _OGG_LAST = 1 << 17, 4
_TS_PACKET, _M2TS_PACKET, _SYNC = 188, 192, 0x47


def ends_early(source: BinaryIO, found: VideoFormat) -> bool:
    """True if the container states more content than the file has."""
    size = source.seek(0, SEEK_END)
    source.seek(0)
    head = source.read(HEAD_BYTES)
    way = _WAYS.get(found.format)
    try:
        return way is not None and way(source, head, size)
    except (struct_error, IndexError):
        return False


def _boxes(source: BinaryIO, _head: bytes, size: int) -> bool:
    at = 0
    for _ in range(_MOST):
        if at + 8 > size:
            return at != size
        source.seek(at)
        head = source.read(16)
        length = unpack_from(">I", head)[0]
        length = unpack_from(">Q", head, 8)[0] if length == 1 else length or size - at
        if length < 8 or not head[4:8].isalnum():
            return False
        at += length
    return False


def _riff(source: BinaryIO, _head: bytes, size: int) -> bool:
    """A file beyond a gigabyte is a row of lists."""
    at = 0
    for _ in range(_MOST):
        source.seek(at)
        head = source.read(8)
        if head[:4] != b"RIFF":
            return False
        length = unpack_from("<I", head, 4)[0]
        at += 8 + length + length % 2
        if at > size + 1:
            return True
    return False


def _matroska(_source: BinaryIO, head: bytes, size: int) -> bool:
    at = head.index(_SEGMENT) + len(_SEGMENT) if _SEGMENT in head else len(head)
    width = 9 - head[at].bit_length()
    length = int.from_bytes(head[at : at + width]) & ((1 << 7 * width) - 1)
    unknown = length == (1 << 7 * width) - 1
    return not unknown and at + width + length > size


def _asf(_source: BinaryIO, head: bytes, size: int) -> bool:
    stated = int(unpack_from("<Q", head, head.index(_ASF_FILE) + 40)[0]) if _ASF_FILE in head else 0
    return stated > size


def _ogg(source: BinaryIO, _head: bytes, size: int) -> bool:
    """True unless the last page is marked as the last and is whole."""
    source.seek(max(0, size - _OGG_TAIL))
    tail = source.read(_OGG_TAIL)
    last = tail.rfind(b"OggS")
    page = tail[last:]
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return last >= 0 and (not page[5] & _OGG_LAST or length > len(page))


def _packets(_source: BinaryIO, head: bytes, size: int) -> bool:
    packet = _TS_PACKET if head[0] == _SYNC else _M2TS_PACKET
    return size % packet != 0


_WAYS: dict[str, Callable[[BinaryIO, bytes, int], bool]] = {
    MP4.format: _boxes,
    AVI.format: _riff,
    MATROSKA.format: _matroska,
    WINDOWS.format: _asf,
    OGG.format: _ogg,
    TRANSPORT.format: _packets,
}
