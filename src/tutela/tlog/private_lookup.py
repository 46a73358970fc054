"""Client side of a private look-up: the fetched set of values, and whether an item is in it.

A file: a line with the file type, a line of JSON, then the values in order, each cut to `bytes`.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tutela.tlog.verify import Refused

MAGIC = b"tutela-lookup/1\n"
# Of so many bits, a hundred million values answer a wrong yes once in 10^11 questions.
VALUE_BYTES = 8
_LONGEST_HEAD = 2000


@dataclass(frozen=True)
class ValueSet:
    """Value set: its list and state, its key, and its values."""

    list_id: str
    tag: str
    key: bytes
    values: memoryview

    @classmethod
    def parse(cls, data: bytes) -> ValueSet:
        """Read a file. Raises `Refused`."""
        end = data.find(b"\n", len(MAGIC), len(MAGIC) + _LONGEST_HEAD)
        if not data.startswith(MAGIC) or end < 0:
            raise Refused("not a set of values")
        try:
            head = json.loads(data[len(MAGIC) : end])
            key, list_id, tag, width = bytes.fromhex(head["key"]), head["list"], head["set"], head["bytes"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused("the head of the set cannot be read") from None
        values = memoryview(data)[end + 1 :]
        if width != VALUE_BYTES or len(key) != 32 or len(values) % VALUE_BYTES:
            raise Refused("the set has an unexpected shape")
        return cls(str(list_id), str(tag), key, values)

    def __len__(self) -> int:
        return len(self.values) // VALUE_BYTES

    def holds(self, value: bytes) -> bool:
        """Whether an item of this value is in the set."""
        wanted = value[:VALUE_BYTES]
        at = bisect_left(_Rows(self.values), wanted)
        return at < len(self) and bytes(self.values[at * VALUE_BYTES : (at + 1) * VALUE_BYTES]) == wanted


class _Rows(Sequence[bytes]):
    def __init__(self, values: memoryview) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values) // VALUE_BYTES

    def __getitem__(self, at: int) -> bytes:  # type: ignore[override]  # bisect asks for single rows alone
        return bytes(self._values[at * VALUE_BYTES : (at + 1) * VALUE_BYTES])
