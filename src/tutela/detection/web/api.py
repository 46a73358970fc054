"""HTTP API of the provider desk: candidates from its Edges and feedback from the Centre.

Every message carries an Idempotency-Key; a duplicate gets the first answer again. Bodies: docs/schemas/.
"""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.detection.candidates import intake, withdrawn_indicators
from tutela.detection.errors import NotFromTheCentre, TooLarge
from tutela.detection.outcomes import centre_feedback
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.text_cleanup import whole_number
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.report.feedback import Feedback
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import Key, MessageKey

router = Router(tags=["Provider desk"])
# A candidate with a thousand matches and five hundred frames has less than 600 kB.
MOST_BYTES = 1_000_000


@router.post("/candidates", auth=Key("detection.submit"))
def candidates(request: HttpRequest) -> HttpResponse:
    """An item that agreed with a list; a person decides about it. 202 with its id, or with `counted` in shadow mode."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    actor.require_verified()
    body = _body(request)
    message = _read(Candidate, body)

    def work() -> tuple[int, str]:
        taken = intake.receive(actor, message)
        return 202, json.dumps({"id": str(taken.id) if taken.id else None, "state": taken.state})

    return _answer(inbox.once(actor, actor.organisation_id, _key(request), body, work))


@router.post("/organisations/{uuid:organisation}/feedback", auth=MessageKey("feedback.submit"))
def feedback(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Receive the Centre's feedback on a report."""
    sender, recipient, body = _from_centre(request, organisation)
    message = _read(Feedback, body)

    def work() -> tuple[int, str]:
        centre_feedback.receive(recipient, message, sender.organisation_id)
        return 200, json.dumps({"stored": True})

    return _answer(inbox.once(recipient, sender.organisation_id, _key(request), body, work))


@router.post("/organisations/{uuid:organisation}/withdrawals", auth=MessageKey("feedback.submit"))
def withdrawal(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Receive an indicator's withdrawal; return how many candidates and reports relied on it."""
    sender, recipient, body = _from_centre(request, organisation)
    message = _read(Withdrawal, body)

    def work() -> tuple[int, str]:
        return 200, json.dumps({"marked": withdrawn_indicators.receive(recipient, message, sender.organisation_id)})

    return _answer(inbox.once(recipient, sender.organisation_id, _key(request), body, work))


def _from_centre(request: HttpRequest, organisation: UUID) -> tuple[Actor, Actor, bytes]:
    sender: Actor = request.auth  # type: ignore[attr-defined]
    if sender.organisation_kind != "centre" or not sender.verified:
        raise NotFromTheCentre
    entry = directory.entry(organisation)
    if entry.kind != "provider":
        raise NotFound
    return sender, directory.acting_for(entry, sender.reference, sender.organisation_name), _body(request)


def _body(request: HttpRequest) -> bytes:
    if (whole_number(request.headers.get("Content-Length", "")) or 0) > MOST_BYTES:
        raise TooLarge
    return request.body


def _read[M: Wire](model: type[M], body: bytes) -> M:
    """The message; pydantic's errors become a problem that names the fields, at the boundary."""
    try:
        return model.from_bytes(body)
    except ExchangeError as error:
        raise Invalid(str(error), field="body") from None


def _key(request: HttpRequest) -> str:
    return request.headers.get("Idempotency-Key", "")


def _answer(answer: tuple[int, str]) -> HttpResponse:
    status, text = answer
    return HttpResponse(text, status=status, content_type="application/json")
