"""The Centre's desk: the queue, a report, and what is decided there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.problem import in_words
from tutela.organisations.web import action, page, page_number
from tutela.reports import desk, handing, known, orphaned, referral, triage
from tutela.reports.forms import AssessmentForm, ErroneousForm
from tutela.reports.models import State

STATES = {**dict(State.choices), "duplicate": _("duplicates"), "all": _("all")}


@page("reports.read")
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    fields = {k: request.GET.get(k, "") for k in ("provider", "kind", "text", "bundle")}
    wanted = desk.Filter(state=request.GET.get("state") or "open", **fields)
    number = page_number(request)
    rows, more = desk.queue(actor, wanted, number)
    context = {
        "rows": rows, "more": more, "number": number, "wanted": wanted, "states": STATES, "known": known.count(actor),
    }  # fmt: skip
    return render(request, "reports/queue.html", context)


@action("reports.assess")
def forward_known(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    done = known.forward(actor)
    messages.success(request, _("Forwarded: %(count)s.") % {"count": done})
    return redirect("reports")


@page("reports.read")
def report(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponse:
    full = desk.open_report(actor, report)
    context = {
        "full": full,
        "assessment_form": AssessmentForm(initial={"seen": len(full.assessments)}),
        "erroneous_form": ErroneousForm(),
    }  # fmt: skip
    return render(request, "reports/report.html", context)


@action("reports.assess")
def assess(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    form = AssessmentForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        attempt(
            request,
            lambda: triage.assess(actor, report, data["decision"], data["reason"], seen=data["seen"]),
            _("Decided."),
        )
    else:
        messages.error(request, _("Choose a decision; a reason is needed unless you forward."))
    return redirect("report", report)


@action("reports.refer")
def refer(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    shown = request.POST.get("open_list") == "on"
    attempt(request, lambda: referral.refer(actor, report, open_list=shown), _("Referred. The package is on its way."))
    return redirect("report", report)


@action("reports.refer")
def again(request: HttpRequest, actor: Actor, report: UUID, referral: UUID) -> HttpResponseBase:
    attempt(request, lambda: handing.send_again(actor, report, referral), _("The package is on its way once more."))
    return redirect("report", report)


@action("reports.erroneous")
def erroneous(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    form = ErroneousForm(request.POST or None)
    if form.is_valid():
        done = _("Undone. The provider and every authority that got it are told.")
        attempt(request, lambda: triage.declare_erroneous(actor, report, **form.cleaned_data), done)
    else:
        messages.error(request, _("Say why."))
    return redirect("report", report)


@action("holds.end")
def hold_end(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """One person asks with a reason; another one ends it, or either says that it is left as it is."""
    decision = request.POST.get("decision", "")
    if decision == "agree":
        attempt(request, lambda: orphaned.end(actor, report), _("Ended. The provider is told what had waited."))
    elif decision == "refuse":
        attempt(request, lambda: orphaned.refuse(actor, report), _("The hold is left as it is."))
    else:
        reason = request.POST.get("reason", "")
        attempt(request, lambda: orphaned.ask(actor, report, reason), _("Asked. A second person decides."))
    return redirect("report", report)


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Call a capability; what it refuses becomes a message. What is not there stays a 404."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, in_words(error))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
