"""Certified set of a version: the set file of its snapshot, and the version's differences.

Two indicators may share a value, such as that of a PDQ hash. Occurrences are therefore counted, and a value leaves the
set with its last indicator.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutela.indicators.release_files import version_files
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.certified_set_file import ChangedSet, SetFile, write_set
from tutela.tlog.verify import HASH

_NUMBER = 4


@dataclass
class ValueSet:
    """Value set of a version, as a difference to `base`.

    `more` counts how much more often than in `base` values are present; `shared` names those present more than once.
    """

    base: SetFile
    shared: dict[bytes, int]
    more: Counter[bytes]
    # The set as it was computed last, and the values that moved since.
    made: ChangedSet
    moved: set[bytes]

    @classmethod
    def of(cls, base: int, version: int, key: str) -> ValueSet:
        """Return the value set of a version whose snapshot is of version `base`. Raises `OSError`,
        `SetFileDamagedError`.
        """
        kept = _newest.get(_path(version, key, "moved"))
        if kept is not None:
            return replace(kept, more=Counter(kept.more), moved=set(kept.moved))
        shared, file = _read(base, key, "shared"), SetFile(_path(base, key, "values"))
        more = Counter(_read(version, key, "moved") if version != base else {})
        return cls(file, shared, more, ChangedSet(file), set(more))

    def take(self, added: Iterable[bytes], gone: Iterable[bytes]) -> None:
        """Values of indicators that came, and of those that went."""
        for sign, values in ((1, added), (-1, gone)):
            for value in values:
                self.more[value] += sign
                self.moved.add(value)

    def set(self) -> ChangedSet:
        """The set as it is now: costs what moved since it was computed. Raises `SetFileDamagedError`."""
        there = {value for value in self.moved if self._times(value) + self.more[value] > 0}
        self.made = self.made.changed(there, self.moved - there)
        self.moved = set()
        return self.made

    def keep(self, version: int, key: str) -> None:
        """Keep what a version has more or less of."""
        _write(version, key, "moved", {value: n for value, n in self.more.items() if n})
        _newest.clear()
        _newest[_path(version, key, "moved")] = self

    def fold(self, made: ChangedSet, version: int, key: str) -> None:
        """Keep the set as that of a version's own snapshot. `made` is what `set` answered."""
        made.write(_path(version, key, "values"))
        times = {value: self._times(value) + n for value, n in self.more.items()}
        shared = {value: n for value, n in {**self.shared, **times}.items() if n > 1}
        _write(version, key, "shared", shared)

    def _times(self, value: bytes) -> int:
        return self.shared.get(value, 1) if value in self.base else 0


# The newest set that this process made, which the next version begins with; by its file.
_newest: dict[Path, ValueSet] = {}


def there(base: int, version: int, key: str) -> bool:
    """Whether the set of a version is kept under this key."""
    return _path(base, key, "values").exists() and (version == base or _path(version, key, "moved").exists())


def begin(version: int, key: str, values: bytes) -> SetFile:
    """Keep the set of a version's own snapshot, from the values of all its hashes in any order, 32 bytes each."""
    ordered: NDArray[Any] = np.sort(np.frombuffer(values, f"S{HASH}"))
    again: NDArray[Any] = np.flatnonzero(ordered[1:] == ordered[:-1])
    more = Counter(bytes(ordered[place]).ljust(HASH, b"\0") for place in again)
    write_set(_path(version, key, "values"), ordered)
    _write(version, key, "shared", {value: n + 1 for value, n in more.items()})
    return SetFile(_path(version, key, "values"))


def _read(version: int, key: str, what: str) -> dict[bytes, int]:
    data = _path(version, key, what).read_bytes()
    rows = (data[at : at + HASH + _NUMBER] for at in range(0, len(data), HASH + _NUMBER))
    return {row[:HASH]: int.from_bytes(row[HASH:], signed=True) for row in rows}


def _write(version: int, key: str, what: str, counted: dict[bytes, int]) -> None:
    rows = (value + n.to_bytes(_NUMBER, signed=True) for value, n in sorted(counted.items()))
    write_atomically(_path(version, key, what), b"".join(rows))


def _path(version: int, key: str, what: str) -> Path:
    return version_files.file(version, f"{key[:16]}.{what}")
