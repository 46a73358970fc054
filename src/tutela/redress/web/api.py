"""API of redress: reversals and their answers, between organisations."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.web.api_keys import MessageKey
from tutela.redress.reversals import messages

router = Router(tags=["Redress"])
EXCHANGE = "reversals.exchange"


@router.post("/organisations/{uuid:organisation}/redress/reversals", auth=MessageKey(EXCHANGE))
def reversal(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Tell an earlier recipient that what it got was an error. Needs the header Idempotency-Key.

    The recipient answers later: corrected, erased, or kept with a reason.
    """
    recipient, key = _addressee(organisation), request.headers.get("Idempotency-Key", "")
    status, answer = messages.receive(request.auth, recipient, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/organisations/{uuid:organisation}/redress/reversal-answers", auth=MessageKey(EXCHANGE))
def reversal_answer(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Answer a reversal: corrected, erased, or kept with a reason. Needs the header Idempotency-Key."""
    recipient, key = _addressee(organisation), request.headers.get("Idempotency-Key", "")
    status, answer = messages.receive_answer(request.auth, recipient, key, request.body)  # type: ignore[attr-defined]
    return HttpResponse(answer, status=status, content_type="application/json")


def _addressee(organisation: UUID) -> DirectoryEntry:
    entry = directory.entry(organisation)
    if not entry.verified:
        raise UnknownOrganisation
    return entry
