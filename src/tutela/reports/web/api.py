"""HTTP API of the Centre: reports, receipts, acknowledgements, outcomes and holds."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.exchange.referral.hold import HoldAsked, HoldEnded
from tutela.exchange.referral.outcome import Acknowledgement, Outcome
from tutela.exchange.report.batch import split
from tutela.exchange.report.retraction import Retraction
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.web.api_keys import Key, MessageKey
from tutela.reports.intake import batches, file_uploads, precheck
from tutela.reports.intake import submit as intake_submit
from tutela.reports.referrals import outcomes
from tutela.reports.state import retractions
from tutela.reports.web import deconfliction_api, evidence_api, referral_api

router = Router(tags=["Reports"])
router.add_router("", evidence_api.router)
router.add_router("", referral_api.router)
router.add_router("", deconfliction_api.router)


@router.post("/reports", auth=Key("reports.submit"))
def submit(request: HttpRequest) -> HttpResponse:
    """File a canonical report. Answers 201 with a signed receipt, after commit. Needs the header Idempotency-Key."""
    status, answer = intake_submit.receive(_sender(request), _centre(request), _key(request), request.body)
    return HttpResponse(answer, status=status, content_type="application/json")


@router.post("/reports/batch", auth=Key("reports.submit"))
def batch(request: HttpRequest) -> HttpResponse:
    """File 1 to 100 canonical reports at once: a JSON array, or one report a line.

    Answers with one result per report, in their order: 201 with its signed receipt, or 409 or 422 naming each field;
    200 if any was received, otherwise 422. A report that is refused stops no other. A report's id is its key: send a
    batch again as often as you like.
    """
    answers = batches.receive(_sender(request), _centre(request), split(request.body))
    status = 200 if any(one.received for one in answers) else 422
    return HttpResponse(batches.to_json(answers), status=status, content_type="application/json")


@router.post("/reports/file", auth=Key("reports.submit"))
def file(request: HttpRequest, name: str = "reports.csv") -> HttpResponse:
    """File the reports of one file: a table (CSV), JSON Lines, a JSON array, or a ZIP.

    The file is the body; a ZIP contains such files. The ending of `name` gives the format. Answers as a batch does; at
    most 2,000 reports.
    """
    answers = [one.answer for one in file_uploads.receive(_sender(request), _centre(request), name, request.body)]
    status = 200 if any(one.received for one in answers) else 422
    return HttpResponse(batches.to_json(answers), status=status, content_type="application/json")


@router.post("/reports/check", auth=Key("reports.submit"))
def check(request: HttpRequest) -> JsonResponse:
    """Check a report: missing fields, values that will not help, and its addressee. Nothing is stored."""
    return JsonResponse(precheck.check(_sender(request), _centre(request), request.body))


@router.get("/reports/{uuid:report_id}", auth=Key("reports.submit"))
def status(request: HttpRequest, report_id: UUID) -> dict[str, object]:
    """Status of your own report, as far as the authority allows, with all notices sent to you.

    `held_until`: the user must not be notified before. `content_held_until`: the content must not be removed before.
    """
    found = intake_submit.status_of(_sender(request), _centre(request), report_id)
    if found is None:
        raise NotFound
    return found


@router.get("/cybertips/{int:number}", auth=Key("reports.submit"))
def status_by_number(request: HttpRequest, number: int) -> dict[str, object]:
    """Status of your own report by its CyberTipline number; 404 until the report is finished."""
    found = intake_submit.status_by_number(_sender(request), _centre(request), number)
    if found is None:
        raise NotFound
    return found


@router.post("/retractions", auth=Key("reports.submit"))
def retraction(request: HttpRequest) -> HttpResponse:
    """Declare that you filed a report in error, and why. Nothing is undone yet: the Centre decides and notifies you."""
    message = Retraction.from_bytes(request.body)
    return _once(request, lambda centre, sender: retractions.take(centre, sender, message))


@router.post("/acknowledgements", auth=MessageKey("outcomes.submit"))
def acknowledgement(request: HttpRequest) -> HttpResponse:
    """Acknowledge a referral."""
    message = Acknowledgement.from_bytes(request.body)
    return _once(request, lambda centre, sender: outcomes.acknowledge(centre, sender, message))


@router.post("/outcomes", auth=MessageKey("outcomes.submit"))
def outcome(request: HttpRequest) -> HttpResponse:
    """Record one outcome of a referral."""
    message = Outcome.from_bytes(request.body)
    return _once(request, lambda centre, sender: outcomes.take_outcome(centre, sender, message))


@router.post("/holds", auth=MessageKey("outcomes.submit"))
def hold(request: HttpRequest, body: HoldAsked) -> HttpResponse:
    """Request that the user is not notified until a date and, with `keep_content`, that the content is not removed."""
    return _once(request, lambda centre, sender: outcomes.place_hold(centre, sender, body))


@router.post("/hold-ends", auth=MessageKey("outcomes.submit"))
def hold_end(request: HttpRequest, body: HoldEnded) -> HttpResponse:
    """End the holds of this authority, so that the user may be notified."""
    return _once(request, lambda centre, sender: outcomes.lift_hold(centre, sender, body.referral_id))


def _once(request: HttpRequest, act: Callable[[Actor, Actor], object]) -> HttpResponse:
    sender = _sender(request)
    centre = directory.acting_for(_centre(request), sender.reference, sender.name)

    def work() -> tuple[int, str]:
        act(centre, sender)
        return 201, "{}"

    status, answer = inbox.once(centre, sender.organisation_id, _key(request), request.body, work)
    return HttpResponse(answer, status=status, content_type="application/json")


def _sender(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]
    actor.require_verified()
    return actor


def _centre(request: HttpRequest) -> directory.DirectoryEntry:
    centre: directory.DirectoryEntry | None = request.centre  # type: ignore[attr-defined]
    if centre is None:
        raise NotFound
    return centre


def _key(request: HttpRequest) -> str:
    return request.headers.get("Idempotency-Key", "")
