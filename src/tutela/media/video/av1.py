"""References between packets of an AV1 video: read from their headers, without decoding.

Other decoders can be told, packet by packet, to leave out frames without references; the decoder of AV1 cannot. But a
packet can be withheld from it if no requested frame refers to it, directly or through others. Eight slots hold the
frames that may be referred to; each frame states its references and the slots that it replaces. In doubt a packet
refers to all before it. Source: AV1 Bitstream & Decoding Process Specification, 5.5.1, 5.9.2, 7.20, 7.21.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE, _FRAME_HEADER, _FRAME, _REDUNDANT_HEADER = 1, 3, 6, 7
_KEY, _INTRA_ONLY, _SWITCH = 0, 2, 3
_SELECT = 2
_SLOTS, _REFERENCES, _ALL = 8, 7, 255
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
    """Settings of a sequence header for reading frame headers."""

    id_bits: int
    delta_id_bits: int
    screen_content: int
    integer_mv: int
    order_bits: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """Frame header: the slots it refers to and takes, as bits; whether it is a key frame.

    `again`: the frame shows the content of the slot it refers to.
    """

    refers: int
    takes: int
    key: bool
    again: bool = False


class References:
    """Asked about the packets of a video in the order of decoding."""

    def __init__(self, extradata: bytes | None) -> None:
        """`extradata` is the container's configuration record, which holds the first sequence header."""
        self._sequence: _Sequence | None = None
        self._at = 0
        # Of each slot the packet whose frame it holds, and whether that is a key frame; None where it is not known.
        self._slots: list[tuple[int, bool] | None] = [None] * _SLOTS
        if extradata and extradata[0] == 0x81:
            self(memoryview(extradata)[4:])
            self._at = 0

    def __call__(self, packet: memoryview) -> frozenset[int] | None:
        """The numbers of the packets that this one refers to; None: perhaps to all before it. Never raises."""
        number, self._at = self._at, self._at + 1
        found: set[int] | None = set()
        try:
            for frame in self._frames(packet):
                found = self._joined(found, frame)
                self._take(frame, number)
        except (_Doubt, IndexError):
            self.forget()
            return None
        return None if found is None else frozenset(found - {number})

    def forget(self) -> None:
        """Forget the slots, because a skipped packet outside the numbering may have changed them."""
        self._slots = [None] * _SLOTS

    def _frames(self, packet: memoryview) -> Iterator[_Frame]:
        for kind, body in _units(packet):
            if kind == _SEQUENCE:
                self._sequence = None
                self._sequence = _sequence(_Bits(body))
            elif kind in (_FRAME, _FRAME_HEADER):
                if self._sequence is None:
                    raise _Doubt
                yield _frame(_Bits(body), self._sequence)

    def _joined(self, found: set[int] | None, frame: _Frame) -> set[int] | None:
        held = [self._slots[slot] for slot in range(_SLOTS) if frame.refers >> slot & 1]
        known = [one[0] for one in held if one is not None]
        return None if found is None or len(known) < len(held) else found | set(known)

    def _take(self, frame: _Frame, number: int) -> None:
        takes, key = frame.takes, frame.key
        if frame.again:
            shown = self._slots[frame.refers.bit_length() - 1]
            if shown is None:
                raise _Doubt
            # A key frame that is shown later takes all slots when it is.
            takes, key = (_ALL if shown[1] else 0), shown[1]
        for slot in range(_SLOTS):
            if takes >> slot & 1:
                self._slots[slot] = (number, key)


def _units(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 0
    while at < len(data):
        head = data[at]
        if head & 4:  # a layer of several, which a decoder may drop
            raise _Doubt
        at += 1
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
    # Several layers, or a choice of them: of these a decoder drops some.
    if bits.take(5) or bits.take(12):
        raise _Doubt
    if bits.take(5) > 7:
        bits.take(1)
    if delay and bits.flag():
        bits.take(4)
    width, height = bits.take(4) + 1, bits.take(4) + 1
    bits.take(width + height)
    id_bits = delta = 0
    if bits.flag():
        delta = bits.take(4) + 2
        id_bits = delta + bits.take(3) + 1
    bits.take(7)  # superblocks, filters and predictions that may be used
    ordered = bits.flag()
    if ordered:
        bits.take(2)
    screen_content = _SELECT if bits.flag() else bits.take(1)
    integer_mv = _SELECT
    if screen_content:
        integer_mv = _SELECT if bits.flag() else bits.take(1)
    return _Sequence(id_bits, delta, screen_content, integer_mv, bits.take(3) + 1 if ordered else 0)


def _frame(bits: _Bits, known: _Sequence) -> _Frame:
    if bits.flag():
        return _Frame(1 << bits.take(3), 0, False, again=True)
    kind, shown = bits.take(2), bits.flag()
    if kind == _SWITCH:
        raise _Doubt
    if kind == _KEY and shown:
        return _Frame(0, _ALL, True)
    if not shown:
        bits.take(1)
    resilient = bits.flag()
    bits.take(1)
    content = bits.flag() if known.screen_content == _SELECT else bool(known.screen_content)
    if content and known.integer_mv == _SELECT:
        bits.take(1)
    bits.take(known.id_bits + 1 + known.order_bits)
    inter = kind not in (_KEY, _INTRA_ONLY)
    if inter and not resilient:
        bits.take(3)
    takes = bits.take(8)
    if not inter:
        return _Frame(0, takes, kind == _KEY)
    # Statements about missing frames, or about two references from which the others are derived, are not evaluated.
    if known.order_bits and (resilient or bits.flag()):
        raise _Doubt
    refers = 0
    for _ in range(_REFERENCES):
        refers |= 1 << bits.take(3)
        bits.take(known.delta_id_bits)
    return _Frame(refers, takes, False)
