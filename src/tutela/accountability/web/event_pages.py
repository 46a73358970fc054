"""Event pages: search by subject, actor, purpose and time, export, and verification of the chain."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.accountability.chain import erasure, verifier
from tutela.accountability.public_log import export as public_log_export
from tutela.accountability.web.forms import SearchForm
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.record import EventFilter, Recorded, one, record, search
from tutela.events.transaction import acting
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import as_file, table
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import page, page_number

PER_PAGE = 50
MOST_EVENTS = 10_000
saved_views.offer("events", "events.read", "subject actor kind purpose since until")


@page("events.read")
def events(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own organisation's events; an auditor's search covers the node. The search itself is recorded."""
    form = SearchForm(actor.organisation_kind, request.GET or None)
    wanted = EventFilter(**form.cleaned_data) if form.is_bound and form.is_valid() else EventFilter()
    number = page_number(request)
    # A filter that cannot be read shows nothing, and above all not everything.
    usable = not form.is_bound or form.is_valid()
    export = as_file(request.GET) and usable
    with acting(actor):
        size = MOST_EVENTS if export else PER_PAGE + 1
        found = search(actor, wanted, limit=size, offset=0 if export else (number - 1) * PER_PAGE) if usable else []
        if form.is_bound or actor.audits:  # an auditor sees everybody's, also without a filter
            record(actor, "events.searched", "event", "search", exported=export)
    if export:
        return _csv(found)
    context = {"form": form, "events": found[:PER_PAGE], "number": number, "more": len(found) > PER_PAGE}
    return render(request, "accountability/events.html", context)


@page("events.read", write="events.erase")
@confirmed(final=True)
def event(request: HttpRequest, actor: Actor, event: UUID) -> HttpResponseBase:
    """One event; two of those who look after the organisation erase its facts, and the chain still verifies."""
    if request.method == "POST":
        return _erase(request, actor, event)
    with acting(actor):
        found = one(event)
        record(actor, "events.viewed", "event", event)
        may = found.organisation_id == actor.organisation_id and actor.can("events.erase") and found.facts is not None
        asked = erasure.pending_erasure(event) if may else None
    return render(request, "accountability/event.html", {"e": found, "may_erase": may, "asked": asked})


def _erase(request: HttpRequest, actor: Actor, event: UUID) -> HttpResponseBase:
    decision = request.POST.get("decision", "")
    try:
        if decision == "agree":
            erasure.erase(actor, event)
            done = _("Facts erased. The event stays in the chain, and the chain still verifies.")
        elif decision == "refuse":
            erasure.refuse(actor, event)
            done = _("The facts were not erased.")
        else:
            erasure.ask(actor, event, request.POST.get("reason", ""))
            done = _("Request sent. A second person decides.")
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("event", event)


@page("audit.verify")
def verify(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Run the verifier now and show its result."""
    report = verifier.verify(actor) if "run" in request.GET else None
    return render(request, "accountability/verify.html", {"report": report})


def _csv(found: list[Recorded]) -> HttpResponse:
    head = ["at", "event", "subject", "actor", "name", "organisation", "purpose", "legal basis"]
    lines = (
        [
            e.at.isoformat(),
            e.kind,
            f"{e.subject_kind}:{e.subject_id}",
            e.actor,
            e.actor_name,
            str(e.organisation_id),
            e.purpose,
            e.legal_basis,
        ]
        for e in found
    )
    return table("events.csv", [head, *lines])


@page("audit.verify")
def everything(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """All by which somebody else checks this node, as one file."""
    name = 'attachment; filename="tutela-log.tar"'
    found = StreamingHttpResponse(public_log_export.everything(actor), content_type="application/x-tar")
    found["Content-Disposition"], found["Cache-Control"] = name, "no-store"
    return found
