"""A list of more rows asks the database no more questions."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre, entry_of
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox
from tutela.organisations.people import api_keys, invitations


def questions(client: Client, address: str) -> int:
    """How many queries a page needs, once what is kept between requests is there."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def _people(cast: Cast, _centre: Centre) -> None:
    cast.person(cast.pixelpost, "reviewer")
    invitations.invite(cast.pixelpost, email=f"{secrets.token_hex(4)}@example.org", name="Kim", roles=["reviewer"])
    api_keys.create_key(cast.pixelpost, name="Edge", scopes=["releases:read"])


def _organisation(cast: Cast, _centre: Centre) -> None:
    cast.organisation("Another", "hotline", "FR")


def _report(cast: Cast, centre: Centre) -> None:
    centre.file(report())


def _indicator(cast: Cast, _centre: Centre) -> None:
    entry_of(cast, secrets.token_hex(32))


def _message(cast: Cast, centre: Centre) -> None:
    recipient = cast.pixelpost.organisation_id
    with acting(centre.machine):
        outbox.send(centre.machine, recipient, "feedback", "/x", "{}", key=str(uuid4()), subject_id="x")


@pytest.mark.parametrize(
    ("address", "part", "more"),
    [
        ("/desk/organisation/", ("provider", "administrator"), _people),
        ("/desk/directory/", ("centre", "administrator"), _organisation),
        ("/desk/reports/", ("centre", "analyst"), _report),
        ("/desk/messages/", ("centre", "lead"), _message),
        ("/desk/indicators/", ("centre", "lead"), _indicator),
        ("/desk/indicators/releases/", ("centre", "lead"), _indicator),
        ("/desk/events/", ("centre", "administrator"), _report),
        ("/desk/", ("centre", "lead"), _report),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_more_rows_are_no_more_queries(
    cast: Cast, address: str, part: tuple[str, str], more: Callable[[Cast, Centre], None]
) -> None:
    centre = Centre(cast)
    client = cast.client(cast.pixelpost if part[0] == "provider" else cast.centre, part[1])
    more(cast, centre)
    before = questions(client, address)
    for _ in range(4):
        more(cast, centre)
    assert questions(client, address) == before


def test_more_referrals_are_no_more_queries(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "NO")
    client = cast.client(authority.machine, "investigator")
    authority.referred(centre.file(authority.report()))
    before = questions(client, "/desk/inbox/")
    for _ in range(3):
        authority.referred(centre.file(authority.report()))
    assert questions(client, "/desk/inbox/") == before
