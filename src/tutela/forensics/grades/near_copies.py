"""Near copies of an item inside its case: proposed to the person who graded it, never graded by the tool."""

from __future__ import annotations

import numpy as np

from tutela.forensics.case_folder.case import Case
from tutela.matching import MAX_DISTANCE, MIN_QUALITY, HammingIndex


class NearCopies:
    """Index of the case's pictures by their PDQ hashes."""

    def __init__(self, case: Case) -> None:
        query = (
            "SELECT sha256, pdq FROM item WHERE pdq IS NOT NULL AND quality >= ? GROUP BY sha256 ORDER BY pdq, sha256"
        )
        rows = case.rows(query, (MIN_QUALITY,))
        self._names = [str(row["sha256"]) for row in rows]
        self._hashes = np.frombuffer(b"".join(row["pdq"] for row in rows), np.uint8).reshape(-1, 32)
        self._index = HammingIndex(self._hashes)
        self._places = {name: at for at, name in enumerate(self._names)}

    def find(self, sha256: str, most: int = 50) -> list[tuple[str, int]]:
        """(SHA-256, distance) of other items within 31 bits, nearest first."""
        at = self._places.get(sha256)
        if at is None:
            return []
        found = self._index.query(self._hashes[at : at + 1], MAX_DISTANCE).of(0)
        near = sorted((distance, self._names[place]) for place, distance in found if place != at)
        return [(name, distance) for distance, name in near[:most]]
