"""A version that only says what changed: fetched, verified and used as a whole one, and nothing else in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.edge_centre import LIST, NOW, Centre, Edge, changes
from tests.support.matching_lists import entry_id
from tests.unit.edge.active_lists.test_release_sync import found
from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.process.list_handover import Giver, Taker
from tutela.exchange.register.release import ReleaseManifest

BASE = f"/api/v1/releases/{LIST}"

pytestmark = pytest.mark.usefixtures("at_now")


def asked(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are fetched from now on."""
    seen, get = list[str](), centre.get

    def noted(path: str) -> bytes | None:
        seen.append(path)
        return get(path)

    monkeypatch.setattr(centre, "get", noted)
    return seen


def which(edge: Edge) -> list[int]:
    return [number for number in range(8) if found(edge, number)]


def test_changes_are_fetched_and_the_snapshot_is_not(
    edge: Edge, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asked(centre, monkeypatch)
    centre.change(2, changes([5], gone=[1]), 3)
    assert edge.sync.poll(), edge.alerts
    assert (edge.version, which(edge)) == (2, [0, 2, 5])
    assert f"{BASE}/2/changes" in seen
    assert not any(path.endswith("/snapshot") for path in seen)
    live = edge.lists.get(LIST)
    assert live is not None
    assert len(live.matches) == 3
    centre.change(3, changes([5, 6], gone=[1, 2]), 3)
    assert edge.sync.poll(), edge.alerts
    assert (edge.version, which(edge)) == (3, [0, 5, 6])
    centre.remove(entry_id(5))
    assert edge.sync.poll()
    assert which(edge) == [0, 6], "a removal hides what a change brought"


def test_an_edge_that_begins_later_or_again_has_the_same_list(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    centre.change(2, changes([5], gone=[1]), 3)
    assert edge.sync.poll()
    centre.change(3, changes([5, 6], gone=[1]), 4)
    assert edge.sync.poll()
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume(), again.alerts
    assert (again.version, which(again)) == (3, [0, 2, 5, 6])
    later = Edge(centre, tmp_path / "other")
    assert later.sync.poll(), later.alerts
    assert (later.version, which(later)) == (3, [0, 2, 5, 6])
    kept = {path.name for path in (tmp_path / "state").glob("*.list")}
    assert kept == {"1.list", "3.changes.list"}, "files of other versions are gone"


def test_other_changes_than_those_of_the_manifest_are_refused(edge: Edge, centre: Centre) -> None:
    good = changes([5], gone=[1])
    centre.change(2, good, 3)
    place = f"{BASE}/2/changes"
    forged = {"other": changes([6], gone=[1]), "cut": good[:-1], "longer": good + b"x", "no list": b"x" * len(good)}
    for name, data in forged.items():
        centre.answers[place] = data
        assert not edge.sync.poll(), name
        assert edge.alerts[-1] == "snapshot_mismatch", name
        assert (edge.version, which(edge)) == (1, [0, 1, 2]), name
    centre.answers[place] = good
    assert edge.sync.poll()
    centre.change(3, changes([5, 7], gone=[1]), 9)
    assert not edge.sync.poll(), "the number of entries is another"
    assert (edge.version, edge.alerts[-1]) == (2, "snapshot_mismatch")


def test_a_folded_snapshot_is_made_here_and_fetched_where_that_fails(
    edge: Edge, centre: Centre, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    centre.change(2, changes([3, 4]), 5)
    assert edge.sync.poll()
    behind = Edge(centre, tmp_path / "behind")
    assert behind.sync.poll()
    seen = asked(centre, monkeypatch)
    centre.publish(6, 3, folding=changes([3, 4, 5]))
    assert edge.sync.poll(), edge.alerts
    assert (edge.version, which(edge)) == (3, [0, 1, 2, 3, 4, 5])
    assert f"{BASE}/3/snapshot" not in seen
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume(), again.alerts
    centre.answers[f"{BASE}/3/changes"] = changes([7])
    assert behind.sync.poll(), behind.alerts
    assert (behind.version, which(behind)) == (3, [0, 1, 2, 3, 4, 5])
    assert f"{BASE}/3/snapshot" in seen


def test_workers_get_the_changes_and_keep_the_snapshot(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    giver, lists = Giver(tmp_path / "socket", edge.lists), LiveLists([LIST])
    taker = Taker(tmp_path / "socket", lists)
    try:
        first = lists.get(LIST)
        assert first is not None
        state = lists.changed(-1, 0)
        centre.change(2, changes([5], gone=[1]), 3)
        assert edge.sync.poll()
        while (live := lists.get(LIST)) is None or live.manifest.version != 2:
            state = lists.changed(state, 10)
        assert live.memory is first.memory
        assert which(replace_lists(edge, lists)) == [0, 2, 5]
    finally:
        taker.close()
        giver.close()


def replace_lists(edge: Edge, lists: LiveLists) -> Edge:
    """The same Edge, asked by way of a worker's lists."""
    edge.lists = lists
    return edge


def test_a_manifest_cannot_change_a_later_version_nor_say_two_things() -> None:
    said = {"base": 2, "sha256": "ab" * 32, "size": 1}
    values = {
        "list_id": LIST,
        "list_name": "List",
        "source_kind": "register",
        "version": 2,
        "created": NOW,
        "expires": NOW.replace(year=2027),
        "entries": 1,
        "snapshot_sha256": "ab" * 32,
        "snapshot_size": 1,
        "policy": "x",
    }
    for wrong in ({"changes": said}, {"folded": said}, {"changes": said, "folded": said, "version": 3}):
        with pytest.raises(ValueError, match="changes"):
            ReleaseManifest.model_validate(values | wrong)
    assert ReleaseManifest.model_validate(values | {"changes": said, "version": 3}).base == 2
