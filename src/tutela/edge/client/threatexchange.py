"""Extension of python-threatexchange: `pdq` and `vpdq` signals with Tutela's kernels.

    TX_MANIFEST    the name that `ThreatExchangeExtensionManifest.load_from_module_name` looks for

The name, the rules (31 of 256 bits, quality 50) and the answers are those of the library's own `pdq`. One entry, equal
hashes and a restart are handled like any others. Pictures are decoded in caged workers; palettes, CMYK and transparency
are first converted to colour.

Needs the package `threatexchange`, which Tutela itself does not install; to hash videos, `tutela[video]`.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from threatexchange.content_type.photo import PhotoContent
from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest
from threatexchange.signal_type.index import IndexMatchUntyped, SignalSimilarityInfoWithIntDistance, SignalTypeIndex
from threatexchange.signal_type.pdq.signal import PdqSignal
from threatexchange.signal_type.signal_base import SignalComparisonResult

from tutela.edge.client.threatexchange_vpdq import TutelaVpdqSignal
from tutela.matching import MAX_DISTANCE, HammingIndex
from tutela.matching.files.records import unhex
from tutela.matching.index.arrays import NO_HASHES, NO_IDS
from tutela.media import HasherPool, Level, Limits, Refused

_MAGIC = b"TUTELATX"
_LENGTHS = struct.Struct("<QQ")
_HASH_BYTES = 32
# One program has one set of uploads.
_TENANT = "threatexchange"
_MOST_ENTRIES, _MOST_BYTES = 1 << 32, 1 << 40


class TutelaPdqIndex(SignalTypeIndex[Any]):
    """Exact search. Entries may be added at any time; equal hashes keep all their entries.

    Serialised as hashes and JSON where the entries allow it, and never as code: `deserialize` reads data alone.
    """

    def __init__(self, entries: Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__()
        self._entries: list[Any] = []
        self._index = HammingIndex()
        self.add_all(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def query(self, query: str) -> Sequence[IndexMatchUntyped[SignalSimilarityInfoWithIntDistance, Any]]:
        """Every entry within 31 bits, the nearest first."""
        asked = np.frombuffer(_hash(query), np.uint8).reshape(1, _HASH_BYTES)
        near = sorted(self._index.query(asked, MAX_DISTANCE).of(0), key=lambda hit: (hit[1], hit[0]))
        return [
            IndexMatchUntyped(SignalSimilarityInfoWithIntDistance(distance), self._entries[number])
            for number, distance in near
        ]

    def add(self, signal_str: str, entry: Any) -> None:
        """Add one entry; those before it stay."""
        self.add_all([(signal_str, entry)])

    def add_all(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Add many in one step: cheaper than one by one. Nothing is added if one of the hashes is none."""
        pairs = [(_hash(text), entry) for text, entry in entries]
        if not pairs:
            return
        hashes = np.frombuffer(b"".join(value for value, _ in pairs), np.uint8).reshape(-1, _HASH_BYTES)
        first = len(self._entries)
        self._entries += [entry for _, entry in pairs]
        ids = np.arange(first, first + len(pairs), dtype=np.uint32)
        if first:
            self._index.change(NO_IDS, hashes, ids)
        else:
            self._index = HammingIndex(hashes, ids)

    def serialize(self, fout: BinaryIO) -> None:
        """Write hashes and entries. Raises TypeError if an entry is not JSON."""
        by_id = np.zeros((len(self._entries), _HASH_BYTES), np.uint8)
        for layer in self._index.view().layers:
            hashes, ids = layer.rows()
            by_id[ids] = hashes
        told = json.dumps(self._entries).encode()
        fout.write(_MAGIC + _LENGTHS.pack(len(self._entries), len(told)) + by_id.tobytes() + told)

    @classmethod
    def deserialize(cls, fin: BinaryIO) -> Self:
        """Read what `serialize` wrote. Raises ValueError for anything else."""
        head = fin.read(len(_MAGIC) + _LENGTHS.size)
        if len(head) < len(_MAGIC) + _LENGTHS.size or not head.startswith(_MAGIC):
            raise ValueError("the file is not an index of this type")
        count, length = _LENGTHS.unpack(head[len(_MAGIC) :])
        if count > _MOST_ENTRIES or length > _MOST_BYTES:
            raise ValueError("the sizes in the index are impossible")
        hashes, told = fin.read(count * _HASH_BYTES), fin.read(length)
        if len(hashes) != count * _HASH_BYTES or len(told) != length:
            raise ValueError("the index was cut short")
        entries = json.loads(told)
        if not isinstance(entries, list) or len(entries) != count:
            raise ValueError("the number of entries and hashes in the index differ")
        made = cls()
        made._entries = entries
        table = np.frombuffer(hashes, np.uint8).reshape(-1, _HASH_BYTES) if count else NO_HASHES
        made._index = HammingIndex(table, np.arange(count, dtype=np.uint32))
        return made

    def __getstate__(self) -> bytes:
        held = io.BytesIO()
        self.serialize(held)
        return held.getvalue()

    def __setstate__(self, state: bytes) -> None:
        self.__dict__.update(type(self).deserialize(io.BytesIO(state)).__dict__)


class TutelaPdqSignal(PdqSignal):
    """The library's `pdq`, hashed and searched by Tutela."""

    @classmethod
    def get_name(cls) -> str:
        return "pdq"

    @classmethod
    def get_content_types(cls) -> list[Any]:
        return [PhotoContent]

    @classmethod
    def get_index_cls(cls) -> type[Any]:
        return TutelaPdqIndex

    @classmethod
    def validate_signal_str(cls, signal_str: str) -> str:
        """The hash in lower case. Raises ValueError for anything but 64 hex digits; a line end is not one."""
        return _hash(signal_str).hex()

    @classmethod
    def compare_hash(cls, hash1: str, hash2: str, pdq_dist_threshold: int = MAX_DISTANCE) -> SignalComparisonResult:
        distance = (int.from_bytes(_hash(hash1)) ^ int.from_bytes(_hash(hash2))).bit_count()
        return SignalComparisonResult.from_simple_dist(distance, pdq_dist_threshold)

    @classmethod
    def hash_from_bytes(cls, bytes_: bytes) -> str:
        """The hash of a picture; empty if it is too flat. Raises ValueError for what is no picture that can be read."""
        result = _pool().hash_bytes(bytes_, tenant=_TENANT)
        if isinstance(result, Refused):
            raise ValueError(f"{result.code}: {result.message}")
        first = result.frames[0]
        return first.pdq.hex() if first.matchable else ""

    @classmethod
    def hash_from_file(cls, file: Path) -> str:
        return cls.hash_from_bytes(Path(file).read_bytes())


@cache
def _pool(interval: float = 1.0) -> HasherPool:
    """The workers of this program, started with the first picture; `interval` seconds between frames of a video."""
    # Its callers ask for the hash alone.
    limits = Limits(windows=Level.OFF, interval=interval, video_seconds=3600.0)
    pool = HasherPool(workers=len(os.sched_getaffinity(0)), limits=limits)
    atexit.register(pool.close)
    return pool


def _hash(text: str) -> bytes:
    return unhex(text, _HASH_BYTES)


TutelaVpdqSignal.pool, TutelaVpdqSignal.tenant = _pool, _TENANT
TX_MANIFEST = ThreatExchangeExtensionManifest(signal_types=(TutelaPdqSignal, TutelaVpdqSignal))
