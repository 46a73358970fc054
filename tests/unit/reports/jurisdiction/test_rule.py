"""Which Member State, from dated evidence: the table, and what holds of every history."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reporting import report
from tutela.casework.geolocation import Address, Location
from tutela.exchange.referral.reason_codes import RuleCode
from tutela.exchange.referral.referral import JurisdictionGround as Ground
from tutela.organisations.vocabulary.countries import UNION
from tutela.reports.jurisdiction.location_evidence import ENOUGH, LocationEvidence, gather
from tutela.reports.jurisdiction.rule import Resolution, alternatives, conflicts, decide, resolve, weigh

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROWS = list(csv.DictReader((Path(__file__).parent / "jurisdiction.csv").open(encoding="utf-8")))
NOWHERE = {"private": "192.168.1.7", "shared": "100.64.3.4", "reserved": "192.0.2.7", "loopback": "127.0.0.1"}
FIELDS = {
    "phone": "phones",
    "residence": "residence",
    "account": "account_country",
    "post": "mailing_address",
    "postal": "postal_countries",
    "relation": "relation",
}
LISTS = ("phones", "postal_countries")


class Told:
    """A report made of the table's words, and a table of places that answers for its addresses."""

    def __init__(self, words: str) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.locations: list[dict[str, Any]] = []
        self.geography: list[dict[str, Any]] = []
        self.places: dict[str, Location] = {}
        for word in filter(None, (one.strip() for one in words.split(";"))):
            name, _, value = word.partition("=")
            {"address": self._address, "stated": self._stated}.get(name, self._person_of(name))(value)

    def _person_of(self, name: str) -> Callable[[str], None]:
        def take(value: str) -> None:
            who, _, what = name.partition(".")
            person = self.people.setdefault(who, {"usernames": [f"name-{who}"]})
            field = FIELDS.get(what, "language")
            person[field] = [*person.get(field, []), value] if field in LISTS else value

        return take

    def _address(self, value: str) -> None:
        country, *hints = value.split("/")
        number = len(self.locations) + 1
        ip = next((NOWHERE[h] for h in hints if h in NOWHERE), f"11.0.{number}.1")
        network = {"vpn": frozenset({"vpn"}), "tor": frozenset({"tor"}), "hosting": frozenset({"hosting"})}
        hiding = frozenset().union(*(network.get(h, frozenset()) for h in hints))
        day = date(2024, 1, 1) if "old" in hints else date(2026, 5, 1)
        if "none" not in hints:
            self.places[ip] = Location(country, "test 1", day, "registered" in hints, "AS64500 Example", hiding)
        written = f"::ffff:{ip}" if "mapped" in hints else ip
        port = {} if "noport" in hints else {"port": 4711}
        self.locations.append({"ip": written, "at": AT.isoformat(), **port})

    def _stated(self, value: str) -> None:
        country, _, source = value.partition("/")
        place: dict[str, Any] = {"country": country, "derived_from": source} if source else {"country": country}
        self.geography.append(place | ({"latitude": "1", "longitude": "2"} if source == "gps" else {}))

    def look_up(self, address: Address) -> Location | None:
        return self.places.get(str(address))

    def resolve(self) -> Resolution:
        people = sorted(self.people.items())
        return resolve(
            report(
                users=[p for name, p in people if name.startswith("suspect")],
                victims=[p for name, p in people if name.startswith("victim")],
                locations=self.locations,
                geography=self.geography,
            ),
            self.look_up,
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']}-{row['addressed']}")
def test_the_table_of_jurisdiction(row: dict[str, str]) -> None:
    found = Told(row["evidence"]).resolve()
    addressed = " ".join(one or "Europol" for one in found.countries) or "Europol"
    assert (addressed, found.ground.value) == (row["addressed"], row["ground"])
    assert found.rule
    assert row["because"]


def test_the_table_is_long_enough_and_names_each_row_once() -> None:
    assert len(ROWS) >= 60
    assert [row["number"] for row in ROWS] == [str(n) for n in range(1, len(ROWS) + 1)]


def test_conflicts_and_alternatives_are_shown() -> None:
    found = Told("suspect.phone=+49301234567; address=FR").resolve()
    assert [piece.country for piece in conflicts(found.evidence, found.countries)] == ["FR"]
    assert [(country, points) for _, country, points in alternatives(found.evidence)] == [("FR", 50), ("DE", 40)]


def test_each_piece_of_an_address_has_its_date_and_its_edition() -> None:
    (piece,) = Told("address=FR").resolve().evidence
    assert (piece.at, piece.values["edition"], piece.values["network"]) == (AT, "test 1", "AS64500 Example")


def test_an_address_that_came_twice_counts_once_with_its_newest_date() -> None:
    later = "2026-06-02T12:00:00+00:00"
    places = [{"ip": "11.0.0.1", "at": AT.isoformat()}, {"ip": "11.0.0.1", "at": later, "port": 7}]
    found = gather(report(users=[], geography=[], locations=places), lambda _ip: Location("FR", "test 1"))
    assert [piece.weight for piece in found] == [50, 45]
    again = gather(report(users=[], geography=[], locations=places[1:] * 2), lambda _ip: Location("FR", "test 1"))
    assert [(piece.weight, piece.at) for piece in again] == [(50, datetime.fromisoformat(later))]


def test_no_table_is_asked_about_an_address_that_places_nobody() -> None:
    def refuse(address: Address) -> Location | None:
        raise AssertionError(address)

    places = [{"ip": ip, "at": AT.isoformat()} for ip in (*NOWHERE.values(), "::1", "fe80::1", "::ffff:10.0.0.1")]
    found = gather(report(users=[], geography=[], locations=places), refuse)
    assert len(found) == len(places)
    assert {piece.weight for piece in found} == {0}


COUNTRIES = ("DE", "FR", "IT", "US")
GROUNDS = (Ground.SUSPECT_RESIDES, Ground.PLACE_OF_OFFENCE, Ground.VICTIM_RESIDES)


def _subjects(ground: Ground) -> tuple[str, ...]:
    return ("",) if ground is Ground.PLACE_OF_OFFENCE else ("1", "2")


def _pieces(country: str = "") -> st.SearchStrategy[LocationEvidence]:
    """Pieces of every kind, about one country where it is given."""
    return st.sampled_from([(g, s) for g in GROUNDS for s in _subjects(g)]).flatmap(
        lambda pair: st.builds(
            LocationEvidence,
            ground=st.just(pair[0]),
            subject=st.just(pair[1]),
            country=st.just(country) if country else st.sampled_from(COUNTRIES),
            source=st.sampled_from(["a", "b", "c", "d", "e"]),
            weight=st.sampled_from([0, 10, 20, 30, 35, 40, 45, 50, 60]),
            decides=st.sampled_from([True, True, False]),
        )
    )


def _key(found: Resolution) -> tuple[object, ...]:
    return (found.countries, found.ground, found.rule, dict(found.values), found.evidence)


@given(st.lists(_pieces(), max_size=10).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_evidence_does_not_matter(pair: tuple[list[LocationEvidence], list[LocationEvidence]]) -> None:
    assert _key(decide(pair[0])) == _key(decide(pair[1]))


@given(st.lists(_pieces(), max_size=10), st.data())
def test_agreeing_evidence_never_changes_the_country(pieces: list[LocationEvidence], data: st.DataObject) -> None:
    before = decide(pieces)
    if len(before.countries) != 1:
        return
    more = data.draw(st.lists(_pieces(before.country), min_size=1, max_size=3))
    assert decide([*pieces, *more]).countries == before.countries


@given(st.lists(_pieces().map(lambda p: LocationEvidence(p.ground, p.country, p.source, weight=5, decides=False))))
def test_what_never_decides_leads_to_europol_however_much_of_it_there_is(pieces: list[LocationEvidence]) -> None:
    found = decide(pieces)
    assert (found.countries, found.ground) == ((), Ground.EUROPOL_FALLBACK)


@given(st.lists(_pieces(), max_size=10))
def test_nobody_is_addressed_without_enough_for_that_country(pieces: list[LocationEvidence]) -> None:
    for country in filter(None, decide(pieces).countries):
        assert sum(p.weight for p in pieces if p.country == country and p.decides) >= ENOUGH


@given(st.lists(_pieces(), max_size=10))
def test_where_a_member_state_may_be_concerned_one_or_europol_hears(pieces: list[LocationEvidence]) -> None:
    found = decide(pieces)
    grounds = {(p.ground, p.subject) for p in pieces}
    stand = [weigh(p for p in pieces if (p.ground, p.subject) == one) for one in grounds]
    if any(UNION.keys() & {*one.countries} for one in stand if not one.clear):
        assert not found.countries or {"", *UNION} & {*found.countries}


def test_europol_comes_first_and_the_reason_names_who_is_not_certain() -> None:
    found = Told("suspect.phone=+12024561414; address=FR; address=DE").resolve()
    assert (found.country, dict(found.values)) == ("", {"countries": "US", "contested": "DE, FR"})
    assert found.rule is RuleCode.UNCERTAIN


def _words() -> Iterator[str]:
    yield from (row["evidence"] for row in ROWS)


@pytest.mark.parametrize("words", sorted(set(_words())))
def test_the_same_report_is_always_resolved_alike(words: str) -> None:
    assert _key(Told(words).resolve()) == _key(Told(words).resolve())


def test_ip_of_the_tests_is_public() -> None:
    assert ip_address("11.0.1.1").is_global
