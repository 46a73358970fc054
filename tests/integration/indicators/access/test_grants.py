"""Grants of the register's list: to whom, for what, how far, from when to when; and what their holders read of them."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.integration.indicators.register.test_register import _active, _scheme
from tests.support.cast import Cast
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.indicators.access import grants, quotas
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import publish

__all__ = ["_scheme"]
NEW = "/desk/indicators/grants/new/"


def _give(cast: Cast, to: Actor, **more: Any) -> Any:
    said: dict[str, Any] = {
        "list_id": version_files.LIST_ID,
        "purpose": "reporting",
        "legal_basis": "DSA Art. 18",
        "valid_to": clock.now() + timedelta(days=9),
        **more,
    }
    return grants.give(cast.centre, to.organisation_id, **said)


def _in_days(days: int) -> datetime:
    return clock.now() + timedelta(days=days)


def _asked(cast: Cast, by: Actor, list_id: str = version_files.LIST_ID) -> Any:
    return Client().get(f"/api/v1/releases/{list_id}/grants", headers=cast.key(by, "releases:read"))


def test_its_holder_reads_how_far_it_goes(cast: Cast) -> None:
    holder = cast.organisation(f"Forum {secrets.token_hex(3)}", "provider", "IE")
    assert _asked(cast, holder).status_code == 403
    _give(cast, holder, degree="shadow")
    _give(cast, holder, degree="act", valid_from=clock.now() + timedelta(days=2))
    (first, later) = _asked(cast, holder).json()["grants"]
    assert (first["degree"], first["purpose"], first["state"]) == ("shadow", "reporting", "in effect")
    assert (later["degree"], later["state"]) == ("act", "later")
    with acting(cast.centre):
        assert Event.objects.filter(kind="grant.read").exists()
    assert _asked(cast, holder, quotas.MATCH_ID).status_code == 403, "another list is another grant"


def test_a_grant_given_twice_is_stored_and_shown_once(cast: Cast) -> None:
    holder = cast.organisation(f"Forum {secrets.token_hex(3)}", "provider", "IE")
    first = _give(cast, holder)
    assert _give(cast, holder) == first, "a second click"
    assert _give(cast, holder, valid_to=_in_days(3)) == first, "fewer days of what was granted"
    with acting(cast.centre):
        assert Event.objects.filter(kind="grant.given", subject_id=str(first)).count() == 1
    shown = cast.client(cast.centre, "lead").get(
        "/desk/indicators/releases/", {"grants-find": holder.organisation_name}
    )
    assert [row.id for row, _holder in shown.context["grants"].rows] == [first]
    assert _give(cast, holder, legal_basis="CSAR Art. 46") != first, "other terms are another grant"
    assert _give(cast, holder, valid_to=_in_days(30)) != first, "later days are another grant"
    grants.end(cast.centre, first)
    assert _give(cast, holder) != first, "an ended grant covers nothing"


def test_the_form_lists_each_purpose_once(cast: Cast) -> None:
    several = {cast.authority.organisation_kind, cast.hotline_de.organisation_kind, cast.pixelpost.organisation_kind}
    form = cast.client(cast.centre, "lead").get(NEW).context["form"]
    offered = re.findall(r'<option value="([a-z_]+)"', str(form["purpose"]))
    assert {"investigation", "reporting", "indicators"} <= set(offered)
    assert all(set(grants.purposes_of(kind)) <= set(offered) for kind in several)
    assert len(offered) == len(set(offered))


def test_before_its_first_day_it_opens_nothing(cast: Cast, client: Client) -> None:
    _active(cast)
    publish.publish(cast.centre)
    holder, begins = (
        cast.organisation(f"Forum {secrets.token_hex(3)}", "provider", "IE"),
        clock.now() + timedelta(days=2),
    )
    _give(cast, holder, valid_from=begins)
    key, head = cast.key(holder, "releases:read"), f"/api/v1/releases/{version_files.LIST_ID}/head"
    assert client.get(head, headers=key).status_code == 403
    with clock.simulate(begins + timedelta(minutes=1)), acting(cast.centre):
        assert grants.current_grant(version_files.LIST_ID, holder.organisation_id) is not None
    with clock.simulate(begins + timedelta(days=20)), acting(cast.centre):
        assert grants.current_grant(version_files.LIST_ID, holder.organisation_id) is None


def test_the_purpose_is_one_of_the_organisation_s_own(cast: Cast) -> None:
    for to, purpose, good in (
        (cast.authority, "investigation", True),
        (cast.authority, "reporting", False),
        (cast.pixelpost, "order_execution", True),
        (cast.pixelpost, "administration", False),
        (cast.auditor, "supervision", True),
    ):
        if good:
            assert _give(cast, to, purpose=purpose)
            continue
        with pytest.raises(Invalid) as refused:
            _give(cast, to, purpose=purpose)
        assert refused.value.field == "purpose"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"degree": "everything"}, "degree"),
        ({"legal_basis": " "}, "legal_basis"),
        ({"valid_from": clock.now() + timedelta(days=99)}, "valid_to"),
    ],
)
def test_what_a_grant_needs(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        _give(cast, cast.pixelpost, **wrong)
    assert refused.value.field == field


def test_the_form_gives_it_to_whoever_may_have_it(cast: Cast) -> None:
    lead, authority = cast.client(cast.centre, "lead"), cast.authority
    page = lead.get(NEW).content.decode()
    assert authority.organisation_name in page
    assert cast.centre.organisation_name not in page.partition("<select")[2].partition("</select>")[0]
    day = (clock.now() + timedelta(days=5)).date()
    form = {
        "grantee": str(cast.authority.organisation_id),
        "what": version_files.LIST_ID,
        "purpose": "victim_identification",
        "degree": "review",
        "legal_basis": "CSAR Art. 46",
        "begins": day.isoformat(),
        "days": "30",
    }
    assert lead.post(NEW, form).status_code == 302
    with acting(cast.centre):
        row = next(row for row, one in grants.list_grants() if one.id == cast.authority.organisation_id)
    assert (row.purpose, row.degree, row.valid_from.date()) == ("victim_identification", "review", day)
    assert row.valid_to - row.valid_from == timedelta(days=30)
    refused = lead.post(NEW, {**form, "purpose": "reporting"})
    assert "The purpose must be one of" in refused.content.decode()
    shown = lead.get("/desk/indicators/releases/", {"grants-find": cast.authority.organisation_name}).content.decode()
    assert "starts later" in shown
    assert "act on a match after a person has checked it" in shown


def test_more_grants_are_no_more_questions(cast: Cast) -> None:
    _give(cast, cast.pixelpost)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked, acting(cast.centre):
            assert grants.list_grants()
        return len(asked)

    before = questions()
    for _ in range(3):
        _give(cast, cast.organisation(f"Forum {secrets.token_hex(3)}", "provider", "IE"))
    assert questions() == before
