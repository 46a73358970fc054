"""Deconfliction API of the Centre: sets, questions and requests for contact from authorities."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.exchange.referral.deconfliction import ContactReply, ContactRequest, HolderSet, Question
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.organisations.web.api_keys import MessageKey
from tutela.reports.deconfliction import relay
from tutela.reports.errors import BlindBudgetSpent

router = Router(tags=["Deconfliction"])


@router.post("/deconfliction/sets", auth=MessageKey("outcomes.submit"))
def holder_set(request: HttpRequest) -> HttpResponse:
    """Publish the values of one's identifiers, or none and take part no longer. Needs the header Idempotency-Key."""
    message = HolderSet.from_bytes(request.body)

    def keep(centre: Actor, sender: Actor) -> bool:
        relay.take_set(centre, sender, message)
        return True

    return _once(request, keep)


@router.post("/deconfliction/questions", auth=MessageKey("outcomes.submit"))
def question(request: HttpRequest) -> HttpResponse:
    """Ask every other that takes part, by 1 to 64 blinded points. 409 once the day's budget is spent."""
    message = Question.from_bytes(request.body)
    return _once(request, lambda centre, sender: relay.ask(centre, sender, message))


@router.post("/deconfliction/contacts", auth=MessageKey("outcomes.submit"))
def contact(request: HttpRequest) -> HttpResponse:
    """Ask a holder for its contact, knowing the whole value. 409 once the day's budget is spent."""
    message = ContactRequest.from_bytes(request.body)
    return _once(request, lambda centre, sender: relay.ask_contact(centre, sender, message))


@router.post("/deconfliction/replies", auth=MessageKey("outcomes.submit"))
def reply(request: HttpRequest) -> HttpResponse:
    """Give one's contact to who asked for it, or decline."""
    message = ContactReply.from_bytes(request.body)

    def pass_on(centre: Actor, sender: Actor) -> bool:
        relay.reply(centre, sender, message)
        return True

    return _once(request, pass_on)


def _once(request: HttpRequest, act: Callable[[Actor, Actor], bool]) -> HttpResponse:
    sender: Actor = request.auth  # type: ignore[attr-defined]
    sender.require_verified()
    if sender.organisation_kind not in AUTHORITIES:
        raise Forbidden
    entry = directory.the_centre()
    if entry is None:
        raise NotFound
    centre = directory.acting_for(entry, sender.reference, sender.name)

    def work() -> tuple[int, str]:
        if act(centre, sender):
            return 201, "{}"
        # Kept as the answer: what was noted about it is not to be undone.
        return 409, json.dumps({"title": str(BlindBudgetSpent.__doc__), "status": 409})

    key = request.headers.get("Idempotency-Key", "")
    status, answer = inbox.once(centre, sender.organisation_id, key, request.body, work)
    kind = "application/json" if status < 400 else "application/problem+json"
    return HttpResponse(answer, status=status, content_type=kind)
