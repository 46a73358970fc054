"""A list is used only where the certified set that the log names is its own: who leaves something out is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.support.edge_centre import LIST, Centre, Edge, changes
from tests.support.matching_lists import entry_id, record
from tests.unit.edge.active_lists.test_release_sync import found
from tutela.edge.active_lists import certified_set_check
from tutela.exchange.register.canaries import canaries
from tutela.exchange.register.release import ReleaseManifest
from tutela.matching import REMOVED, MatchList, Record, Snapshot, snapshot_bytes
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.certified_set import CertifiedSet
from tutela.tlog.presence_proof import MOST_PROOFS, PART, Presence, part
from tutela.tlog.vrf import Secret

SECRET = Secret.from_scalar(b"\7" + bytes(31))
BASE = f"/api/v1/releases/{LIST}"
type Item = tuple[str, str]

pytestmark = pytest.mark.usefixtures("at_now")


def items(number: int) -> set[Item]:
    said = record(number)
    found = {(kind, one) for kind in ("md5", "sha1", "sha256") for one in getattr(said, kind)}
    return found | {("pdq", look[0]) for look in said.pdq}


class Certifying(Centre):
    """It logs a set of values. `left_out` are not in it, `instead` values of nothing are, `claimed` is its count."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: dict[UUID, set[Item]] = {}
        self.left_out: set[Item] = set()
        self.instead, self.shown = 0, list[str]()
        self.made = CertifiedSet.of([])
        self.counted = True

    def publish(self, count: int, version: int, **more: Any) -> None:
        self.listed = {entry_id(number): items(number) for number in range(count)}
        super().publish(count, version, **more)

    def grow(self, version: int, number: int) -> None:
        """A version with one entry more."""
        self.listed[entry_id(number)] = items(number)
        self.change(version, changes([number]), len(self.listed))

    def _serve(self, version: int, made: ReleaseManifest, changes: bytes) -> None:
        kept = {one for of in self.listed.values() for one in of} - self.left_out
        values = [SECRET.value(item_bytes(*one)) for one in kept]
        values += [SECRET.value(b"%d" % number) for number in range(self.instead)]
        self.made = CertifiedSet.of(values)
        super()._serve(version, made.model_copy(update={"hashes": len(self.made) if self.counted else None}), changes)

    def log_release(self, version: int, manifest_sha256: str) -> None:
        entry = {
            "event": "release.published",
            "list": LIST,
            "version": version,
            "manifest": manifest_sha256,
            "values": self.made.root.hex(),
            "values_key": SECRET.public.hex(),
        }
        self.logged[version] = self.public.enter(entry)

    def get(self, path: str) -> bytes | None:
        _, asked, chosen = path.partition("/presence/")
        if not asked or path in self.answers:
            return super().get(path)
        self.shown = chosen.split(",")
        proofs = [self._proofs(UUID(one), int(number)) for one, _, number in (two.partition(".") for two in self.shown)]
        return json.dumps({"proofs": proofs}).encode()

    def _proofs(self, entry: UUID, number: int) -> list[list[str]]:
        asked = [item_bytes(*one) for one in part(self.listed[entry], number)]
        return [Presence(SECRET.prove(one), self.made.place(SECRET.value(one))).to_json() for one in asked]


@pytest.fixture
def centre() -> Certifying:
    made = Certifying()
    made.publish(3, 1)
    return made


def which(edge: Edge) -> list[int]:
    return [number for number in range(6) if found(edge, number)]


def test_a_list_that_is_in_the_set_is_used(edge: Edge, centre: Certifying) -> None:
    assert {one.partition(".")[0] for one in centre.shown} == {str(entry_id(number)) for number in range(3)}
    centre.grow(2, 4)
    assert edge.sync.poll(), edge.alerts
    assert (edge.version, which(edge)) == (2, [0, 1, 2, 4])
    assert f"{entry_id(4)}.0" in centre.shown, "what is new is asked for"
    centre.publish(5, 3)
    assert edge.sync.poll(), edge.alerts
    assert f"{entry_id(3)}.0" in centre.shown


@pytest.mark.parametrize("instead", [0, 1], ids=["fewer", "as many"])
@pytest.mark.parametrize("kind", ["sha256", "pdq"])
def test_what_was_left_out_of_the_set_is_found(
    edge: Edge, centre: Certifying, tmp_path: Path, kind: str, instead: int
) -> None:
    centre.left_out, centre.instead = {one for one in items(4) if one[0] == kind}, instead
    assert len(centre.left_out) == 1
    centre.grow(2, 4)
    assert not edge.sync.poll()
    assert (edge.alerts[-1], edge.version, which(edge)) == ("not_bound", 1, [0, 1, 2])
    later = Edge(centre, tmp_path / "later")
    assert not later.sync.poll()
    assert (later.alerts[-1], later.version) == ("not_bound", 0)


