"""`vpdq` signal of python-threatexchange with Tutela's kernels (see `threatexchange`).

Texts, rules and answers are those of the library's own extension, which builds `vpdq` from source: one frame per
second, 31 of 256 bits, quality 50. Equal hashes count once. The default thresholds are also the library's: 80 % of the
query's frames, any of the entry's. As in the library, thresholds are set on the index. Without a matching frame nothing
matches, also at thresholds of 0.
"""

from __future__ import annotations

import io
import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from threatexchange.content_type.video import VideoContent
from threatexchange.signal_type.index import IndexMatchUntyped, SignalSimilarityInfo, SignalTypeIndex
from threatexchange.signal_type.pdq.signal import PdqSignal
from threatexchange.signal_type.signal_base import FileHasher, SignalComparisonResult, SimpleSignalType

from tutela.matching import MAX_DISTANCE, MIN_QUALITY, HammingIndex, Thresholds, percentages
from tutela.matching.index.arrays import NO_IDS
from tutela.media import HasherPool, Refused
from tutela.media.video.vpdq import Feature, features, read_json, write_json

# The library's defaults.
QUERY_PERCENT, INDEX_PERCENT = 80.0, 0.0
_MAGIC = b"TUTELAVX"
_LENGTH = struct.Struct("<Q")
_MOST_BYTES = 1 << 40
_HASH_BYTES = 32


@dataclass
class VpdqSimilarity(SignalSimilarityInfo):
    """Both percentages, 0-100."""

    query_match_percent: float
    compared_match_percent: float

    def pretty_str(self) -> str:
        return f"{self.query_match_percent:.0f}%[{self.compared_match_percent:.0f}%]"


class TutelaVpdqIndex(SignalTypeIndex[Any]):
    """Exact search. Videos may be added at any time; those with the same frames keep all their entries.

    Serialised as hashes and JSON where the entries allow it, and never as code.
    """

    def __init__(
        self,
        quality_threshold: int = MIN_QUALITY,
        query_match_threshold_pct: float = QUERY_PERCENT,
        index_match_threshold_pct: float = INDEX_PERCENT,
    ) -> None:
        super().__init__()
        self._quality = quality_threshold
        self._thresholds = Thresholds(query_match_threshold_pct, index_match_threshold_pct)
        self._entries: list[tuple[list[bytes], Any]] = []
        self._numbers: dict[bytes, int] = {}
        # The videos that a hash is in.
        self._videos: list[list[int]] = []
        self._index = HammingIndex()

    @classmethod
    def build(
        cls,
        entries: Iterable[tuple[str, Any]],
        quality_threshold: int = MIN_QUALITY,
        query_match_threshold_pct: float = QUERY_PERCENT,
        index_match_threshold_pct: float = INDEX_PERCENT,
    ) -> Self:
        """An index of these videos. Raises ValueError as `add_all`."""
        made = cls(quality_threshold, query_match_threshold_pct, index_match_threshold_pct)
        made.add_all(entries)
        return made

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, signal_str: str, entry: Any) -> None:
        """Add one video. Raises ValueError for what is no vPDQ hash, or has no frame that can be compared."""
        self.add_all([(signal_str, entry)])

    def add_all(self, entries: Iterable[tuple[str, Any]]) -> None:
        """Add many in one step. Nothing is added if one of them cannot be."""
        videos = [(self._bag(text), entry) for text, entry in entries]
        if not all(hashes for hashes, _ in videos):
            raise ValueError("a video without a comparable frame is not indexed")
        self._add(videos)

    def _add(self, videos: Iterable[tuple[list[bytes], Any]]) -> None:
        first, fresh = len(self._numbers), list[bytes]()
        for hashes, entry in videos:
            for value in hashes:
                if value not in self._numbers:
                    self._numbers[value] = len(self._videos)
                    self._videos.append([])
                    fresh.append(value)
                self._videos[self._numbers[value]].append(len(self._entries))
            self._entries.append((hashes, entry))
        if fresh:
            ids = np.arange(first, first + len(fresh), dtype=np.uint32)
            self._index.change(NO_IDS, np.frombuffer(b"".join(fresh), np.uint8).reshape(-1, _HASH_BYTES), ids)

    def query(self, query: str) -> Sequence[IndexMatchUntyped[Any, Any]]:
        """Every video that reaches the thresholds, in the order in which they were added."""
        asked = self._bag(query)
        if not asked or not self._numbers:
            return []
        near = self._index.query(np.frombuffer(b"".join(asked), np.uint8).reshape(-1, _HASH_BYTES), MAX_DISTANCE)
        ours: defaultdict[int, set[int]] = defaultdict(set)
        theirs: defaultdict[int, set[int]] = defaultdict(set)
        for frame in range(len(asked)):
            for number, _ in near.of(frame):
                for video in self._videos[number]:
                    ours[video].add(frame)
                    theirs[video].add(number)
        found = []
        for video in sorted(ours):
            hashes, entry = self._entries[video]
            similar = VpdqSimilarity(len(ours[video]) * 100 / len(asked), len(theirs[video]) * 100 / len(hashes))
            if self._thresholds.reached(similar.query_match_percent, similar.compared_match_percent):
                found.append(IndexMatchUntyped(similar, entry))
        return found

    def serialize(self, fout: BinaryIO) -> None:
        """Write hashes and entries. Raises TypeError if an entry is not JSON."""
        told = json.dumps(
            {
                "quality": self._quality,
                "thresholds": [self._thresholds.query, self._thresholds.compared],
                "videos": [[b"".join(hashes).hex(), entry] for hashes, entry in self._entries],
            }
        ).encode()
        fout.write(_MAGIC + _LENGTH.pack(len(told)) + told)

    @classmethod
    def deserialize(cls, fin: BinaryIO) -> Self:
        """Read what `serialize` wrote. Raises ValueError for anything else."""
        head = fin.read(len(_MAGIC) + _LENGTH.size)
        if len(head) < len(_MAGIC) + _LENGTH.size or not head.startswith(_MAGIC):
            raise ValueError("the file is not an index of this type")
        (length,) = _LENGTH.unpack(head[len(_MAGIC) :])
        told = fin.read(length) if length <= _MOST_BYTES else b""
        if len(told) != length:
            raise ValueError("the index was cut short")
        try:
            value = json.loads(told)
            made = cls(int(value["quality"]), *(float(one) for one in value["thresholds"]))
            made._add([(_split(bytes.fromhex(hashes)), entry) for hashes, entry in value["videos"]])
        except (KeyError, TypeError, RecursionError, AttributeError) as error:
            raise ValueError("the contents of the index are not valid") from error
        return made

    def _bag(self, text: str) -> list[bytes]:
        return list(dict.fromkeys(one.pdq for one in read_json(text) if one.quality >= self._quality))

    def __getstate__(self) -> bytes:
        held = io.BytesIO()
        self.serialize(held)
        return held.getvalue()

    def __setstate__(self, state: bytes) -> None:
        self.__dict__.update(type(self).deserialize(io.BytesIO(state)).__dict__)


