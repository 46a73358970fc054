"""API of removal requests: terms, hashes and answers between victim support and hosts; statuses of hotlines."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from tutela.events.actor import Actor
from tutela.organisations.errors import UnknownOrganisation
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.web.api_keys import Key, MessageKey
from tutela.victims.host_desk import requested_items
from tutela.victims.hosts import answers, scheme_hosts
from tutela.victims.hotlines import statuses

router = Router(tags=["Removal of pictures"])
EXCHANGE, HOTLINE = "removal.exchange", "hotline_cases.exchange"


@router.post("/organisations/{uuid:organisation}/removal/scheme", auth=MessageKey(EXCHANGE))
def scheme(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Accept the removal scheme of victim support as a host, change its terms, or leave. Needs Idempotency-Key."""
    support, key = _addressee(organisation, "victim_support"), request.headers.get("Idempotency-Key", "")
    return _answer(scheme_hosts.receive(_sender(request), support, key, request.body))


@router.post("/organisations/{uuid:organisation}/removal/hashes", auth=MessageKey(EXCHANGE))
def hashes(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Send a host the sealed hashes of one picture or video, replace them, or withdraw them. Needs Idempotency-Key."""
    host, key = _addressee(organisation, "provider"), request.headers.get("Idempotency-Key", "")
    return _answer(requested_items.receive(_sender(request), host, key, request.body))


@router.post("/organisations/{uuid:organisation}/removal/answers", auth=MessageKey(EXCHANGE))
def answer(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Tell victim support what a host did: removed, kept with a reason, or deleted. Needs Idempotency-Key."""
    support, key = _addressee(organisation, "victim_support"), request.headers.get("Idempotency-Key", "")
    return _answer(answers.receive(_sender(request), support, key, request.body))


@router.post("/organisations/{uuid:organisation}/removal/statuses", auth=MessageKey(HOTLINE))
def status(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Report a change at an address that victim support handed over, as a hotline. Needs Idempotency-Key."""
    support, key = _addressee(organisation, "victim_support"), request.headers.get("Idempotency-Key", "")
    return _answer(statuses.receive(_sender(request), support, key, request.body))


@router.post("/organisations/{uuid:organisation}/removal/search-statuses", auth=MessageKey(HOTLINE))
def search_status(request: HttpRequest, organisation: UUID) -> HttpResponse:
    """Report that a search was confirmed or has ended, as a hotline. Needs Idempotency-Key."""
    support, key = _addressee(organisation, "victim_support"), request.headers.get("Idempotency-Key", "")
    return _answer(statuses.receive_search(_sender(request), support, key, request.body))


@router.get("/removal/requested-hashes", auth=Key("detection.submit"))
def requested_hashes(request: HttpRequest) -> HttpResponseBase:
    """The hashes that your organisation looks for as a host of the scheme, as JSON Lines for your own Edge.

    Name the file `requested-removal.jsonl`: its matches come to the page of removal requests, and never become a
    candidate for a report.
    """
    lines = list(requested_items.list_lines(_sender(request)))
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers={"Cache-Control": "no-store"})


def _sender(request: HttpRequest) -> Actor:
    sender: Actor = request.auth  # type: ignore[attr-defined]
    return sender


def _addressee(organisation: UUID, kind: str) -> DirectoryEntry:
    entry = directory.entry(organisation)
    if entry.kind != kind or not entry.verified:
        raise UnknownOrganisation
    return entry


def _answer(said: tuple[int, str]) -> HttpResponse:
    status_code, body = said
    return HttpResponse(body, status=status_code, content_type="application/json")
