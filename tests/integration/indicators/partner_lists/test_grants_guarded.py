"""Passing a list of another on takes what the organisation asks for grants: a security key, two people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.integration.indicators.partner_lists.test_grants_redistribution import Owned
from tests.integration.indicators.register.test_approvals_by_key import House, asked_about
from tests.integration.indicators.register.test_approvals_two_people import Two
from tests.support.cast import Cast
from tests.support.soft_keys import at
from tutela import clock
from tutela.events.errors import Forbidden, NotFound
from tutela.events.transaction import acting
from tutela.indicators.models import PartnerGrant
from tutela.indicators.partner_lists import grants, subscriptions
from tutela.organisations.approvals import second_person
from tutela.organisations.approvals.approve import ApprovalInput, Way
from tutela.organisations.errors import NeedsKey, OtherAct
from tutela.organisations.models import Approval


@pytest.fixture(autouse=True)
def _address() -> Iterator[None]:
    with at():
        yield


@pytest.fixture
def owned(cast: Cast) -> Owned:
    return Owned(cast)


def _given(owned: Owned) -> list[PartnerGrant]:
    with acting(owned.owner):
        return list(PartnerGrant.objects.filter(list_id=owned.id, ended_at=None))


def test_a_key_is_asked_about_the_list_the_recipient_and_the_last_day(cast: Cast, owned: Owned) -> None:
    irish, until = House(cast, cast.hotline_ie, "analyst"), clock.now() + timedelta(days=30)
    to = cast.pixelpost.organisation_id

    def giving(way: Way, days: int = 0, basis: str = "Agreement") -> UUID:
        return grants.give(irish.actor, owned.id, to, legal_basis=basis, valid_to=until + timedelta(days=days), way=way)

    act = asked_about(giving)
    assert [one.name for one in act.subjects] == ["Police abroad", cast.pixelpost.organisation_name]
    assert act.chosen["until"] == f"{until:%Y-%m-%d}"
    given = irish.key.confirms(irish.actor, act)
    for other in ({"days": 1}, {"basis": "Another"}):
        with pytest.raises(OtherAct):
            giving(given, **other)  # type: ignore[arg-type]
    assert not _given(owned)
    giving(given)
    assert len(_given(owned)) == 1
    with pytest.raises(NeedsKey):
        grants.end(irish.actor, owned.id, to)
    irish.does(lambda way: grants.end(irish.actor, owned.id, to, way))
    assert not _given(owned)
    with acting(irish.actor):
        kept = Approval.objects.filter(organisation_id=irish.actor.organisation_id).order_by("created_at")
        assert [one.act for one in kept][-2:] == ["pass_on", "pass_on_end"]


def test_two_people_pass_it_on_and_one_alone_ends_it(cast: Cast, owned: Owned) -> None:
    irish, until = Two(cast, cast.hotline_ie, "analyst"), clock.now() + timedelta(days=30)
    to, said = cast.pixelpost.organisation_id, dict[str, Any](legal_basis="Agreement", valid_to=until)
    asked = irish.ask(lambda way: grants.give(irish.first, owned.id, to, **said, way=way))
    assert not _given(owned)
    with pytest.raises(Forbidden, match="An API client cannot be one"):
        grants.give(cast.hotline_ie, owned.id, to, **said)
    second_person.agree(irish.second, asked, ApprovalInput())
    (row,) = _given(owned)
    assert (row.by, row.legal_basis, row.valid_to.date()) == (irish.second.reference, "Agreement", until.date())
    grants.end(irish.first, owned.id, to)
    assert not _given(owned)
    asked = irish.ask(lambda way: grants.give(irish.first, owned.id, to, **said, way=way))
    subscriptions.end(irish.first, owned.id, "The agreement ended")
    with pytest.raises(NotFound):
        second_person.agree(irish.second, asked, ApprovalInput())
    assert second_person.count(irish.second) == 0, "what cannot be done any longer closes the request"


def test_the_page_asks_for_the_second_person(cast: Cast, owned: Owned) -> None:
    Two(cast, cast.hotline_ie, "analyst")
    first, second = (cast.client(cast.hotline_ie, "analyst") for _ in range(2))
    address = f"/desk/partner-lists/{owned.id}/grants/new/"
    form = {"grantee": str(cast.pixelpost.organisation_id), "legal_basis": "Agreement", "days": "30"}
    page = first.post(address, form)
    assert page.context["second"] is True
    assert "Redistribute a partner list" in page.content.decode()
    assert first.post(address, {**form, "ask": "1", "why": "They asked"})["Location"] == "/desk/approvals/"
    (asked,) = second_person.list_pending(cast.actor(cast.hotline_ie, "analyst"))
    assert second.post(f"/desk/approvals/{asked.id}/", {"decision": "agree"}).status_code == 302
    assert len(_given(owned)) == 1


def test_the_page_asks_for_the_key(cast: Cast, owned: Owned) -> None:
    House(cast, cast.hotline_ie, "analyst")
    browser = cast.client(cast.hotline_ie, "analyst")
    form = {"grantee": str(cast.pixelpost.organisation_id), "legal_basis": "Agreement", "days": "30"}
    page = browser.post(f"/desk/partner-lists/{owned.id}/grants/new/", form)
    assert (page.status_code, "second" in page.context) == (200, False)
    assert "security key" in page.content.decode()
    assert not _given(owned)
