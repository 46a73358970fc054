"""A desk opens only with a mandate, a controller and an assessment that count today; nothing that arrives is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import DatabaseError, connection
from django.test import Client, override_settings
from structlog.testing import capture_logs

from tests.support.access import routes
from tests.support.cast import API_URL, Cast, seed_mandate
from tutela import clock
from tutela.casework.mandates import expiry, gate, records
from tutela.casework.mandates.errors import AlreadyDecided, NotTheSecondPerson
from tutela.casework.mandates.records import MandateInput
from tutela.casework.models import MandatePart
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.organisations.people.bootstrap import found

CLOSED = "This desk has no mandate on record"


@pytest.fixture
def hotline(cast: Cast) -> Actor:
    """A hotline without a mandate."""
    assert cast.centre
    return found(f"New hotline {uuid4().hex[:8]}", "hotline", "IE", api_url=API_URL)


def today() -> date:
    return clock.now().date()


def given(part: str = "mandate", **more: Any) -> MandateInput:
    usual = MandateInput(part, "Decision 7/2026 of the ministry, file room 2", today(), today() + timedelta(days=365))
    return replace(usual, **more)


def record_all(cast: Cast, organisation: Actor, days: int = 365) -> list[Any]:
    one, two = (cast.actor(organisation, "administrator") for _ in range(2))
    ids = [records.add(one, given(part, expires_on=today() + timedelta(days=days))) for part in MandatePart.values]
    for pk in ids:
        records.confirm(two, pk)
    return ids


def test_a_desk_opens_with_three_parts_by_two_people_and_closes_when_one_ends(cast: Cast, hotline: Actor) -> None:
    client = cast.client(hotline, "analyst")
    page = client.get("/desk/indicators/")
    assert page.status_code == 403
    assert CLOSED in page.content.decode()
    for part in MandatePart:
        assert str(part.label) in page.content.decode()
    ids = record_all(cast, hotline)
    assert client.get("/desk/indicators/").status_code == 200
    records.withdraw(cast.actor(hotline, "administrator"), ids[1], "The controller changed")
    page = client.get("/desk/indicators/").content.decode()
    assert CLOSED in page
    assert "Controller" in page
    assert "Data-protection assessment" not in page


def test_an_expired_part_closes_the_desk_and_says_since_when(cast: Cast, hotline: Actor) -> None:
    client = cast.client(hotline, "analyst")
    record_all(cast, hotline, days=5)
    with clock.simulate(clock.now() + timedelta(days=5)):
        assert client.get("/desk/indicators/").status_code == 200
    with clock.simulate(clock.now() + timedelta(days=6)):
        page = client.get("/desk/indicators/")
    assert page.status_code == 403
    assert f"expired on {today() + timedelta(days=5)}" in page.content.decode()


def test_every_page_of_a_closed_desk_is_closed_and_those_of_an_administrator_are_open(
    cast: Cast, hotline: Actor
) -> None:
    analyst, administrator = cast.client(hotline, "analyst"), cast.client(hotline, "administrator", "analyst")
    for route in routes():
        if route.wanted or route.read == "public" or route.read in gate.ALWAYS:
            continue
        page = analyst.get(f"/{route.address}")
        may = page.status_code == 403 and CLOSED in page.content.decode()
        assert may or page.status_code == 404, route.address
    for address in ("/desk/", "/desk/organisation/", "/desk/mandates/", "/desk/events/", "/desk/directory/"):
        assert administrator.get(address).status_code == 200, address
    assert "/desk/indicators/" not in analyst.get("/desk/").content.decode(), "and the navigation hides them"


def test_the_search_finds_nothing_of_a_closed_desk(cast: Cast, hotline: Actor) -> None:
    page = cast.client(hotline, "analyst").post("/desk/search/", {"q": "a" * 64}).content.decode()
    assert "Nothing that you may see matches." in page


def test_a_provider_and_an_auditor_need_none(cast: Cast) -> None:
    provider = found(f"Host {uuid4().hex[:8]}", "provider", "IE", api_url=API_URL)
    assert cast.client(provider, "lead").get("/desk/candidates/").status_code == 200
    page = cast.client(provider, "administrator").get("/desk/mandates/").content.decode()
    assert "needs no mandate here" in page
    for kind in ("hotline", "authority", "coordinating_authority", "europol", "centre", "victim_support"):
        assert gate.is_gated(kind), kind


def test_what_arrives_is_stored_and_acknowledged_while_the_desk_is_closed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.reporting import report
    from tests.support.reports_world import Centre

    monkeypatch.setattr(gate, "_COUNTING", f"{gate._COUNTING} HAVING false")
    centre = Centre(cast)
    assert cast.client(cast.centre, "lead").get("/desk/reports/").status_code == 403
    assert centre.file(report())
    monkeypatch.undo()
    assert cast.client(cast.centre, "lead").get("/desk/reports/").status_code == 200


def test_a_key_does_no_work_of_a_closed_desk(cast: Cast, hotline: Actor) -> None:
    headers = cast.key(hotline, "indicators:propose")
    answer = Client().post("/api/v1/indicators", "{}", "application/json", headers=headers)
    assert answer.status_code == 403
    assert "mandate" in answer.json()["detail"]
    record_all(cast, hotline)
    assert Client().post("/api/v1/indicators", "{}", "application/json", headers=headers).status_code == 422


def test_one_person_alone_opens_nothing(cast: Cast, hotline: Actor) -> None:
    one, two = cast.actor(hotline, "administrator"), cast.actor(hotline, "administrator")
    pk = records.add(one, given())
    with pytest.raises(NotTheSecondPerson):
        records.confirm(one, pk)
    records.confirm(two, pk)
    for work in (lambda: records.confirm(two, pk), lambda: records.confirm(cast.actor(hotline, "administrator"), pk)):
        with pytest.raises(AlreadyDecided):
            work()
    records.withdraw(one, pk, "Wrong file")
    with pytest.raises(AlreadyDecided):
        records.withdraw(one, pk, "Twice")
    other = records.add(one, given())
    records.withdraw(one, other, "A mistake")
    with pytest.raises(AlreadyDecided):
        records.confirm(two, other)
    with acting(hotline):
        kinds = list(Event.objects.filter(subject_id=str(pk)).order_by("id").values_list("kind", flat=True))
    assert kinds == ["mandate.recorded", "mandate.confirmed", "mandate.withdrawn"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"part": "other"}, "part"),
        ({"text": " "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"dated": date(2999, 1, 1)}, "dated"),
        ({"expires_on": date(2020, 1, 1)}, "expires_on"),
        ({"expires_on": date(2999, 1, 1)}, "expires_on"),
    ],
)
def test_a_part_without_what_it_needs_is_refused(cast: Cast, hotline: Actor, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        records.add(cast.actor(hotline, "administrator"), replace(given(), **wrong))
    assert refused.value.field == field


def test_another_organisation_and_another_role_record_nothing(cast: Cast, hotline: Actor) -> None:
    pk = records.add(cast.actor(hotline, "administrator"), given())
    stranger = cast.actor(cast.hotline_de, "administrator")
    with pytest.raises(NotFound):
        records.confirm(stranger, pk)
    with pytest.raises(NotFound):
        records.withdraw(stranger, pk, "x")
    assert pk not in [one.row.pk for one in records.records(stranger)]
    with pytest.raises(Forbidden):
        records.add(cast.actor(hotline, "analyst"), given())


def test_a_record_is_never_changed(cast: Cast, hotline: Actor) -> None:
    pk = records.add(cast.actor(hotline, "administrator"), given())
    for statement in (
        "UPDATE casework_mandaterecord SET expires_on = '2999-01-01'",
        "DELETE FROM casework_mandaterecord",
    ):
        with pytest.raises(DatabaseError), acting(hotline), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE id = %s", [pk])


def test_an_auditor_reads_the_records_of_everybody_and_changes_none(cast: Cast, hotline: Actor) -> None:
    record_all(cast, hotline)
    auditor = cast.client(cast.auditor, "auditor")
    page = auditor.get("/desk/mandates/").content.decode()
    assert hotline.organisation_name in page
    assert "Decision 7/2026 of the ministry" in page
    assert '<form method="post" action="/desk/mandates/' not in page
    assert auditor.post("/desk/mandates/", vars(given())).status_code == 404
    assert (
        hotline.organisation_name not in cast.client(cast.hotline_de, "analyst").get("/desk/mandates/").content.decode()
    )


def test_pages_record_confirm_and_withdraw(cast: Cast, hotline: Actor, client: Client) -> None:
    assert client.get("/desk/mandates/")["Location"].startswith("/account/login/")
    one, two = cast.client(hotline, "administrator"), cast.client(hotline, "administrator")
    form = {**vars(given()), "dated": str(today()), "expires_on": str(today() + timedelta(days=9))}
    assert one.post("/desk/mandates/", {**form, "text": ""}).status_code == 422
    assert one.post("/desk/mandates/", form).status_code == 302
    page = two.get("/desk/mandates/").content.decode()
    (confirm,) = re.findall(r"/desk/mandates/[0-9a-f-]+/confirm/", page)
    assert confirm not in one.get("/desk/mandates/").content.decode(), "not by the same person"
    assert two.post(confirm).status_code == 302
    assert "counts today" in one.get("/desk/mandates/").content.decode()
    assert two.post(confirm.replace("confirm", "withdraw"), {"reason": ""}).status_code == 302
    assert two.post(confirm.replace("confirm", "withdraw"), {"reason": "Wrong"}).status_code == 302
    assert "Wrong" in one.get("/desk/mandates/").content.decode()


def test_people_are_warned_thirty_days_before(cast: Cast, hotline: Actor) -> None:
    administrator = cast.client(hotline, "administrator")
    record_all(cast, hotline, days=30)
    text = "Parts of the mandate that are missing or expire soon"
    assert text in administrator.get("/desk/").content.decode()
    mail.outbox.clear()
    with override_settings(ALERT_EMAILS=("duty@example.org",)), capture_logs() as logged:
        assert expiry.warn() >= 3
        with clock.simulate(clock.now() + timedelta(days=1)):
            before = len(mail.outbox)
            expiry.warn()
            assert len(mail.outbox) == before, "not every day by e-mail"
    (sent,) = mail.outbox
    assert hotline.organisation_name in sent.body
    assert "Decision 7/2026" not in sent.body
    mine = [one for one in logged if one["organisation"] == str(hotline.organisation_id)]
    assert [one["days"] for one in mine] == [30] * 3 + [29] * 3
    seed_mandate(hotline)
    assert text not in administrator.get("/desk/").content.decode()


def test_what_setup_enters_is_marked_and_lasts_thirty_days(cast: Cast, hotline: Actor) -> None:
    records.seed_provisional(hotline)
    assert all(one.counts and one.warns for one in gate.parts(hotline))
    page = cast.client(hotline, "administrator").get("/desk/mandates/").content.decode()
    assert "Provisional, entered at setup" in page
    with clock.simulate(clock.now() + timedelta(days=31)):
        assert not any(one.counts for one in gate.parts(hotline))
