"""The authority over HTTP: referrals and withdrawals from the Centre."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.investigations import inbox, inbox_api
from tutela.organisations import directory
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.kinds import Kind
from tutela.organisations.web import Key

router = Router(tags=["Authority"])
router.add_router("", inbox_api.router)
RECIPIENTS = {Kind.AUTHORITY, Kind.COORDINATING_AUTHORITY, Kind.EUROPOL}


@router.post("/organisations/{uuid:organisation}/referrals", auth=Key("referrals.submit"))
def referral(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Deliver a referral package. Needs the header Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.receive(request.auth, authority(organisation), key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/referral-withdrawals", auth=Key("referrals.submit"))
def withdrawal(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Say that something no longer holds about referrals sent before. Needs the header Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.withdraw(request.auth, authority(organisation), key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


def authority(organisation: UUID) -> directory.Entry:
    """The authority addressed, if it is one and verified; otherwise there is nothing here."""
    entry = directory.entry(organisation)
    if entry.kind not in RECIPIENTS or not entry.verified:
        raise UnknownOrganisation
    return entry
