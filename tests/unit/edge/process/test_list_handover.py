"""Lists go from the holder to other processes as memory that nobody can change."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.edge_centre import NOW, manifest
from tests.support.matching_lists import digests, entry_id, frame, pdq, record
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, shared_list
from tutela.edge.active_lists.sealed_memory import SharedList, memory_of
from tutela.edge.process import list_handover
from tutela.edge.process.list_handover import Giver, Taker
from tutela.matching import IndexFileError, snapshot_bytes

ROOT = Path(__file__).parents[4]


def live(folder: Path, count: int, version: int) -> LiveList:
    data, report = snapshot_bytes(record(i) for i in range(count))
    memory = SharedList.make(memory_of([data[:100], data[100:]]), folder / str(version), bytes(32))
    return shared_list(memory, manifest(data, report.entries, version), NOW + timedelta(hours=1), NOW)


def wait(lists: LiveLists, version: int) -> LiveList:
    state = -1
    for _ in range(50):
        state = lists.changed(state, 0.2)
        held = lists.get("list-a")
        if held and held.matches.version == version:
            return held
    raise AssertionError(f"version {version} never came")


def test_a_worker_has_the_lists_at_once_and_every_change(tmp_path: Path) -> None:
    lists, taken = LiveLists(), LiveLists()
    first = live(tmp_path, 3, 1)
    lists.put(first)
    giver = Giver(tmp_path / "s", lists)
    taker = Taker(tmp_path / "s", taken)
    try:
        held = wait(taken, 1)
        assert held.matches.match(digests(2), []) == first.matches.match(digests(2), [])
        assert held.matches.match(None, [frame(pdq(1))])
        assert held.trusted_until == first.trusted_until
        lists.put(replace(first, matches=first.matches.without([entry_id(1)])))
        state = -1
        while not taken.all()[0].matches.removed:
            state = taken.changed(state, 5)
        assert not taken.all()[0].matches.match(digests(1), [])
        assert taken.all()[0].memory is held.memory, "what did not change is not handed over again"
        lists.put(live(tmp_path, 5, 2))
        assert wait(taken, 2).matches.match(digests(4), [])
    finally:
        taker.close()
        giver.close()


def test_what_people_hid_at_a_worker_is_not_taken_for_what_the_list_removed(tmp_path: Path) -> None:
    lists, taken = LiveLists(), LiveLists()
    first = live(tmp_path, 3, 1)
    lists.put(first)
    giver = Giver(tmp_path / "s", lists)
    taker = Taker(tmp_path / "s", taken)
    try:
        taken.hide({"list-a": frozenset({entry_id(1)})}, frozenset())
        assert not taken.all()[0].matches.match(digests(1), [])
        state = taken.changed(-1, 0)
        lists.put(replace(first, checked_at=NOW + timedelta(seconds=2)))
        taken.changed(state, 5)
        assert not taken.all()[0].matches.match(digests(1), [])
        taken.hide({}, frozenset())
        assert taken.all()[0].matches.match(digests(1), [])
    finally:
        taker.close()
        giver.close()


def test_a_broken_message_costs_a_worker_a_second_and_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists, taken = LiveLists(), LiveLists()
    first = live(tmp_path, 3, 1)
    lists.put(first)
    giver = Giver(tmp_path / "s", lists)
    taker = Taker(tmp_path / "s", taken)
    real, broken = SharedList.attach, [True]

    def attach(*given: Any) -> SharedList:
        if broken.pop() if broken else False:
            raise IndexFileError("broken")
        return real(*given)

    monkeypatch.setattr(SharedList, "attach", attach)
    try:
        lists.put(live(tmp_path, 5, 2))
        assert wait(taken, 2).matches.match(digests(4), [])
        assert not broken
    finally:
        taker.close()
        giver.close()


def test_a_worker_that_fails_again_and_again_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_handover, "_AGAIN_SECONDS", 0.01)
    lists, taken = LiveLists(), LiveLists()
    lists.put(live(tmp_path, 3, 1))
    giver = Giver(tmp_path / "s", lists)
    taker = Taker(tmp_path / "s", taken)
    real, broken = SharedList.attach, [MemoryError(), OSError(12, "memory cannot be sealed"), MemoryError()]

    def attach(*given: Any) -> SharedList:
        if broken:
            raise broken.pop()
        return real(*given)

    monkeypatch.setattr(SharedList, "attach", attach)
    try:
        lists.put(live(tmp_path, 5, 2))
        assert wait(taken, 2).matches.match(digests(4), [])
        lists.put(live(tmp_path, 6, 3))
        assert wait(taken, 3).matches.match(digests(5), [])
        assert not broken
    finally:
        taker.close()
        giver.close()


def test_a_worker_without_a_holder_keeps_what_it_has(tmp_path: Path) -> None:
    lists, taken = LiveLists(), LiveLists()
    lists.put(live(tmp_path, 3, 1))
    giver = Giver(tmp_path / "s", lists)
    taker = Taker(tmp_path / "s", taken)
    giver.close()
    assert taken.all()[0].matches.match(digests(0), [])
    taker.close()


def test_another_process_maps_the_same_pages(tmp_path: Path) -> None:
    lists = LiveLists()
    lists.put(live(tmp_path, 3, 1))
    giver = Giver(tmp_path / "s", lists)
    program = """
        import sys, os
        from pathlib import Path
        from tests.support.matching_lists import digests
        from tutela.edge.process.list_handover import Taker
        from tutela.edge.active_lists.lists_in_use import LiveLists
        lists = LiveLists()
        taker = Taker(Path(sys.argv[1]), lists)
        maps = Path("/proc/self/maps").read_text()
        print(len(lists.all()[0].matches.match(digests(2), [])), "memfd:tutela-list" in maps)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "s")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    giver.close()
    assert done.stdout.split() == ["1", "True"], done.stderr


def test_memory_that_could_change_is_refused(tmp_path: Path) -> None:
    data, _ = snapshot_bytes([record(0)])
    made = SharedList.make(memory_of([data]), tmp_path / "1", bytes(32))
    open_ended = os.memfd_create("open", os.MFD_ALLOW_SEALING)
    with pytest.raises(IndexFileError, match="not sealed"):
        SharedList.attach(open_ended, os.dup(made.fds[1]), made.snapshot.sha256)
    with pytest.raises(PermissionError):
        os.pwrite(made.fds[0], b"x", 0)
    assert fcntl.fcntl(made.fds[0], fcntl.F_GET_SEALS)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(open_ended)


def test_descriptors_are_given_up_with_the_last_user(tmp_path: Path) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = count()
    for version in range(1, 6):
        live(tmp_path, 3, version)
    assert count() <= before + 2
    assert threading.active_count() < 50
