"""API of hand-overs between agencies."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.casework.hand_overs import receive, rows
from tutela.casework.hand_overs.send import AGENCIES
from tutela.events.actor import Actor
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.web.api_keys import MessageKey

router = Router(tags=["Hand-overs between agencies"])


@router.post("/organisations/{uuid:organisation}/hand-overs", auth=MessageKey(rows.EXCHANGE))
def hand_over(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Hand a need over to an agency: codes alone, with an opaque reference. Needs Idempotency-Key."""
    agency, key = _agency(organisation), request.headers.get("Idempotency-Key", "")
    return _answer(receive.receive(_sender(request), agency, key, request.body))


@router.post("/organisations/{uuid:organisation}/hand-overs/statuses", auth=MessageKey(rows.EXCHANGE))
def hand_over_status(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Tell the other agency of a hand-over a step: accepted, refused with a reason, closed. Needs Idempotency-Key."""
    agency, key = _agency(organisation), request.headers.get("Idempotency-Key", "")
    return _answer(receive.receive_status(_sender(request), agency, key, request.body))


def _sender(request: HttpRequest) -> Actor:
    sender: Actor = request.auth  # type: ignore[attr-defined]
    return sender


def _agency(organisation: UUID) -> DirectoryEntry:
    entry = directory.entry(organisation)
    if entry.kind not in AGENCIES or not entry.verified:
        raise UnknownOrganisation
    return entry


def _answer(said: tuple[int, str]) -> HttpResponse:
    status, body = said
    return HttpResponse(body, status=status, content_type="application/json")
