from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.edge_centre import KEY, LIST, NOW, ROGUE, Centre, Edge, manifest
from tests.support.matching_lists import digests, entry_id, pdq, record
from tutela import clock
from tutela.edge.active_lists.lists_in_use import open_provider_folder, read_provider_folder
from tutela.edge.active_lists.state_store import ListStore
from tutela.edge.errors import (
    ExpiredReleaseError,
    MalformedReleaseError,
    NoTrustedListError,
    SnapshotMismatchError,
    StateDamagedError,
    UntrustedReleaseError,
)
from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.register.release import MANIFEST_CONTEXT, ReleaseManifest
from tutela.matching import snapshot_bytes

HEAD = f"/api/v1/releases/{LIST}/head"
MANIFEST_2 = f"/api/v1/releases/{LIST}/2/manifest"
SNAPSHOT_2 = f"/api/v1/releases/{LIST}/2/snapshot"

pytestmark = pytest.mark.usefixtures("at_now")


@pytest.fixture
def edge(centre: Centre, tmp_path: Path) -> Edge:
    made = Edge(centre, tmp_path / "state")
    assert not made.sync.resume()
    assert made.sync.poll(), made.alerts
    return made


def found(edge: Edge, number: int) -> bool:
    answers, _ = edge.lists.match_all([(digests(number), [])])
    return bool(answers[0])


def test_a_release_is_fetched_verified_and_used(edge: Edge, centre: Centre) -> None:
    assert (edge.version, found(edge, 2), found(edge, 3)) == (1, True, False)
    centre.publish(4, 2)
    assert edge.sync.poll()
    assert (edge.version, found(edge, 3)) == (2, True)


def test_a_removed_entry_stops_matching_with_the_next_head(edge: Edge, centre: Centre) -> None:
    centre.remove(entry_id(1))
    assert edge.sync.poll()
    assert (edge.version, found(edge, 0), found(edge, 1)) == (1, True, False)


