"""An index that changes while it is read."""

from __future__ import annotations

import threading
import weakref

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from tests.support.matching_hashes import Hashes, distances, far, random_hashes
from tutela.matching import HammingIndex, View
from tutela.matching.errors import HashShapeError
from tutela.matching.index.arrays import Ids

POOL = random_hashes(np.random.default_rng(77), 24)
SEEDS = st.integers(0, 1 << 20)
IDS = st.lists(st.integers(0, 30), max_size=8)


def expected(model: list[tuple[int, bytes]], query: Hashes, radius: int) -> list[tuple[int, int]]:
    found = ((name, int(distances(np.frombuffer(value, np.uint8)[None], query)[0])) for name, value in model)
    return sorted(hit for hit in found if hit[1] <= radius)


class AChangingIndex(RuleBasedStateMachine):
    """Adding, removing, changing and compacting in any order equals a plain list; an old view stays what it was."""

    views = Bundle("views")

    def __init__(self) -> None:
        super().__init__()
        self.index = HammingIndex(POOL[:4])
        self.model = [(i, bytes(POOL[i])) for i in range(4)]

    def made(self, seed: int, names: list[int]) -> Hashes:
        rng = np.random.default_rng(seed)
        made = [far(POOL[rng.integers(24)], rng.permutation(256)[: rng.integers(0, 40)]) for _ in names]
        return np.stack(made) if made else np.empty((0, 32), np.uint8)

    @rule(seed=SEEDS, names=IDS)
    def add(self, seed: int, names: list[int]) -> None:
        hashes = self.made(seed, names)
        self.index.add(hashes, names)
        self.model += [(name, bytes(value)) for name, value in zip(names, hashes, strict=True)]

    @rule(names=IDS)
    def remove(self, names: list[int]) -> None:
        self.index.remove(names)
        self.model = [pair for pair in self.model if pair[0] not in names]

    @rule(seed=SEEDS, gone=IDS, names=IDS)
    def change(self, seed: int, gone: list[int], names: list[int]) -> None:
        hashes = self.made(seed, names)
        self.index.change(gone, hashes, names)
        self.model = [pair for pair in self.model if pair[0] not in gone]
        self.model += [(name, bytes(value)) for name, value in zip(names, hashes, strict=True)]

    @rule()
    def compact(self) -> None:
        self.index.compact()
        assert len(self.index.view().layers) == 1

    @rule(target=views)
    def look(self) -> tuple[View, list[tuple[int, bytes]]]:
        return self.index.view(), list(self.model)

    @rule(view=views, at=st.integers(0, 23), radius=st.sampled_from([0, 15, 31, 40, 256]))
    def ask_an_old_view(self, view: tuple[View, list[tuple[int, bytes]]], at: int, radius: int) -> None:
        assert sorted(view[0].query(POOL[at][None], radius).of(0)) == expected(view[1], POOL[at], radius)

    @invariant()
    def equals_the_list(self) -> None:
        found = self.index.query(POOL[:6], 31)
        for i in range(6):
            assert sorted(found.of(i)) == expected(self.model, POOL[i], 31)
        assert len(self.index) == len(self.model)
        stored = {value for _, value in self.model}
        assert self.index.contains(POOL).tolist() == [bytes(value) in stored for value in POOL]


@pytest.mark.parametrize("scan_up_to", [2560, 0])
def test_any_order_of_changes_equals_a_plain_list(scan_up_to: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutela.matching.index.layer.SCAN_UP_TO", scan_up_to)
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(AChangingIndex, settings=settings(stateful_step_count=20))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 9000])
def test_unsorted_hashes_keep_their_names(size: int) -> None:
    rng = np.random.default_rng(size)
    hashes = random_hashes(rng, size)
    for ids in (None, [7 * i for i in range(size)]):
        index = HammingIndex(hashes, ids)
        found = index.query(hashes[:50], 31)
        for i in range(min(size, 50)):
            assert found.of(i) == [(i if ids is None else 7 * i, 0)]
    assert len(index) == size


def test_a_read_only_array_that_ascends_is_searched_in_place() -> None:
    hashes = np.frombuffer(bytes(64), np.uint8).reshape(-1, 32)
    index = HammingIndex(hashes)
    assert index.query(np.zeros((1, 32), np.uint8), 0).of(0) == [(0, 0), (1, 0)]
    assert index.view().layers[0].hashes.base is hashes.base
    assert index.nbytes == 64


