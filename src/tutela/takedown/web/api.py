"""API of a host for notices and received orders, and of a hotline for the answers to notices."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from tutela.organisations.web.api_keys import Key, MessageKey
from tutela.takedown.addressees import addressee
from tutela.takedown.host_desk import receive
from tutela.takedown.host_desk.notice_rows import READ
from tutela.takedown.notices import receive_answer
from tutela.takedown.orders import received_orders

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


@router.get("/takedown/orders", auth=Key(READ))
def received(request: HttpRequest, view: str = "waiting", page: int = 1) -> JsonResponse:
    """A page of your received orders; `view` is waiting, answered or all.

    An order with `simulation: true` rests on a proposal and is not in force.
    """
    actor = request.auth  # type: ignore[attr-defined]
    found, more = received_orders.as_data(actor, view[:12], max(1, min(page, 10_000)))
    return JsonResponse({"orders": found, "more": more})
