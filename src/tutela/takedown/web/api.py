"""API of a host for notices and orders, of a hotline for answers to notices, and of partner hotlines for cases."""

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
from tutela.takedown.partners import batches, receive_case, receive_search, receive_status, receive_withdrawal

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


@router.post("/organisations/{uuid:organisation}/takedown/hotline-cases", auth=MessageKey("hotline_cases.exchange"))
def hotline_case(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Send a case to a partner hotline; its receipt is the answer. Needs the header Idempotency-Key."""
    hotline, key = addressee(organisation, "hotline"), request.headers.get("Idempotency-Key", "")
    status, answer = receive_case.receive(request.auth, hotline, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post(
    "/organisations/{uuid:organisation}/takedown/hotline-cases/batch", auth=MessageKey("hotline_cases.exchange")
)
def hotline_cases(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Send 1 to 100 cases at once: a JSON array, or one case a line; together at most 1,000 addresses.

    Answers with one result per case, in their order: 201 with its receipt, or 409 or 422 naming each field; 200 if any
    was received, otherwise 422. A case that is refused stops no other, and nothing of it is stored. A case's
    `message_id` is its key: send a batch again as often as you like.
    """
    found = batches.receive(request.auth, addressee(organisation, "hotline"), request.body)  # type: ignore[attr-defined]
    status = 200 if found.received else 422
    return HttpResponse(found.to_bytes(), status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/takedown/hotline-statuses", auth=MessageKey("hotline_cases.exchange"))
def hotline_status(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Report a change at one address of a case that you received. Needs the header Idempotency-Key."""
    hotline, key = addressee(organisation, "hotline"), request.headers.get("Idempotency-Key", "")
    status, answer = receive_status.receive(request.auth, hotline, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post(
    "/organisations/{uuid:organisation}/takedown/hotline-cases/withdrawals", auth=MessageKey("hotline_cases.exchange")
)
def hotline_case_withdrawn(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Take a case back that victim support sent. Needs the header Idempotency-Key."""
    hotline, key = addressee(organisation, "hotline"), request.headers.get("Idempotency-Key", "")
    status, answer = receive_withdrawal.receive(request.auth, hotline, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/takedown/searches", auth=MessageKey("hotline_cases.exchange"))
def search(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Ask for a search of public hosts, as victim support. Needs the header Idempotency-Key."""
    hotline, key = addressee(organisation, "hotline"), request.headers.get("Idempotency-Key", "")
    status, answer = receive_search.receive(request.auth, hotline, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")