def test_wrong_shapes_are_refused_and_change_nothing() -> None:
    for wrong in (np.zeros((2, 31), np.uint8), np.zeros(32, np.uint8), np.zeros((2, 32), np.int8)):
        with pytest.raises(HashShapeError):
            HammingIndex(wrong)
    with pytest.raises(HashShapeError, match="2 hashes came with 1 ids"):
        HammingIndex(np.zeros((2, 32), np.uint8), [1])
    index = HammingIndex(np.zeros((2, 32), np.uint8))
    with pytest.raises(HashShapeError):
        index.change([0, 1], np.zeros((2, 32), np.uint8), [5])
    with pytest.raises(OverflowError):
        index.remove([-1])
    assert len(index) == 2


def test_many_small_additions_stay_few_layers() -> None:
    rng = np.random.default_rng(5)
    hashes = random_hashes(rng, 1000)
    index = HammingIndex()
    for i in range(1000):
        index.add(hashes[i : i + 1], [i])
    assert len(index.view().layers) < 14
    assert index.query(hashes, 0).ids.tolist() == list(range(1000))


def test_changes_during_a_compaction_survive_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removed, added again and removed again while the base is being rebuilt."""
    from tutela.matching.index import hamming_index as module

    hashes = random_hashes(np.random.default_rng(6), 6)
    index = HammingIndex(hashes)
    index.add(hashes[4:], [50, 51])
    merge = module.merged

    def meanwhile(layers: tuple[object, ...]) -> object:
        base = merge(layers)  # type: ignore[arg-type]
        if layers is before:
            index.remove([0, 1, 50])
            index.add(hashes[:2], [0, 60])
            index.remove([60])
        return base

    before = index.view().layers
    monkeypatch.setattr(module, "merged", meanwhile)
    index.compact()
    assert sorted(name for i in range(6) for name, _ in index.query(hashes, 0).of(i)) == [0, 2, 3, 4, 5, 51]
    index.compact()
    assert len(index.view().layers) == 1
    assert len(index) == 6


def test_copies_are_freed_before_postings_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging holds one set of hashes while it builds their postings, not also the parts it joined."""
    from tutela.matching.index import layer as module

    hashes = random_hashes(np.random.default_rng(8), 3000)
    index = HammingIndex(hashes)
    index.add(random_hashes(np.random.default_rng(9), 10), range(5000, 5010))
    index.remove([3])
    joined: list[weakref.ref[Hashes]] = []
    held: list[int] = []
    rows, build = module.Layer.rows, module.Postings.of

    def watched(layer: module.Layer) -> tuple[Hashes, Ids]:
        parts = rows(layer)
        if parts[0] is not layer.hashes:
            joined.append(weakref.ref(parts[0]))
        return parts

    def counted(given: Hashes) -> module.Postings:
        held.append(sum(part() is not None for part in joined))
        return build(given)

    monkeypatch.setattr(module.Layer, "rows", watched)
    monkeypatch.setattr(module.Postings, "of", staticmethod(counted))
    index.compact()
    assert joined
    assert held == [0]


def test_a_failed_compaction_leaves_the_index_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.matching.index import hamming_index as module

    def full(_: object) -> object:
        raise MemoryError

    hashes = random_hashes(np.random.default_rng(6), 6)
    index = HammingIndex(hashes)
    with monkeypatch.context() as patch:
        patch.setattr(module, "merged", full)
        with pytest.raises(MemoryError):
            index.compact()
    index.remove([0])
    index.compact()
    assert len(index) == 5


def test_readers_see_all_of_a_change_or_nothing_of_it() -> None:
    """An id moves between two hashes, thousands of times; every reader sees it at exactly one of them."""
    rng = np.random.default_rng(9)
    places = random_hashes(rng, 2)
    index = HammingIndex(np.concatenate([random_hashes(rng, 3000), places[:1]]))
    over = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not over.is_set():
            seen.append(len(index.query(places, 31).ids))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    name = 3000
    for turn in range(400):
        index.change([name], places[(turn + 1) % 2][None], [name])
    over.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= {1}