def test_a_removal_works_also_while_the_new_snapshot_is_missing(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    centre.publish(4, 2)
    centre.remove(entry_id(1))
    del centre.answers[SNAPSHOT_2]
    assert not edge.sync.poll()
    assert (edge.version, found(edge, 0), found(edge, 1)) == (1, True, False)
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    assert (again.version, found(again, 0), found(again, 1)) == (1, True, False)


def refused(edge: Edge, code: str) -> None:
    before = edge.version
    assert not edge.sync.poll()
    assert edge.alerts[-1] == code
    assert (edge.version, found(edge, 0)) == (before, True), "the last good list stays in use"


def test_a_grant_that_ends_ends_the_list(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    centre.granted = (NOW + timedelta(minutes=10)).isoformat()
    assert edge.sync.poll()
    centre.down = True
    with clock.simulate(NOW + timedelta(minutes=9)):
        assert found(edge, 2)
    for here in (edge, again := Edge(centre, tmp_path / "state")):
        with clock.simulate(NOW + timedelta(minutes=11)):
            assert here is edge or not again.sync.resume()
            with pytest.raises(NoTrustedListError):
                found(here, 2)


def test_without_a_grant_no_list_is_used_and_a_new_one_brings_it_back(
    edge: Edge, centre: Centre, tmp_path: Path
) -> None:
    centre.granted = None
    assert not edge.sync.poll()
    assert edge.alerts[-1] == "no_grant"
    with pytest.raises(NoTrustedListError):
        found(edge, 2)
    assert not Edge(centre, tmp_path / "state").sync.resume(), "also after a restart"
    centre.granted = (NOW + timedelta(hours=10)).isoformat()
    assert edge.sync.poll()
    assert found(edge, 2)
    for said in ("tomorrow", "2026-03-01"):
        centre.granted = said
        refused(edge, "unreachable")


def test_an_edge_says_which_version_it_uses(edge: Edge, centre: Centre) -> None:
    centre.publish(4, 2)
    del centre.answers[SNAPSHOT_2]
    assert not edge.sync.poll()
    assert not edge.sync.poll()
    assert centre.told == ["0", "1", "1"], "what it refused it does not use"


def test_a_clock_set_back_revives_no_list(edge: Edge, centre: Centre, tmp_path: Path, monkeypatch: Any) -> None:
    centre.down, ran = True, clock.running()
    monkeypatch.setattr(clock, "running", lambda: ran + 25 * 3600)
    with pytest.raises(NoTrustedListError):
        found(edge, 2)
    live = edge.lists.came(LIST)
    assert live is not None
    edge.lists.put(live)
    with pytest.raises(NoTrustedListError):
        found(edge, 2)
    monkeypatch.undo()
    with clock.simulate(NOW + timedelta(hours=23)):
        assert not edge.sync.poll()
    again = Edge(centre, tmp_path / "state")
    assert not again.sync.resume()
    assert again.alerts == ["expired"]
    centre.down = False
    assert again.sync.poll(), "the Centre's own word counts"
    assert found(again, 2)


def test_a_disk_that_takes_no_note_stops_no_poll(edge: Edge, centre: Centre, monkeypatch: Any) -> None:
    def full(store: ListStore) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ListStore, "_touch", full)
    with clock.simulate(NOW + timedelta(minutes=2)):
        assert edge.sync.poll()


def test_every_attack_on_a_head_is_refused_by_name(edge: Edge, centre: Centre) -> None:
    centre.publish(4, 2)
    good = centre.answers[HEAD]
    attacks = {
        "untrusted": lambda: centre.head(key=ROGUE),
        "wrong_list": lambda: centre.head(list_id="list-b"),
        "expired": lambda: centre.head(at=NOW - timedelta(days=2), expires=NOW, log=False),
        "future": lambda: centre.head(at=NOW + timedelta(hours=1), log=False),
        "malformed": lambda: good[:-2],
        "unreachable": lambda: b"x" * (9 << 20),
    }
    for code, attack in attacks.items():
        centre.answers[HEAD] = attack()
        refused(edge, code)
    centre.head(context=MANIFEST_CONTEXT)
    refused(edge, "untrusted")
    assert centre.manifest is not None
    centre.answers[HEAD] = sign(centre.manifest.to_bytes(), MANIFEST_CONTEXT, KEY).to_bytes()
    refused(edge, "untrusted")
    centre.answers[HEAD] = good
    assert edge.sync.poll()


def test_a_rollback_is_refused_also_after_a_restart(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    old = centre.answers[HEAD]
    centre.publish(4, 2)
    assert edge.sync.poll()
    centre.answers[HEAD] = old
    refused(edge, "rolled_back")
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    refused(again, "rolled_back")
    again = Edge(centre, tmp_path / "state")
    centre.sequence = 9
    centre.head(version=1)
    assert again.sync.resume()
    refused(again, "rolled_back")


def test_two_heads_or_manifests_with_one_number_are_refused(edge: Edge, centre: Centre) -> None:
    centre.sequence -= 1
    centre.head(removed=(entry_id(2),))
    refused(edge, "equivocation")
    centre.head(manifest_sha256="ab" * 32)
    refused(edge, "equivocation")


def test_pieces_of_different_releases_do_not_mix(edge: Edge, centre: Centre) -> None:
    centre.publish(5, 2)
    other = Centre()
    other.publish(4, 2)
    good = dict(centre.answers)
    centre.answers[MANIFEST_2] = other.answers[MANIFEST_2]
    refused(edge, "manifest_mismatch")
    centre.answers.update(good)
    centre.answers[SNAPSHOT_2] = other.answers[SNAPSHOT_2]
    refused(edge, "snapshot_mismatch")
    centre.answers[SNAPSHOT_2] = good[SNAPSHOT_2] + b"\0"
    refused(edge, "snapshot_mismatch")
    centre.answers[SNAPSHOT_2] = good[SNAPSHOT_2][:-1]
    refused(edge, "snapshot_mismatch")
    data, _ = snapshot_bytes([record(0)])
    centre.manifest = manifest(data, 7, 2)
    centre.answers[SNAPSHOT_2] = data
    centre.answers[MANIFEST_2] = sign(centre.manifest.to_bytes(), MANIFEST_CONTEXT, KEY).to_bytes()
    centre.sequence = 10
    refused_with_fresh_state = Edge(centre, Path(edge.sync._store.folder.parent) / "other")
    centre.log_release(2, centre.manifest.fingerprint())
    centre.head()
    assert not refused_with_fresh_state.sync.poll()
    assert refused_with_fresh_state.alerts == ["snapshot_mismatch"]


def test_a_frozen_centre_stops_being_trusted_by_itself(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    with clock.simulate(NOW + timedelta(hours=23)):
        assert found(edge, 0)
    with clock.simulate(NOW + timedelta(hours=24)):
        assert not edge.sync.poll()
        assert edge.alerts[-1] == "expired"
        with pytest.raises(NoTrustedListError, match="list-a"):
            found(edge, 0)
        again = Edge(centre, tmp_path / "state")
        assert not again.sync.resume()


def test_an_outage_leaves_the_list_in_use_and_survives_a_restart(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    centre.down = True
    refused(edge, "unreachable")
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    refused(again, "unreachable")


def test_an_edited_snapshot_on_disk_is_refused_and_fetched_anew(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    edited(tmp_path / "state" / "1.list")
    again = Edge(centre, tmp_path / "state")
    assert not again.sync.resume()
    assert again.alerts == ["snapshot_mismatch"]
    assert again.sync.poll()
    assert again.version == 1


def test_an_edited_index_on_disk_is_built_again_from_the_snapshot(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    edited(tmp_path / "state" / "1.index")
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    assert (again.version, again.alerts) == (1, [])


def edited(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)


def test_no_hash_lies_clear_on_the_disk(edge: Edge, tmp_path: Path) -> None:
    whole = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*.*"))
    assert pdq(0) not in whole
    assert bytes.fromhex(digests(0).sha256) not in whole
    assert entry_id(0).bytes not in whole


def test_a_damaged_state_is_no_fresh_start(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "state" / "state.json").write_text("{")
    with pytest.raises(StateDamagedError):
        Edge(centre, tmp_path / "state").sync.resume()


@pytest.mark.parametrize("read", [open_provider_folder, read_provider_folder])
def test_a_provider_list_is_loaded_and_cannot_pose_as_the_register(
    read: Callable[[Path], tuple[ReleaseManifest, object]], tmp_path: Path
) -> None:
    data, _ = snapshot_bytes([record(0)])
    (tmp_path / "snapshot").write_bytes(data)
    mine = manifest(data, 1, 1, source_kind="provider_source")
    (tmp_path / "manifest.json").write_bytes(mine.to_bytes())
    assert read(tmp_path)[0] == mine
    (tmp_path / "manifest.json").write_bytes(manifest(data, 1, 1).to_bytes())
    with pytest.raises(UntrustedReleaseError):
        read(tmp_path)
    wrong = manifest(data, 1, 1, source_kind="provider_source", snapshot_sha256=hashlib.sha256(b"").hexdigest())
    (tmp_path / "manifest.json").write_bytes(wrong.to_bytes())
    with pytest.raises(SnapshotMismatchError):
        read(tmp_path)
    (tmp_path / "snapshot").write_bytes(data[:-1])
    with pytest.raises(SnapshotMismatchError, match="shorter or longer"):
        read(tmp_path)
    (tmp_path / "snapshot").unlink()
    with pytest.raises(MalformedReleaseError, match="No such file"):
        read(tmp_path)


def test_an_expired_provider_list_is_not_opened(tmp_path: Path) -> None:
    data, _ = snapshot_bytes([record(0)])
    (tmp_path / "snapshot").write_bytes(data)
    mine = manifest(data, 1, 1, source_kind="provider_source")
    (tmp_path / "manifest.json").write_bytes(mine.to_bytes())
    with clock.simulate(mine.expires), pytest.raises(ExpiredReleaseError):
        open_provider_folder(tmp_path)


moves = st.lists(st.sampled_from(["publish", "remove", "down", "replay", "rogue", "restart", "poll"]), max_size=14)


@given(moves)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_history_ever_moves_an_edge_back(tmp_path_factory: pytest.TempPathFactory, moves: list[str]) -> None:
    with clock.simulate(NOW):
        centre, folder = Centre(), tmp_path_factory.mktemp("edge")
        centre.publish(2, 1)
        edge, heads, version, best = Edge(centre, folder), [centre.answers[HEAD]], 1, (0, 0)
        for move in moves:
            centre.down = move == "down"
            if move == "publish":
                version += 1
                centre.publish(2 + version % 3, version)
            elif move == "remove":
                centre.remove(entry_id(version % 2))
            elif move == "rogue":
                centre.head(key=ROGUE)
            elif move == "restart":
                edge = Edge(centre, folder)
                edge.sync.resume()
            current = centre.answers[HEAD]
            heads.append(current)
            if move == "replay":
                centre.answers[HEAD] = heads[0]
            edge.sync.poll()
            centre.answers[HEAD] = current
            seen = edge.sync._state.seen
            assert (seen.sequence, seen.version) >= best
            best = (seen.sequence, seen.version)
            assert edge.version <= version
            stored = folder / "state.json"
            if stored.exists():
                assert json.loads(stored.read_text())["seen"]["sequence"] == seen.sequence
