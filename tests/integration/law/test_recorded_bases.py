"""Legal bases that an operator recorded: two people, dates, public, and nothing for interpersonal without an act."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from tests.support.cast import API_URL, Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound, TutelaError
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.law import acts, detection_gate, measures, recorded_bases
from tutela.law.errors import AlreadyDecided, NeedsAnAct, NotTheSecondPerson
from tutela.law.measures import MeasureInput
from tutela.law.models import RecordedBasis
from tutela.law.recorded_bases import BasisInput
from tutela.organisations.people.bootstrap import found

HOSTING = detection_gate.Activity("hosting", "public", "hash")


@pytest.fixture(autouse=True)
def _law() -> None:
    acts.seed()


@pytest.fixture
def operator(cast: Cast) -> Actor:
    """A provider that recorded no basis."""
    return found(f"New host {uuid4().hex[:8]}", "provider", "IE", api_url=API_URL)


@pytest.fixture
def lead(cast: Cast, operator: Actor) -> Actor:
    return cast.actor(operator, "lead")


def today() -> date:
    return clock.now().date()


def given(**more: Any) -> BasisInput:
    usual = BasisInput(
        lawyer="Dr Ada Counsel",
        text="Article 6(1)(f) GDPR; balancing test of 1 November.",
        service="hosting",
        channels=["public"],
        technologies=["hash"],
        dated=today(),
        expires_on=today() + timedelta(days=365),
    )
    return replace(usual, **more)


def allowed(operator: Actor, day: date | None = None, activity: detection_gate.Activity = HOSTING) -> bool:
    return detection_gate.decide(activity, day or today(), operator.organisation_id).allowed


def test_a_basis_counts_once_a_second_person_confirmed_it_and_until_it_expires(
    cast: Cast, operator: Actor, lead: Actor
) -> None:
    assert not allowed(operator)
    number = recorded_bases.record_basis(lead, given())
    assert not allowed(operator)
    with pytest.raises(NotTheSecondPerson):
        recorded_bases.confirm(lead, number)
    second = cast.actor(operator, "administrator")
    recorded_bases.confirm(second, number)
    decision = detection_gate.require(HOSTING, today(), operator.organisation_id)
    assert (decision.basis, decision.rests_on) == (number, "")
    assert allowed(operator, today() + timedelta(days=365))
    assert not allowed(operator, today() + timedelta(days=366))
    assert not allowed(operator, today() - timedelta(days=1)), "not before it was confirmed"
    for other in (
        detection_gate.Activity("hosting", "private", "hash"),
        detection_gate.Activity("hosting", "public", "classifier"),
        detection_gate.Activity("interpersonal", "public", "hash"),
        detection_gate.Activity("hosting", "e2ee", "hash"),
    ):
        assert not allowed(operator, activity=other), other
    assert not detection_gate.decide(HOSTING, today()).allowed, "for nobody else"
    assert not detection_gate.decide(HOSTING, today(), uuid4()).allowed
    with pytest.raises(AlreadyDecided):
        recorded_bases.confirm(second, number)
    recorded_bases.end(lead, number, "The service ended")
    assert not allowed(operator)
    with pytest.raises(AlreadyDecided):
        recorded_bases.end(lead, number, "Twice")
    with acting(operator):
        kinds = list(Event.objects.filter(subject_id=number).order_by("id").values_list("kind", flat=True))
    assert kinds == ["basis.recorded", "basis.confirmed", "basis.ended"]


def test_a_basis_that_was_ended_before_its_confirmation_is_never_confirmed_nor_public(
    cast: Cast, operator: Actor, lead: Actor, client: Client
) -> None:
    number = recorded_bases.record_basis(lead, given())
    recorded_bases.end(lead, number, "A mistake")
    with pytest.raises(AlreadyDecided):
        recorded_bases.confirm(cast.actor(operator, "lead"), number)
    assert number not in client.get("/law/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lawyer": "  "}, "lawyer"),
        ({"text": ""}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"channels": []}, "channels"),
        ({"channels": ["audio"]}, "channels"),
        ({"channels": ["e2ee", "public"]}, "channels"),
        ({"technologies": ["guess"]}, "technologies"),
        ({"service": "other"}, "service"),
        ({"dated": date(2999, 1, 1)}, "dated"),
        ({"expires_on": date(2020, 1, 1)}, "expires_on"),
        ({"expires_on": date(2999, 1, 1)}, "expires_on"),
        ({"rests_on": "no such act"}, "rests_on"),
        ({"service": "interpersonal"}, "rests_on"),
        ({"service": "interpersonal", "rests_on": "2026/1881"}, "rests_on"),
        ({"service": "interpersonal", "rests_on": "CSAR"}, "rests_on"),
        ({"service": "interpersonal", "rests_on": "gap-2026"}, "rests_on"),
        *(({"service": "interpersonal", "rests_on": code}, "rests_on") for code in ("DSA", "GDPR", "LED")),
    ],
)
def test_a_basis_without_what_it_needs_is_refused(lead: Actor, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        recorded_bases.record_basis(lead, given(**wrong))
    assert refused.value.field == field


def test_interpersonal_detection_rests_on_a_dated_national_measure_of_its_own_country(
    cast: Cast, operator: Actor, lead: Actor
) -> None:
    code = f"IE-{uuid4().hex[:6]}"
    lawyer = cast.actor(cast.centre, "lead")
    measure = MeasureInput(code, "national", "IE", "S.I. No. 1 of 2026", False, today(), today() + timedelta(days=30))
    wanted = given(service="interpersonal", rests_on=code)
    for wrong in (measure, replace(measure, checked=True, country="DE")):
        measures.add(lawyer, wrong)
        with pytest.raises(NeedsAnAct):
            recorded_bases.record_basis(lead, wanted)
    measures.add(lawyer, replace(measure, checked=True))
    number = recorded_bases.record_basis(lead, wanted)
    recorded_bases.confirm(cast.actor(operator, "lead"), number)
    activity = detection_gate.Activity("interpersonal", "public", "hash")
    assert allowed(operator, activity=activity)
    assert not allowed(operator, today() + timedelta(days=31), activity), "the measure ended"
    measures.add(lawyer, measure)
    assert not allowed(operator, activity=activity), "its newest reading is unchecked"


def test_a_gap_and_a_measure_are_data_that_a_lawyer_adds(cast: Cast) -> None:
    lawyer = cast.actor(cast.centre, "lead")
    code, activity = f"gap-{uuid4().hex[:6]}", detection_gate.Activity("interpersonal", "public", "hash")
    measures.add(lawyer, MeasureInput(code, "gap", "", "Between two acts", True, date(2030, 1, 1), date(2030, 2, 1)))
    assert "2030-01-01" in detection_gate.decide(activity, date(2030, 1, 15)).reason
    for wrong in (
        MeasureInput("x", "gap", "", "C", True, today(), today()),
        MeasureInput(code, "other", "", "C", True, today(), today()),
        MeasureInput(code, "gap", "IE", "C", True, today(), today()),
        MeasureInput(code, "national", "", "C", True, today(), today()),
        MeasureInput(code, "gap", "", " ", True, today(), today()),
        MeasureInput(code, "gap", "", "C", True, today(), today() - timedelta(days=1)),
    ):
        with pytest.raises(Invalid):
            measures.add(lawyer, wrong)
    with pytest.raises(Forbidden):
        measures.add(cast.actor(cast.pixelpost, "lead"), MeasureInput(code, "gap", "", "C", True, today(), today()))


def test_another_organisation_and_another_role_change_nothing(cast: Cast, operator: Actor, lead: Actor) -> None:
    number = recorded_bases.record_basis(lead, given())
    stranger = cast.actor(cast.other_provider, "lead")
    works: list[Any] = [
        lambda: recorded_bases.confirm(stranger, number),
        lambda: recorded_bases.end(stranger, number, "x"),
    ]
    for work in works:
        with pytest.raises(NotFound):
            work()
    for role, home in (("reviewer", operator), ("lead", cast.centre), ("analyst", cast.hotline_ie)):
        with pytest.raises(Forbidden):
            recorded_bases.record_basis(cast.actor(home, role), given())


def test_a_recorded_basis_is_never_changed(operator: Actor, lead: Actor) -> None:
    number = recorded_bases.record_basis(lead, given())
    for statement in ("UPDATE law_recordedbasis SET lawyer = 'x'", "DELETE FROM law_recordedbasis"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(f"{statement} WHERE number = %s", [number])
    assert RecordedBasis.objects.get(pk=number).lawyer == "Dr Ada Counsel"


def test_pages_record_confirm_and_show_a_basis_to_everybody(cast: Cast, operator: Actor, client: Client) -> None:
    one, two = cast.client(operator, "lead"), cast.client(operator, "administrator")
    form = {**vars(given()), "text": "Text <b>of</b> a lawyer", "dated": str(today())}
    form["expires_on"] = str(today() + timedelta(days=9))
    assert one.post("/desk/bases/", {**form, "lawyer": ""}).status_code == 422
    assert one.post("/desk/bases/", form).status_code == 302
    (state,) = recorded_bases.bases(operator.organisation_id)
    number = state.row.number
    assert "Confirm basis" not in one.get("/desk/bases/").content.decode(), "not by the same person"
    assert number not in client.get("/law/").content.decode(), "public once confirmed"
    assert "Confirm basis" in two.get("/desk/bases/").content.decode()
    assert two.post(f"/desk/bases/{number}/confirm/").status_code == 302
    page = client.get("/law/").content.decode()
    assert number in page
    assert "Dr Ada Counsel" in page
    assert "Text &lt;b&gt;of&lt;/b&gt; a lawyer" in page
    other = cast.client(cast.other_provider, "lead")
    assert other.post(f"/desk/bases/{number}/end/", {"reason": "x"}).status_code == 404
    assert two.post(f"/desk/bases/{number}/end/", {"reason": ""}).status_code == 302
    assert recorded_bases.bases(operator.organisation_id)[0].counts_today


def test_the_law_page_says_what_was_read_in_part_and_which_acts_are_new(client: Client, cast: Cast) -> None:
    page = client.get("/law/").content.decode()
    assert "read in part" in page
    for code in ("2024/2916", "2024/2835", "C(2025) 5252", "gap-2026"):
        assert code in page
    assert {one.code for one in acts.states() if one.in_part} >= {"DSA", "GDPR", "LED", "CSAR", "2024/2916"}
    lead = cast.client(cast.centre, "lead")
    code = f"gap-{uuid4().hex[:6]}"
    form = {"code": code, "kind": "gap", "citation": "C", "applies_from": "2031-01-01", "applies_to": "2031-01-02"}
    assert lead.post("/desk/law/measures/", {**form, "applies_to": "2030-01-02"}).status_code == 422
    assert lead.post("/desk/law/measures/", form).status_code == 302
    assert code in client.get("/law/").content.decode()


def test_a_demonstration_says_that_it_is_one(cast: Cast, client: Client) -> None:
    (state,) = recorded_bases.bases(cast.pixelpost.organisation_id)
    assert state.row.demonstration
    assert "Nobody may rely on it" in client.get("/law/").content.decode()
    assert isinstance(NeedsAnAct(), TutelaError)
