"""A list is in memory once: what the index holds, the snapshot beside it gives back."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from tests.support.matching_lists import digests, frame, pdq, record
from tutela.edge.active_lists.sealed_memory import SharedList, memory_of
from tutela.edge.errors import SnapshotMismatchError
from tutela.matching import IndexFileError, MatchList, Snapshot, SnapshotDamagedError, folded, snapshot_bytes
from tutela.matching.files.container import write_container
from tutela.matching.files.sealed_memory import give_back, sealed_memory
from tutela.matching.files.snapshot import place_of

KEY = bytes(32)
PAGE = 4096
COUNT = 2000


def made(folder: Path) -> tuple[bytes, SharedList]:
    data, _ = snapshot_bytes(record(i) for i in range(COUNT))
    return data, SharedList.make(memory_of([data]), folder / "1", KEY)


def in_memory(fd: int) -> int:
    return os.fstat(fd).st_blocks * 512


def test_the_hashes_of_a_list_are_in_memory_once(tmp_path: Path) -> None:
    data, shared = made(tmp_path)
    again = SharedList.open(tmp_path / "1", KEY, shared.snapshot.sha256)
    for one in (shared, again):
        begin, end = place_of(data, "pdq")
        assert in_memory(one.fds[0]) <= len(data) - (end - begin) + 3 * PAGE, "their pages were given back"
        assert os.pread(one.fds[0], end - begin, begin).count(0) > (end - begin) * 3 // 4
        assert one.snapshot.pdq.ctypes.data == one.index.view().layers[0].hashes.ctypes.data
        assert np.array_equal(one.snapshot.pdq, Snapshot(data).pdq)


def test_a_list_without_its_own_hashes_answers_and_grows_as_before(tmp_path: Path) -> None:
    data, shared = made(tmp_path)
    worker = SharedList.attach(*map(os.dup, shared.fds), shared.snapshot.sha256)
    whole = MatchList.load(Snapshot(data), list_id="list-a", version=1)
    changes = Snapshot(snapshot_bytes([record(COUNT + 1), record(3)])[0])
    for one in (shared, worker):
        known = MatchList.load(one.snapshot, list_id="list-a", version=1, index=one.index)
        for number in (0, 7, COUNT - 1):
            asked = [(digests(number), []), (None, [frame(pdq(number))])]
            assert known.match_all(asked) == whole.match_all(asked) != [[], []]
        assert folded(one.snapshot, changes) == folded(Snapshot(data), changes), "to the byte"


def test_hashes_that_do_not_ascend_stay_where_they_are(tmp_path: Path) -> None:
    """Nobody who signs such a list means well or knows how; it is searched all the same."""
    data, _ = snapshot_bytes(record(i) for i in range(COUNT))
    begin, end = place_of(data, "pdq")
    turned = np.frombuffer(data[begin:end], np.uint8).reshape(-1, 32)[::-1].tobytes()
    body = data[:begin] + turned + data[end:-32]
    other = body + hashlib.sha256(body).digest()
    shared = SharedList.make(memory_of([other]), tmp_path / "1", KEY)
    assert shared.index.view().in_place() is None
    assert np.array_equal(shared.snapshot.pdq, Snapshot(other).pdq)
    assert shared.index.query(shared.snapshot.pdq[5:6], 0).ids.tolist() == [5]


@pytest.mark.parametrize("spoil", ["older layout", "torn", "gone"])
def test_an_index_that_cannot_be_read_is_built_again_from_the_snapshot(tmp_path: Path, spoil: str) -> None:
    """After an upgrade or a crash; the clear files of a provider may be gone by then."""
    data, shared = made(tmp_path)
    path = tmp_path / "1.index"
    if spoil == "older layout":
        binding = bytes.fromhex(shared.snapshot.sha256)
        write_container(path, [(1).to_bytes(4, "little") + bytes(100)], binding=binding, key=KEY)
    elif spoil == "torn":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        path.unlink()
    again = SharedList.open(tmp_path / "1", KEY, shared.snapshot.sha256)
    assert np.array_equal(again.snapshot.pdq, Snapshot(data).pdq)
    assert again.index.query(again.snapshot.pdq[9:10], 0).ids.tolist() == [9]
    assert SharedList.open(tmp_path / "1", KEY, shared.snapshot.sha256).snapshot.sha256 == shared.snapshot.sha256


def test_without_a_whole_snapshot_there_is_no_list(tmp_path: Path) -> None:
    _, shared = made(tmp_path)
    whole = (tmp_path / "1.list").read_bytes()
    (tmp_path / "1.list").write_bytes(whole[:-1])
    with pytest.raises(SnapshotMismatchError):
        SharedList.open(tmp_path / "1", KEY, shared.snapshot.sha256)
    (tmp_path / "1.list").unlink()
    with pytest.raises(SnapshotMismatchError):
        SharedList.open(tmp_path / "1", KEY, shared.snapshot.sha256)


def test_descriptors_of_what_is_refused_are_closed(tmp_path: Path) -> None:
    _, shared = made(tmp_path)
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(5):
        with pytest.raises(IndexFileError):
            SharedList.attach(os.dup(shared.fds[0]), os.open(tmp_path / "1.index", os.O_RDONLY), "")
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_hashes_of_another_list_are_refused() -> None:
    data, _ = snapshot_bytes(record(i) for i in range(5))
    with pytest.raises(SnapshotDamagedError, match="another"):
        Snapshot(data, pdq=np.zeros((4, 32), np.uint8))
    with pytest.raises(SnapshotDamagedError, match="missing"):
        place_of(data, "nothing")


def test_a_list_of_another_digest_is_not_opened(tmp_path: Path) -> None:
    made(tmp_path)
    with pytest.raises(SnapshotMismatchError):
        SharedList.open(tmp_path / "1", KEY, "00" * 32)


def test_whole_pages_alone_are_given_back() -> None:
    with sealed_memory(4 * PAGE) as memory:
        os.pwrite(memory, b"x" * 4 * PAGE, 0)
        give_back(memory, 1, PAGE - 1)
        give_back(memory, 5, 5)
        assert in_memory(memory) == 4 * PAGE
        give_back(memory, PAGE - 1, 3 * PAGE + 1)
    assert in_memory(memory) == 2 * PAGE
    assert os.pread(memory, 4 * PAGE, 0) == b"x" * PAGE + bytes(2 * PAGE) + b"x" * PAGE
    os.close(memory)