def _split(hashes: bytes) -> list[bytes]:
    if not hashes or len(hashes) % _HASH_BYTES:
        raise ValueError("a video of the index has incomplete hashes")
    return [hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES)]


class TutelaVpdqSignal(SimpleSignalType, FileHasher):
    """The library's `vpdq`, hashed and searched by Tutela."""

    # The workers of this program, by the seconds between frames.
    pool: Callable[[float], HasherPool]
    tenant: str

    @classmethod
    def get_name(cls) -> str:
        return "vpdq"

    @classmethod
    def get_content_types(cls) -> list[Any]:
        return [VideoContent]

    @classmethod
    def get_index_cls(cls) -> type[Any]:
        return TutelaVpdqIndex

    @classmethod
    def validate_signal_str(cls, signal_str: str) -> str:
        """The text as it is. Raises ValueError naming the frame that is none."""
        read_json(signal_str)
        return signal_str

    @classmethod
    def compare_hash(
        cls,
        hash1: str,
        hash2: str,
        query_match_pct_thresh: float = QUERY_PERCENT,
        compare_match_pct_thresh: float = INDEX_PERCENT,
    ) -> SignalComparisonResult:
        """Whether the first is in the second, by the thresholds, and both percentages."""
        query, compared = percentages(*([(one.pdq, one.quality) for one in read_json(text)] for text in (hash1, hash2)))
        match = Thresholds(query_match_pct_thresh, compare_match_pct_thresh).reached(query, compared)
        return SignalComparisonResult(match, VpdqSimilarity(query, compared))

    @classmethod
    def hash_from_file(cls, file: Path, seconds_per_hash: float = 1.0) -> str:
        """The hash of a video. Raises ValueError for what is none that can be read."""
        result = cls.pool(seconds_per_hash).hash_file(file, tenant=cls.tenant)
        if isinstance(result, Refused):
            raise ValueError(f"{result.code}: {result.message}")
        if result.video is None:
            raise ValueError("not_a_video: a picture")
        return write_json(features(result.frames))

    @staticmethod
    def get_examples() -> list[str]:
        told = [Feature(bytes.fromhex(value), 100, float(at)) for at, value in enumerate(PdqSignal.get_examples())]
        return [write_json(told)]
