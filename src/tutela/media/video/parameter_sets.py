"""Parameter sets of H.264 and HEVC: whether those in the packets are the ones that decoding began with.

A packet that is left out may replace a set, and later frames would be decoded by the old one. Then everything must be
decoded. Source: ITU-T H.264 7.3.1 and 7.4.1, H.265 7.3.1; ISO/IEC 14496-15 5.3.3 and 8.3.3.
"""

from __future__ import annotations

from collections.abc import Iterator

# Types of units by codec: sets of which there is one, and those with a number.
_SINGLE = {"h264": (7, 13, 15), "hevc": (32, 33)}
_NUMBERED = {"h264": 8, "hevc": 34}
_RECORD = {"h264": 7, "hevc": 23}
_START = b"\0\0\1"


def has_sets(codec: str) -> bool:
    """Whether packets of this codec, by ffmpeg's name, may replace parameter sets."""
    return codec in _RECORD


class ParameterSets:
    """Asked about the packets of a video in the order of decoding."""

    def __init__(self, codec: str, extradata: bytes | None) -> None:
        """`codec` is ffmpeg's name; `extradata` the container's configuration record or units with start codes."""
        self._codec, self._prefix, self._begun, self._clear = codec, 0, False, True
        self._known: dict[tuple[int, int], bytes] = {}
        record = extradata or b""
        if codec in _RECORD and record[:1] == b"\1" and len(record) >= _RECORD[codec]:
            self._prefix = (record[4 if codec == "h264" else 21] & 3) + 1
            self._clear = self._same(_in_record(codec, record))
        elif codec in _RECORD:
            self._clear = self._same(_with_start_codes(record))

    def __call__(self, packet: memoryview) -> bool:
        """Whether the sets are still the first ones."""
        if self._codec in _RECORD and self._clear:
            units = _with_lengths(packet, self._prefix) if self._prefix else _with_start_codes(bytes(packet))
            self._clear = self._same(units)
            self._begun = True
        return self._clear

    def _same(self, units: Iterator[bytes]) -> bool:
        for unit in units:
            key = self._key(unit)
            if key is None:
                continue
            if (key not in self._known and self._begun) or self._known.setdefault(key, unit) != unit:
                return False
        return True

    def _key(self, unit: bytes) -> tuple[int, int] | None:
        long = self._codec == "hevc"
        kind = unit[0] >> 1 & 63 if long else unit[0] & 31
        if kind == _NUMBERED[self._codec]:
            return kind, _number(unit[2 if long else 1 :])
        return (kind, 0) if kind in _SINGLE[self._codec] else None


def _number(data: bytes) -> int:
    """The first Exp-Golomb number, which fills less than 4 bytes; 0 if there is none."""
    bits = int.from_bytes(data[:4].ljust(4, b"\0"))
    zeros = 32 - bits.bit_length()
    return (bits >> max(0, 31 - 2 * zeros)) - 1 if bits else 0


def _in_record(codec: str, record: bytes) -> Iterator[bytes]:
    at = 5 if codec == "h264" else 22
    groups = 2 if codec == "h264" else record[at]
    at += codec == "hevc"
    for group in range(groups):
        if codec == "h264":
            count = record[at : at + 1][0] & (31 if group == 0 else 255) if at < len(record) else 0
            at += 1
        else:
            count = int.from_bytes(record[at + 1 : at + 3])
            at += 3
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2])
            if unit := record[at + 2 : at + 2 + size]:
                yield unit
            at += 2 + size


def _with_lengths(packet: memoryview, prefix: int) -> Iterator[bytes]:
    at = 0
    while at + prefix < len(packet):
        size = int.from_bytes(packet[at : at + prefix])
        at += prefix
        if unit := bytes(packet[at : at + size]):
            yield unit
        at += size


def _with_start_codes(data: bytes) -> Iterator[bytes]:
    for unit in data.split(_START)[1:]:
        # A zero before the next start code is part of that.
        if kept := unit.rstrip(b"\0"):
            yield kept
