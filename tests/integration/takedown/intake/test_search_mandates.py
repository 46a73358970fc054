"""Proactive search: addresses of public hosts become cases under a mandate of two people, and only while it counts."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.takedown_world import Hotline
from tutela import clock
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.transaction import acting
from tutela.takedown.errors import MandateEnded, NoSearchMandate, SamePerson
from tutela.takedown.intake import enter_addresses, search_mandates
from tutela.takedown.intake.open_case import Reported, Source
from tutela.takedown.intake.search_mandates import MandateInput
from tutela.takedown.models import CaseReport

PAGE = "/desk/takedown/proactive/"
FOUND = Reported(Source.PROACTIVE, reference="list 7")


@pytest.fixture
def hotline(cast: Cast) -> Hotline:
    return Hotline(cast)


def today() -> date:
    return clock.now().date()


def given(days: int = 30, begins: int = 0) -> MandateInput:
    first = today() + timedelta(days=begins)
    return MandateInput(
        "Police of the country", "Letter of today", "A closed list", first, today() + timedelta(days=days)
    )


def mandate(hotline: Hotline, *, confirmed: bool = True) -> UUID:
    made = search_mandates.add(hotline.analyst, given())
    if confirmed:
        search_mandates.confirm(hotline.colleague, made)
    return made


def entered(hotline: Hotline, address: str, under: UUID | None) -> enter_addresses.Line:
    (line,) = enter_addresses.enter(hotline.analyst, address, FOUND, under)
    return line


def test_an_address_needs_a_mandate_that_a_second_person_confirmed(hotline: Hotline) -> None:
    made = mandate(hotline, confirmed=False)
    for under in (None, made, UUID(int=1)):
        with pytest.raises(NoSearchMandate) as refused:
            entered(hotline, "https://found.example.org/1", under)
        assert refused.value.field == "mandate"
    with pytest.raises(SamePerson):
        search_mandates.confirm(hotline.analyst, made)
    search_mandates.confirm(hotline.colleague, made)
    line = entered(hotline, "https://found.example.org/1", made)
    assert line.case is not None
    with acting(hotline.analyst):
        reference = CaseReport.objects.get(case=line.case.id).reference
    assert reference.startswith("M-")
    assert reference.endswith(" list 7")


def test_it_ends_by_itself_and_by_a_person(hotline: Hotline) -> None:
    made = mandate(hotline)
    with clock.simulate(clock.now() + timedelta(days=31)), pytest.raises(NoSearchMandate):
        entered(hotline, "https://found.example.org/2", made)
    search_mandates.end(hotline.colleague, made)
    with pytest.raises(NoSearchMandate):
        entered(hotline, "https://found.example.org/2", made)
    for again in (search_mandates.end, search_mandates.confirm):
        with pytest.raises(MandateEnded):
            again(hotline.colleague, made)


@pytest.mark.parametrize(
    "address", [f"http://{'a' * 56}.onion/", "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3", "http://10.0.0.1/x"]
)
def test_only_public_hosts_are_named(hotline: Hotline, address: str) -> None:
    line = entered(hotline, address, mandate(hotline))
    assert line.case is None
    assert line.fault


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (MandateInput(" ", "D", "P", date(2030, 1, 1), date(2030, 2, 1)), "requested_by"),
        (MandateInput("R", "", "P", date(2030, 1, 1), date(2030, 2, 1)), "document"),
        (MandateInput("R", "D", " ", date(2030, 1, 1), date(2030, 2, 1)), "purpose"),
        (MandateInput("R", "D", "P", date(2030, 2, 1), date(2030, 1, 1)), "last_day"),
        (MandateInput("R", "D", "P", date(2020, 1, 1), date(2020, 2, 1)), "last_day"),
        (MandateInput("R", "D", "P", date(2030, 1, 1), date(2031, 2, 1)), "last_day"),
    ],
)
def test_bad_input_is_refused_by_its_field(hotline: Hotline, wrong: MandateInput, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        search_mandates.add(hotline.analyst, wrong)
    assert refused.value.field == field
    assert search_mandates.list_mandates(hotline.analyst) == []


def test_strangers_and_other_roles_do_nothing(cast: Cast, hotline: Hotline) -> None:
    made = mandate(hotline, confirmed=False)
    stranger = cast.actor(cast.hotline_de, "analyst")
    assert search_mandates.list_mandates(stranger) == []
    with pytest.raises(NotFound):
        search_mandates.confirm(stranger, made)
    with pytest.raises(Forbidden):
        search_mandates.end(cast.actor(hotline.machine, "administrator"), made)


def test_the_pages_record_confirm_use_and_end(cast: Cast, hotline: Hotline) -> None:
    first, second = (cast.client(hotline.machine, "analyst") for _ in range(2))
    form = {"requested_by": "Police", "document": "Letter", "purpose": "A list", "first_day": str(today())}
    assert first.post(PAGE, form).status_code == 422
    assert first.post(PAGE, {**form, "last_day": str(today())})["Location"] == PAGE
    (row,) = search_mandates.list_mandates(hotline.analyst)
    assert f"{PAGE}{row.row.pk}/confirm/" not in first.get(PAGE).content.decode()
    assert f"{PAGE}{row.row.pk}/confirm/" in second.get(PAGE).content.decode()
    new = {"addresses": "https://found.example.org/9", "source": "proactive"}
    assert "Choose a mandate" in first.post("/desk/takedown/new/", new).content.decode()
    assert "is confirmed" in second.post(f"{PAGE}{row.row.pk}/confirm/", follow=True).content.decode()
    assert first.post("/desk/takedown/new/", {**new, "mandate": str(row.row.pk)}).status_code == 302
    assert "has ended" in second.post(f"{PAGE}{row.row.pk}/end/", follow=True).content.decode()
    assert Client().get(PAGE).status_code == 302
