"""Where a report goes and why: the page, a lead's choice and its undoing, copies for several states."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client, override_settings

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela.app.runtime import doctor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.referral.referral import Referral as Package
from tutela.organisations.people import directory
from tutela.reports.errors import AlreadyReferred, NotOverridden, NotRelevantYet
from tutela.reports.jurisdiction.rule import resolve
from tutela.reports.models import Referral
from tutela.reports.referrals import country_override, refer
from tutela.reports.report_encryption import unseal
from tutela.reports.triage import assess


@pytest.fixture
def centre(cast: Cast) -> Centre:
    return Centre(cast)


def _packages(centre: Centre, report_id: object) -> list[Package]:
    with acting(centre.machine):
        rows = Referral.objects.filter(report__report_id=report_id).order_by("created_at", "id")
        return [
            Package.from_bytes(unseal(r.report.report_id, "referral", r.referral_id, bytes(r.sealed_body)))
            for r in rows
        ]


def _authorities(cast: Cast, monkeypatch: pytest.MonkeyPatch, *countries: str) -> list[directory.DirectoryEntry]:
    """Authorities that this test alone has in these countries."""
    made = [directory.entry(cast.organisation("Kriminalamt", "authority", "DE").organisation_id) for _ in countries]
    found = {country: replace(one, country=country) for country, one in zip(countries, made, strict=True)}
    monkeypatch.setattr(directory, "authority_for", found.get)
    return list(found.values())


def test_stranger_and_wrong_organisation_find_no_routing(cast: Cast, centre: Centre) -> None:
    made = centre.file(report())
    address = f"/desk/reports/{made}/routing/"
    assert Client().get(address).status_code == 302
    assert cast.client(cast.pixelpost, "lead").get(address).status_code == 404
    with pytest.raises(Forbidden):
        country_override.override_of(cast.actor(cast.authority, "investigator"), made)
    with pytest.raises(NotFound):
        country_override.override_of(centre.lead, cast.centre.organisation_id)


def test_before_it_is_forwarded_the_page_shows_what_would_be(cast: Cast, centre: Centre) -> None:
    made = centre.file(report(geography=[{"country": "FR", "derived_from": "ip"}]))
    found = country_override.override_of(centre.analyst, made)
    assert (found.row, found.addressed, found.may_choose, found.may_undo) == (None, ["FR"], False, False)
    with pytest.raises(NotRelevantYet):
        country_override.choose_country(centre.lead, made, "DE", "seen")
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{made}/routing/")
    assert b"This report has not been found relevant yet" in page.content


def test_a_lead_chooses_another_country_and_takes_it_back(cast: Cast, centre: Centre) -> None:
    made = centre.file(
        report(
            users=[{"usernames": ["a"], "phones": ["+49301234567"]}],
            geography=[{"country": "FR", "derived_from": "ip"}],
            locations=[],
        )
    )
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    found = country_override.override_of(centre.analyst, made)
    assert found.addressed == ["DE"]
    assert [piece.country for piece in found.conflicts] == ["FR"]
    assert found.alternatives == [("place_of_offence", "FR", 40), ("suspect_resides", "DE", 40)]
    with pytest.raises(Forbidden):
        country_override.choose_country(centre.analyst, made, "FR", "he wrote so")
    with pytest.raises(Invalid):
        country_override.choose_country(centre.lead, made, "FR", " ")
    with pytest.raises(Invalid):
        country_override.choose_country(centre.lead, made, "ZZ", "he wrote so")
    country_override.choose_country(centre.lead, made, "FR", "he wrote so")
    country_override.choose_country(centre.lead, made, "", "not sure after all")
    assert country_override.override_of(centre.lead, made).addressed == []
    country_override.undo(centre.lead, made)
    assert country_override.override_of(centre.lead, made).addressed == ["FR"]
    country_override.undo(centre.lead, made)
    after = country_override.override_of(centre.lead, made)
    assert (after.addressed, after.may_undo, len(after.history)) == (["DE"], False, 5)
    with pytest.raises(NotOverridden):
        country_override.undo(centre.lead, made)
    with acting(centre.machine):
        events = Event.objects.filter(kind="report.jurisdiction", subject_id=str(made)).count()
    assert events == 4


def test_nothing_is_chosen_once_it_is_referred(cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    _authorities(cast, monkeypatch, "SK")
    made = centre.file(report(geography=[{"country": "SK"}]))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    refer.refer(centre.analyst, made)
    with pytest.raises(AlreadyReferred):
        country_override.choose_country(centre.lead, made, "DE", "late")
    with pytest.raises(AlreadyReferred):
        country_override.undo(centre.lead, made)
    assert not country_override.override_of(centre.lead, made).may_choose


@pytest.mark.parametrize("open_list", [False, True])
def test_several_states_get_a_copy_each_and_see_each_other_only_if_allowed(
    cast: Cast, centre: Centre, open_list: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = _authorities(cast, monkeypatch, "SK", "SI")
    users = [{"usernames": [country], "residence": country} for country in ("SK", "SI")]
    made = centre.file(report(users=users, geography=[], locations=[]))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    assert set(country_override.override_of(centre.analyst, made).addressed) == {"SK", "SI"}
    refer.refer(centre.analyst, made, open_list=open_list)
    packages = _packages(centre, made)
    assert {one.jurisdiction.country for one in packages} == {"SK", "SI"}
    names = {one.name for one in entries}
    for one in packages:
        assert one.reports[0].report_id == made
        assert one.handling is not None
        assert one.handling.codes == (("H0",) if open_list else ("H0", "H3"))
        assert set(one.addressees) == (names if open_list else set())
    if not open_list:
        for one, other in zip(packages, reversed(packages), strict=True):
            assert other.authority not in one.to_bytes().decode()
    with pytest.raises(AlreadyReferred):
        refer.refer(centre.analyst, made)
    assert len(_packages(centre, made)) == 2


def test_an_address_with_a_table_of_places_is_evidence_of_that_edition(
    cast: Cast, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from tutela.casework import geolocation

    now = datetime.now(UTC)
    table = geolocation.Places("table 7", now.date(), lambda _ip: geolocation.Location("IT", "table 7", now.date()))
    monkeypatch.setattr(geolocation, "known", lambda: table)
    made = centre.file(report(users=[], geography=[], locations=[{"ip": "11.0.0.1", "port": 5, "at": now.isoformat()}]))
    assess.assess(centre.analyst, made, "forward", "", seen=0)
    found = country_override.override_of(centre.analyst, made)
    assert (found.addressed, found.edition) == (["IT"], "table 7")
    assert [(p.weight, p.values["edition"], p.at[:10]) for p in found.pieces] == [
        (50, "table 7", now.date().isoformat())
    ]
    page = cast.client(cast.centre, "lead").get(f"/desk/reports/{made}/routing/").content.decode()
    assert "table 7" in page
    assert "11.0.0.1" in page
    assert json.dumps(found.alternatives[0][1:]) == '["IT", 50]'


def test_the_doctor_says_by_which_table_addresses_are_placed(tmp_path: Path, settings_of: Any) -> None:
    (found,) = [one for one in doctor.examine() if one.name == "Countries of addresses"]
    assert found.seen.startswith(("tor-geoipdb", "registries' allocations"))
    (tmp_path / "bad.mmdb").write_bytes(b"no database")
    settings_of.GEOIP_FILE = str(tmp_path / "bad.mmdb")
    (bad,) = [one for one in doctor.examine() if one.name == "Countries of addresses"]
    assert not bad.fine
    assert "bad.mmdb" in bad.seen
    assert resolve(report(users=[], geography=[])).countries == (), "a report is not refused for that"


@pytest.fixture
def settings_of() -> Iterator[Any]:
    with override_settings():
        yield django_settings
