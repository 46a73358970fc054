"""No two lists share a bank, neither by a name that was declared nor by their own where these fall together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.edge_centre import NOW, manifest
from tests.support.matching_lists import entry_id, pdq, record
from tests.unit.edge.hma.test_routes import Hma
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.hma.banks import Banks, number_of, own_name
from tutela.matching import Snapshot, snapshot_bytes

A_DOT_B = "A_B_2E7336DC"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def put(hma: Hma, list_id: str, number: int) -> None:
    """One more list, of one entry."""
    data, report = snapshot_bytes([record(number)])
    made = manifest(data, report.entries, 1, source_kind="provider_source").model_copy(update={"list_id": list_id})
    hma.lists.put(live_list(Snapshot(data), made, NOW + timedelta(hours=1), NOW))


def assert_told_apart(hma: Hma, names: dict[str, int]) -> None:
    """Each name is one bank, one exchange and the place of one entry, and nothing of another list is under it."""
    assert set(names) <= {one["name"] for one in hma.http.get("/c/banks").json()}
    assert set(names) <= set(hma.http.get("/c/exchanges").json())
    for name, number in names.items():
        assert hma.banks_of(pdq(number)) == {name: [{"bank_content_id": number_of(entry_id(number)), "distance": "0"}]}
        for other in names.values():
            status = hma.http.get(f"/c/bank/{name}/content/{number_of(entry_id(other))}").status_code
            assert status == (200 if other == number else 404), (name, other)


def test_a_declared_name_is_not_also_that_of_the_list_which_is_called_so(tmp_path: Path) -> None:
    hma = Hma(tmp_path, HMA_BANKS="FOO=bar")
    put(hma, "foo", 70)
    put(hma, "bar", 71)
    assert_told_apart(hma, {"FOO": 71, own_name("foo", {"FOO"}): 70})


@pytest.mark.parametrize("order", [("a-b", "a.b"), ("a.b", "a-b")])
def test_of_two_lists_whose_names_fall_together_one_has_a_name_of_its_own(
    tmp_path: Path, order: tuple[str, str]
) -> None:
    """Whichever comes first, so that a restart changes no name."""
    hma = Hma(tmp_path)
    numbers = {"a-b": 70, "a.b": 71}
    for list_id in order:
        put(hma, list_id, numbers[list_id])
    assert_told_apart(hma, {"A_B": 70, A_DOT_B: 71, "LIST_A": 1})


def test_a_list_that_the_settings_name_keeps_its_name(tmp_path: Path) -> None:
    hma = Hma(tmp_path)
    put(hma, "list.a", 70)
    put(hma, "list-0", 71)
    put(hma, "a.b", 72)
    hma.lists.expect(["a.b"])
    put(hma, "a-b", 73)
    assert_told_apart(hma, {"LIST_A": 1, own_name("list.a", {"LIST_A"}): 70, "A_B": 72, own_name("a-b", {"A_B"}): 73})


def test_a_list_of_negatives_is_not_the_negatives_of_this_edge(tmp_path: Path) -> None:
    hma = Hma(tmp_path)
    put(hma, "negatives", 70)
    assert_told_apart(hma, {own_name("negatives", {"NEGATIVES"}): 70})
    signal = {"pdq": pdq(80).hex(), "note": "why"}
    assert hma.http.post("/c/bank/NEGATIVES/signal", json=signal).status_code == 200


def test_a_tail_that_somebody_took_is_passed_over() -> None:
    assert own_name("a.b", {"A_B"}) == A_DOT_B
    further = own_name("a.b", {"A_B", A_DOT_B})
    assert further not in ("A_B", A_DOT_B)
    assert further.startswith("A_B_")


_ID = st.text("ab.-_", min_size=1, max_size=3).map(lambda text: f"a{text}")
_NAME = st.text("AB_", min_size=1, max_size=3).map(lambda text: f"A{text}")


@given(st.lists(_ID, unique=True, max_size=8), st.lists(_ID, max_size=8), st.dictionaries(_NAME, _ID, max_size=5))
def test_every_list_has_a_name_and_no_name_two_lists(
    expected: list[str], live: list[str], told: dict[str, str]
) -> None:
    lists = LiveLists(expected)
    data, report = snapshot_bytes([record(1)])
    one = live_list(Snapshot(data), manifest(data, report.entries, 1), NOW + timedelta(hours=1), NOW)
    for list_id in live:
        lists.put(replace(one, manifest=one.manifest.model_copy(update={"list_id": list_id})))
    banks = Banks(lists, told)
    names = banks.names()
    assert {*expected, *live, *told.values(), "confirmed"} == set(names)
    flat = [name for own in names.values() for name in own]
    assert len(set(flat)) == len(flat)
    assert all(names.values())
    assert all(name in names[list_id] for name, list_id in told.items())
    assert {name: bank.list_id for name, bank in banks.all().items()} == {
        name: list_id for list_id, own in names.items() for name in own
    } | {"NEGATIVES": ""}
