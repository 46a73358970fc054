"""Which packets of an AV1 video hold only frames that no other refers to: read from their headers, nothing is decoded.

The decoder of AV1 cannot be told from packet to packet to leave such frames out, as others can; but what refreshes no
reference can be kept from it. Source: AV1 Bitstream & Decoding Process Specification, 5.5.1, 5.9.2. In doubt a packet
is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE, _FRAME_HEADER, _FRAME, _REDUNDANT_HEADER = 1, 3, 6, 7
_KEY, _INTRA_ONLY, _SWITCH = 0, 2, 3
_SELECT = 2
# Headers that are read end before this.
_HEAD_BYTES = 64


class _Doubt(Exception):
    """Something that this does not read."""


class _Bits:
    def __init__(self, data: memoryview) -> None:
        head = bytes(data[:_HEAD_BYTES])
        self._value, self._left = int.from_bytes(head), 8 * len(head)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise _Doubt
        return self._value >> self._left & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.take(1))


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What a sequence header says about how frame headers are read."""

    id_bits: int
    screen_content: int
    integer_mv: int
    order_bits: int


class Dispensable:
    """Asked about the packets of a video in the order of decoding."""

    def __init__(self, extradata: bytes | None) -> None:
        """`extradata` is the container's configuration record, which holds the first sequence header."""
        self._sequence: _Sequence | None = None
        if extradata and extradata[0] == 0x81:
            self(memoryview(extradata)[4:])

    def __call__(self, packet: memoryview) -> bool:
        """Whether nothing that is decoded later refers to a frame in here. Never raises."""
        frames = 0
        try:
            for kind, body in _units(packet):
                if kind == _SEQUENCE:
                    self._sequence = _sequence(_Bits(body))
                elif kind in (_FRAME, _FRAME_HEADER):
                    if self._sequence is None or _refreshes(_Bits(body), self._sequence):
                        return False
                    frames += 1
        except (_Doubt, IndexError):
            return False
        return frames > 0


def _units(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at < len(data):
        head = data[at]
        at += 2 if head & 4 else 1
        size = len(data) - at
        if head & 2:
            size, at = _leb128(data, at)
        if at + size > len(data):
            raise _Doubt
        yield head >> 3 & 15, data[at : at + size]
        at += size


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if not byte & 128:
            return value, at + place + 1
    raise _Doubt


def _sequence(bits: _Bits) -> _Sequence:
    bits.take(4)  # profile, still picture
    if bits.flag() or bits.flag():  # a still picture's header; times that depend on a decoder's model
        raise _Doubt
    delay = bits.flag()
    if bits.take(5):  # several layers
        raise _Doubt
    bits.take(12)
    if bits.take(5) > 7:
        bits.take(1)
    if delay and bits.flag():
        bits.take(4)
    width, height = bits.take(4) + 1, bits.take(4) + 1
    bits.take(width + height)
    id_bits = 0
    if bits.flag():
        id_bits = bits.take(4) + 2 + bits.take(3) + 1
    bits.take(7)  # superblocks, filters and predictions that may be used
    ordered = bits.flag()
    if ordered:
        bits.take(2)
    screen_content = _SELECT if bits.flag() else bits.take(1)
    integer_mv = _SELECT
    if screen_content:
        integer_mv = _SELECT if bits.flag() else bits.take(1)
    return _Sequence(id_bits, screen_content, integer_mv, bits.take(3) + 1 if ordered else 0)


def _refreshes(bits: _Bits, known: _Sequence) -> bool:
    """Whether a frame's header says that it becomes a reference, or shows one that is there already."""
    if bits.flag():
        return True
    kind, shown = bits.take(2), bits.flag()
    if kind == _SWITCH or (kind == _KEY and shown):
        return True
    if not shown:
        bits.take(1)
    resilient = bits.flag()
    bits.take(1)
    content = bits.flag() if known.screen_content == _SELECT else bool(known.screen_content)
    if content and known.integer_mv == _SELECT:
        bits.take(1)
    bits.take(known.id_bits + 1 + known.order_bits)
    if kind not in (_KEY, _INTRA_ONLY) and not resilient:
        bits.take(3)
    return bits.take(8) != 0
