"""Compare two videos by vPDQ's own measure: frames of each near to any of the other, in no order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tutela.matching.files.records import MAX_DISTANCE, MIN_QUALITY
from tutela.matching.index.hamming_index import HammingIndex
from tutela.matching.video.similarity import percent


def percentages(query: Sequence[tuple[bytes, int]], compared: Sequence[tuple[bytes, int]]) -> tuple[float, float]:
    """vPDQ's two percentages of (hash, quality) of two videos' frames: the query's and the compared one's, 0-100.

    A side without a frame of quality 50 and above has 0 of both.
    """
    ours, theirs = _bag(query), _bag(compared)
    if not ours or not theirs:
        return 0.0, 0.0
    index = HammingIndex(np.frombuffer(b"".join(theirs), np.uint8).reshape(-1, 32), range(len(theirs)))
    near = index.query(np.frombuffer(b"".join(ours), np.uint8).reshape(-1, 32), MAX_DISTANCE)
    agreeing = int(np.count_nonzero(np.diff(near.offsets)))
    return percent(agreeing, len(ours)), percent(len(np.unique(near.ids)), len(theirs))


def _bag(frames: Sequence[tuple[bytes, int]]) -> list[bytes]:
    return list(dict.fromkeys(value for value, quality in frames if quality >= MIN_QUALITY))
