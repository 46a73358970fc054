"""What the desk keeps an eye on: alarms of urgent reports, volumes that rose, what stands last and is drawn."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations import directory
from tutela.organisations.web import action, page, public
from tutela.reports import alarms, drawing, lanes, volumes
from tutela.reports.pages import attempt
from tutela.reports.tables import table


@page("reports.read")
def standing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The duty officer's screen."""
    rows = alarms.standing(actor)
    return render(request, "reports/alarms.html", {"rows": rows, "sounding": sum(one.sounding for one in rows)})


@action("reports.assess")
def take(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """The alarms of a report are answered."""
    attempt(request, lambda: alarms.take(actor, report), _("You see to it. It calls again if its time runs out."))
    return redirect("report_alarms")


@page("reports.read")
def surges(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Volumes that rose, and senders in a lane of their own."""
    context = {"rows": volumes.surges(actor), "lanes": volumes.own_lanes(actor), "most": lanes.AN_HOUR}
    return render(request, "reports/surges.html", context)


@action("reports.assess")
def accept(request: HttpRequest, actor: Actor, surge: UUID) -> HttpResponseBase:
    """A volume is usual now."""
    attempt(request, lambda: volumes.accept(actor, surge, request.POST.get("reason", "")), _("Recorded."))
    return redirect("report_surges")


@page("reports.read")
def draws(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What was drawn from what stands last, and what such looks found so far."""
    return render(request, "reports/draws.html", {"rows": drawing.waiting(actor), "rates": drawing.rates(actor)})


@action("reports.assess")
def examine(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """What a look at a drawn report found."""
    urgent = request.POST.get("found") == "urgent"
    reason = request.POST.get("reason", "")
    attempt(request, lambda: drawing.examine(actor, report, reason, urgent=urgent), _("Recorded."))
    return redirect("report_draws")


@public()
def missed_urgent(request: HttpRequest) -> HttpResponse:
    """The rates for everybody, as a table; groups that are too small say only that."""
    centre = directory.the_centre()
    if centre is None:
        raise Http404
    rows = drawing.rates(directory.acting_for(centre, "system:reports", "Centre's desk"))
    return table("missed-urgent.csv", drawing.as_csv(rows))
