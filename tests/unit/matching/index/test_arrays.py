"""Hashes and ids of every layout are found as their plain copies are, and another type is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.matching_hashes import random_hashes
from tutela.matching.errors import HashShapeError
from tutela.matching.index.arrays import as_ids
from tutela.matching.index.hamming_index import HammingIndex
from tutela.matching.index.layer import Layer, Postings

type Array = np.ndarray[Any, Any]

# More than are scanned: postings are built and read.
HASHES = random_hashes(np.random.default_rng(5), 2_700)
IDS = np.arange(len(HASHES), dtype=np.uint32)[::-1].copy()
GONE = np.arange(0, 500, 7, dtype=np.uint32)


def read_only(array: Array) -> Array:
    view = array.copy()
    view.flags.writeable = False
    return view


def misaligned(array: Array) -> Array:
    view: Array = np.ndarray(array.shape, array.dtype, np.zeros(array.nbytes + 1, np.uint8), offset=1)
    view[:] = array
    return view


LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "plain": np.copy,
    "Fortran order": np.asfortranarray,
    "read-only": read_only,
    "upside down": lambda a: a[::-1].copy()[::-1],
    "every other": lambda a: np.repeat(a, 2, 0)[::2],
    "a column of a table": lambda a: np.stack([a, a], axis=-1)[..., 0],
    "another byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "misaligned": misaligned,
}


def answers(index: HammingIndex, queries: Array) -> list[list[tuple[int, int]]]:
    index.remove(GONE)
    found = index.query(queries, 20)
    assert index.contains(queries).tolist() == [bool(found.of(number)) for number in range(len(queries))]
    return [sorted(found.of(number)) for number in range(len(queries))]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_arrays_of_any_layout_are_found_as_their_copies(layout: str) -> None:
    make = LAYOUTS[layout]
    expected = answers(HammingIndex(HASHES, IDS), HASHES[2_200:])
    assert answers(HammingIndex(make(HASHES), make(IDS)), make(HASHES[2_200:])) == expected
    ordered = HASHES[np.lexsort(HASHES.T[::-1])]
    built = Postings.of(make(ordered))
    parts = (make(part) for part in (built.starts, built.signatures, built.positions))
    layer = Layer.ready(make(ordered), make(IDS), Postings(built.bits, *parts))
    gone = layer.without(make(GONE))
    assert gone.living == len(ordered) - len(GONE)
    found = HammingIndex.over(gone).query(ordered, 0)
    assert found.ids.tolist() == [one for one in IDS.tolist() if one not in set(GONE.tolist())]


@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.float32, object, bool])
def test_hashes_of_another_type_are_refused(kind: Any) -> None:
    for ask in (HammingIndex, HammingIndex(HASHES).contains, Layer.of, Postings.of):
        with pytest.raises(HashShapeError):
            ask(HASHES.astype(kind))  # type: ignore[operator]


@pytest.mark.parametrize("ids", [[1.5], ["1"], np.array([1.5]), np.array([[1]]), np.array(["1"]), np.array([True])])
def test_ids_that_are_no_whole_numbers_are_refused(ids: Any) -> None:
    with pytest.raises(TypeError):
        as_ids(ids)


@pytest.mark.parametrize("ids", [[-1], [1 << 32], np.array([-1]), np.array([1 << 32])])
def test_ids_beyond_32_bits_are_refused(ids: Any) -> None:
    with pytest.raises(OverflowError):
        as_ids(ids)