def test_a_manifest_that_names_no_number_is_of_no_set(edge: Edge, centre: Certifying) -> None:
    centre.counted = False
    centre.grow(2, 4)
    assert not edge.sync.poll()
    assert edge.alerts[-1] == "not_bound"


def test_a_centre_that_shows_nothing_is_not_believed(edge: Edge, centre: Certifying) -> None:
    centre.grow(2, 4)
    answers = {
        "empty": b'{"proofs":[]}',
        "another": b"[]",
        "text": b"x",
        "deep": b"[" * 100_000,
        "wrong": json.dumps({"proofs": [[["00", "00"]] * len(items(0))] * 4}).encode(),
        "numbers": json.dumps({"proofs": [[[1, 2]] * len(items(0))] * 4}).encode(),
    }
    get = centre.get
    for name, answer in answers.items():
        centre.get = lambda path, answer=answer: answer if "/presence/" in path else get(path)  # type: ignore[method-assign, misc]
        assert not edge.sync.poll(), name
        assert (edge.alerts[-1], edge.version) == ("not_bound", 1), name
    centre.get = lambda path: None if "/presence/" in path else get(path)  # type: ignore[method-assign]
    assert not edge.sync.poll()
    assert edge.alerts[-1] == "not_bound", "there is no such thing"
    centre.get = get  # type: ignore[method-assign]
    assert edge.sync.poll(), edge.alerts


def test_proofs_under_another_key_or_of_another_set_are_none(edge: Edge, centre: Certifying) -> None:
    centre.grow(2, 4)
    for name, swap in {"set": {"made": CertifiedSet.of([bytes(32)])}, "items": {"listed": {}}}.items():
        kept = {one: getattr(centre, one) for one in swap}
        for one, value in swap.items():
            setattr(centre, one, value or {entry: items(9) for entry in centre.listed})
        assert not edge.sync.poll(), name
        assert edge.alerts[-1] == "not_bound", name
        for one, value in kept.items():
            setattr(centre, one, value)
    assert edge.sync.poll()


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "pdq"])
def test_a_list_with_a_lawful_picture_is_refused_also_where_no_set_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    value = canaries()[3][kind]
    given = {"pdq": [(value, 90)]} if kind == "pdq" else {kind: [value]}
    monkeypatch.setattr(
        "tests.support.edge_centre.record",
        lambda number: Record(entry_id(number), **given) if number == 7 else record(number),
    )
    centre = Centre()
    centre.publish(3, 1)
    edge = Edge(centre, tmp_path / "state")
    assert edge.sync.poll(), edge.alerts
    centre.change(2, changes([7]), 4)
    assert not edge.sync.poll()
    assert (edge.alerts[-1], edge.version) == ("lawful_listed", 1)
    centre.publish(8, 3)
    assert not edge.sync.poll()
    assert edge.alerts[-1] == "lawful_listed"
    centre.change(4, changes([], gone=[7]), 7)
    assert edge.sync.poll(), "what is gone is not in the list"


def test_so_many_are_drawn_and_new_ones_first() -> None:
    def made(numbers: range, *, gone: range = range(0)) -> Snapshot:
        tombstones = [Record(entry_id(number), flags=REMOVED) for number in gone]
        return Snapshot(snapshot_bytes([*map(record, numbers), *tombstones])[0])

    base, other = (MatchList.load(made(range(upto)), list_id=LIST, version=1) for upto in (200, 205))
    assert len(certified_set_check.draw(base, None)) == certified_set_check.DRAWN
    drawn = certified_set_check.draw(other, base)
    assert {entry_id(number) for number in range(200, 205)} <= {one.entry for one in drawn}
    assert len(drawn) <= MOST_PROOFS
    assert len({one.entry for one in drawn}) == len(drawn)


def test_of_an_entry_with_many_hashes_a_part_is_drawn() -> None:
    said = Record(entry_id(1), pdq=[(f"{number:064x}", 90) for number in range(1, 40)])
    found = MatchList.load(Snapshot(snapshot_bytes([said])[0]), list_id=LIST, version=1)
    seen = dict[int, int]()
    for _ in range(200):
        (drawn,) = certified_set_check.draw(found, None)
        seen[drawn.number] = len(drawn.items)
    assert seen == {0: PART, 1: PART, 2: 39 - 2 * PART}
