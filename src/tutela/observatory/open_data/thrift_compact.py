"""Thrift's compact protocol, as far as the metadata of a Parquet file need it: numbers, texts, lists and structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_SHORT_LIST = 15


@dataclass(frozen=True)
class Long:
    """A number of 64 bits; plain numbers have 32."""

    value: int


type ThriftValue = int | str | Long | Sequence["ThriftValue"] | Mapping[int, "ThriftValue"]


def struct(fields: Mapping[int, ThriftValue]) -> bytes:
    """A struct: its fields by their numbers, which are written in order."""
    out, before = bytearray(), 0
    for number, value in sorted(fields.items()):
        # Our structs have no gaps of more than 15 numbers, so a field's header is one byte.
        out.append((number - before) << 4 | _kind(value))
        out += _encoded(value)
        before = number
    return bytes(out) + b"\0"


def varint(number: int) -> bytes:
    """A number from 0 on in groups of seven bits, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def _kind(value: ThriftValue) -> int:
    if isinstance(value, Long):
        return _I64
    if isinstance(value, int):
        return _I32
    if isinstance(value, str):
        return _BINARY
    return _STRUCT if isinstance(value, Mapping) else _LIST


def _encoded(value: ThriftValue) -> bytes:
    if isinstance(value, Long | int):
        number = value.value if isinstance(value, Long) else value
        return varint(number << 1 if number >= 0 else (-number << 1) - 1)
    if isinstance(value, str):
        data = value.encode()
        return varint(len(data)) + data
    if isinstance(value, Mapping):
        return struct(value)
    kind = _kind(value[0]) if value else _I32
    short = len(value) < _SHORT_LIST
    head = bytes([len(value) << 4 | kind]) if short else bytes([0xF0 | kind]) + varint(len(value))
    return head + b"".join(map(_encoded, value))
