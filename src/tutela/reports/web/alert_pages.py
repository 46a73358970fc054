"""Pages for alerts of urgent reports, surges in volume, and spot checks of low-ranked reports."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework.alerts import on_call
from tutela.events.actor import Actor
from tutela.organisations.people import directory
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.coded_text import coded_text
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file, table
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page, page_number, public
from tutela.organisations.web.session_values import keep
from tutela.reports.alerts import duty_screen
from tutela.reports.alerts.pending_reports import ReportAlert
from tutela.reports.alerts.subject_kinds import KINDS
from tutela.reports.figures import volumes
from tutela.reports.followups import spot_checks, supplements
from tutela.reports.models import Draw
from tutela.reports.scoring import lanes
from tutela.reports.state.surge_codes import SurgeEndCode
from tutela.reports.web.report_pages import attempt


def _end(one: volumes.VolumeView) -> str | None:
    return coded_text(SurgeEndCode, one.end.reason, {}) if one.end else None


ALERTS: tuple[Column[ReportAlert], ...] = (
    Column("report", gettext_lazy("Report"), lambda one: one.row.number),
    Column("provider", gettext_lazy("Provider"), lambda one: one.row.provider_name),
    Column("state", gettext_lazy("State"), lambda one: one.row.state, shown=lambda one: one.row.get_state_display()),
    Column("since", gettext_lazy("Alert since"), lambda one: one.since),
    Column("calls", gettext_lazy("Alerts"), lambda one: one.alerts, number=True),
    Column("due", gettext_lazy("Due"), lambda one: one.due),
    Column("answered", gettext_lazy("Answer"), lambda one: one.taken_by),
)
SURGES: tuple[Column[volumes.VolumeView], ...] = (
    Column("what", gettext_lazy("Volume"), lambda one: one.what),
    Column("day", gettext_lazy("Day"), lambda one: one.day),
    Column("seen", gettext_lazy("Last 7 days"), lambda one: one.seen, number=True),
    Column("usual", gettext_lazy("Usual"), lambda one: round(one.usual, 1), number=True),
    Column("times", gettext_lazy("Factor"), lambda one: round(one.ratio, 1), number=True),
    Column("end", gettext_lazy("End"), _end),
)
DRAWN: tuple[Column[Draw], ...] = (
    Column("report", gettext_lazy("Report"), lambda one: one.report.number),
    Column("day", gettext_lazy("Day"), lambda one: one.day),
    Column(
        "state", gettext_lazy("State"), lambda one: one.report.state, shown=lambda one: one.report.get_state_display()
    ),
)
UNANSWERED, OPEN = "unanswered", "open"
# In a session: the reports that its alert screen has shown.
KNOWN = "alerts_shown"
saved_views.offer("report_alerts", "reports.read", f"{FIELDS} lane state")
for _name in ("report_surges", "report_draws"):
    saved_views.offer(_name, "reports.read", f"{FIELDS} state")


@page("reports.read")
def standing(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The duty officer's screen; the count includes every unanswered alert, found or not."""
    # The screen asks every half minute, and nobody looks so often.
    again, file = request.headers.get("HX-Request") == "true", as_file(request.GET)
    known = request.session.get(KNOWN)
    lane, number = _uuid(request.GET.get("lane", "")), page_number(request)

    alone = request.GET.get("state") == UNANSWERED

    def arrange(rows: list[ReportAlert]) -> list[ReportAlert]:
        return arranged(request.GET, (one for one in rows if one.unanswered or not alone), ALERTS).rows

    seen = duty_screen.screen(actor, duty_screen.AlertFilter(lane, number, arrange, file), known if again else None)
    found = replace(arranged(request.GET, seen.rows, ALERTS), total=seen.total)
    if file:
        return found.csv("alerts.csv")
    if (shown := [str(one.row.report_id) for one in seen.rows]) != known:
        keep(request, KNOWN, shown)
    floods = [one for one in seen.floods if one.unanswered or not alone]
    context = {"found": found, "seen": seen, "more": seen.more, "number": number, "lane": lane, "floods": floods}
    context |= {"alone": alone}
    if not again:
        context["channels"] = on_call.states(actor, KINDS)
    return render(request, "reports/alerts/list.html", context)


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said) if said else None
    except ValueError:
        return None


@action("reports.assess")
def take(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """Answer the alerts of a report."""
    attempt(
        request,
        lambda: duty_screen.answer(actor, report),
        _("You have answered this alert. A new alert follows if the deadline passes."),
    )
    return redirect("report_alerts")


@action("reports.assess")
def take_flood(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponseBase:
    """Answer the grouped alert of a sender's separate queue, for all its reports at once."""
    said = _(
        "You have answered these alerts. A new alert follows when more reports arrive or when the deadline passes."
    )
    attempt(request, lambda: duty_screen.answer_flood(actor, organisation), said)
    return redirect("report_alerts")


@page("reports.read")
def surges(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Surges in volume, separate queues of senders, and duplicates collected before sending."""
    every, alone = volumes.surges(actor), request.GET.get("state") == OPEN
    found = arranged(request.GET, (one for one in every if one.end is None or not alone), SURGES)
    if as_file(request.GET):
        return found.csv("surges.csv")
    context = {
        "found": found,
        "alone": alone,
        "rows": found.rows,
        "lanes": volumes.own_lanes(actor),
        "most": lanes.AN_HOUR,
        "gathered": supplements.pending_supplements(actor),
        "at_once": supplements.AT_ONCE,
        "urgent": lanes.URGENT_AN_HOUR,
    }
    return render(request, "reports/alerts/surges.html", context)


@action("reports.assess")
@confirmed()
def accept(request: HttpRequest, actor: Actor, surge: UUID) -> HttpResponseBase:
    """A volume is usual now."""
    attempt(request, lambda: volumes.accept(actor, surge, request.POST.get("reason", "")), _("Recorded."))
    return redirect("report_surges")


@page("reports.read")
def draws(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Spot checks selected from the lowest-ranked reports, and their results so far."""
    found = arranged(request.GET, spot_checks.pending_spot_checks(actor), DRAWN)
    if as_file(request.GET):
        return found.csv("drawn.csv")
    context = {"found": found, "rows": found.rows, "rates": spot_checks.rates(actor)}
    return render(request, "reports/alerts/spot_checks.html", context)


@action("reports.assess")
def examine(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """Record the result of a spot check."""
    urgent = request.POST.get("found") == "urgent"
    reason = request.POST.get("reason", "")
    said = (
        _("Recorded. If the report is still at this desk, an alert is raised. Everyone who has the report is notified.")
        if urgent
        else _("Recorded.")
    )
    attempt(request, lambda: spot_checks.examine(actor, report, reason, urgent=urgent), said)
    return redirect("report_draws")


@public()
def missed_urgent(request: HttpRequest) -> HttpResponse:
    """The rates for everybody, as a table; groups that are too small say only that."""
    centre = directory.the_centre()
    if centre is None:
        raise Http404
    rows = spot_checks.rates(directory.acting_for(centre, "system:reports", "Centre's desk"))
    return table("missed-urgent.csv", spot_checks.as_csv(rows))
