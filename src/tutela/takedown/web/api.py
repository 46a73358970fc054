"""API of a host for notices, and of a hotline for their answers."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.organisations.web.api_keys import MessageKey
from tutela.takedown.addressees import addressee
from tutela.takedown.host_desk import receive
from tutela.takedown.notices import receive_answer

router = Router(tags=["Takedown"])


@router.post("/organisations/{uuid:organisation}/takedown/notices", auth=MessageKey("notices.submit"))
def notice(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Deliver a notice (DSA Art. 16) to a host. Needs the header Idempotency-Key."""
    host, key = addressee(organisation, "provider"), request.headers.get("Idempotency-Key", "")
    status, answer = receive.receive(request.auth, host, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/takedown/notice-answers", auth=MessageKey("notice_answers.submit"))
def notice_answer(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Answer a notice: receipt, decision or reversal. Needs the header Idempotency-Key."""
    hotline, key = addressee(organisation, "hotline"), request.headers.get("Idempotency-Key", "")
    status, answer = receive_answer.receive(request.auth, hotline, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")
