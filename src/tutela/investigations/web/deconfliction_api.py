"""Deconfliction API of an authority. All messages come through the Centre."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.events.actor import Actor
from tutela.exchange.referral.deconfliction import Answered, ContactReply, ContactRequest, Question
from tutela.investigations.deconfliction import messages
from tutela.investigations.errors import NotACentre, OwnBudgetSpent
from tutela.investigations.inbox.addressee import authority
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import MessageKey

router = Router(tags=["Deconfliction"])
DONE = 201, "{}"


@router.post("/organisations/{uuid:organisation}/deconfliction-questions", auth=MessageKey("referrals.submit"))
def question(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Multiply blinded points by the authority's secret. 409 if the authority takes no part or its daily budget is
    spent.
    """
    message = Question.from_bytes(request.body)

    def work(actor: Actor) -> tuple[int, str]:
        found = messages.evaluate(actor, message)
        if found is None:
            return 409, json.dumps({"title": str(OwnBudgetSpent.__doc__), "status": 409})
        return 200, found.to_bytes().decode()

    return _once(request, organisation, work)


@router.post("/organisations/{uuid:organisation}/deconfliction-answers", auth=MessageKey("referrals.submit"))
def answer(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Deliver a holder's answer to a question of this authority."""
    message = Answered.from_bytes(request.body)

    def work(actor: Actor) -> tuple[int, str]:
        messages.take_answer(actor, message)
        return DONE

    return _once(request, organisation, work)


@router.post("/organisations/{uuid:organisation}/deconfliction-contacts", auth=MessageKey("referrals.submit"))
def contact(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Ask this authority whether it gives its contact to another that has the same identifier."""
    message = ContactRequest.from_bytes(request.body)

    def work(actor: Actor) -> tuple[int, str]:
        messages.take_request(actor, message)
        return DONE

    return _once(request, organisation, work)


@router.post("/organisations/{uuid:organisation}/deconfliction-replies", auth=MessageKey("referrals.submit"))
def reply(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Deliver the decision on a request of this authority."""
    message = ContactReply.from_bytes(request.body)

    def work(actor: Actor) -> tuple[int, str]:
        messages.take_reply(actor, message)
        return DONE

    return _once(request, organisation, work)


def _once(request: HttpRequest, organisation: UUID, act: Callable[[Actor], tuple[int, str]]) -> HttpResponse:
    sender: Actor = request.auth  # type: ignore[attr-defined]
    if not sender.verified or sender.organisation_kind != "centre":
        raise NotACentre
    actor = directory.acting_for(authority(organisation), sender.reference, sender.name)
    key = request.headers.get("Idempotency-Key", "")
    status, body = inbox.once(actor, sender.organisation_id, key, request.body, lambda: act(actor))
    kind = "application/json" if status < 400 else "application/problem+json"
    return HttpResponse(body, status=status, content_type=kind)
