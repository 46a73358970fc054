"""The proof of the search sees a difference of any kind, by any instruction set."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import search_proof


def hits(*rows: tuple[int, int, int]) -> search_proof.Hits:
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    return columns[0], columns[1], columns[2]


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        (((0, 5, 31), (2, 7, 0)), 0),
        (((0, 5, 31),), 1),
        (((0, 5, 30), (2, 7, 0)), 1),
        (((0, 6, 31), (2, 7, 0)), 1),
        (((0, 5, 31), (2, 7, 0), (2, 7, 0)), 1),
        ((), 2),
        (((1, 5, 31), (2, 7, 0)), 2),
    ],
)
def test_missed_doubled_and_wrongly_measured_hits_are_differences(
    found: tuple[tuple[int, int, int], ...], wrong: int
) -> None:
    assert search_proof.differs(hits((0, 5, 31), (2, 7, 0)), hits(*found)) == wrong


def test_every_level_answers_every_query(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    answer = search_proof.answer

    def noting(layers: object, queries: search_proof.Hashes, level: str) -> search_proof.Hits:
        asked.append((level, len(queries)))
        found: search_proof.Hits = answer(layers, queries, level)
        return found if level != search_proof.LEVELS[-1] else tuple(part[1:] for part in found)

    monkeypatch.setattr(search_proof, "answer", noting)
    monkeypatch.setattr(search_proof, "BATCH", 60)
    stored = search_proof.random_hashes(np.random.default_rng(1), 5000)
    wrong, compared = search_proof.differing(stored, 150, 2)
    assert compared
    for level in search_proof.LEVELS:
        assert sum(count for name, count in asked if name == level) >= 150
        assert wrong[level] == (3 if level == search_proof.LEVELS[-1] else 0)
