"""API of an authority for the Centre: referrals and withdrawals."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.investigations.inbox import receive
from tutela.investigations.inbox.addressee import authority
from tutela.investigations.web import case_system_api, deconfliction_api
from tutela.organisations.web.api_keys import MessageKey

router = Router(tags=["Authority"])
router.add_router("", deconfliction_api.router)
router.add_router("", case_system_api.router)


@router.post("/organisations/{uuid:organisation}/referrals", auth=MessageKey("referrals.submit"))
def referral(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Deliver a referral package. Needs the header Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    status, answer = receive.receive(request.auth, authority(organisation), key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/referral-withdrawals", auth=MessageKey("referrals.submit"))
def withdrawal(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Say that something no longer holds about referrals sent before. Needs the header Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    status, answer = receive.withdraw(request.auth, authority(organisation), key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")
