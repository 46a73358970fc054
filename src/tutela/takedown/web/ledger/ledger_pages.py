"""Ledger pages: figures of notices by provider, country or week, and the yearly report of a trusted flagger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.law import classification
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page
from tutela.takedown.assessment import assess
from tutela.takedown.ledger import figures, histories, yearly_report
from tutela.takedown.ledger.figures import Grouping, LedgerLine
from tutela.takedown.ledger.histories import LedgerPeriod
from tutela.takedown.ledger.yearly_report import Action, YearlyLine

READ = histories.READ
GROUPINGS = {
    Grouping.PROVIDER: gettext_lazy("Provider"),
    Grouping.COUNTRY: gettext_lazy("Hosting country"),
    Grouping.WEEK: gettext_lazy("Week of the notice"),
}
ACTIONS = {
    Action.VERIFIED: gettext_lazy("removed, absence verified"),
    Action.SAID: gettext_lazy("removed or disabled, by the provider's word"),
    Action.NOT_FOUND: gettext_lazy("nothing found, by the provider's word"),
    Action.REFUSED: gettext_lazy("refused"),
    Action.NONE: gettext_lazy("no action known"),
    Action.MOVED: gettext_lazy("material moved to another provider"),
    Action.WITHDRAWN: gettext_lazy("notice withdrawn"),
}
# So many groups stand in the chart; the table has all of them.
MOST_DRAWN = 20
FIRST_YEAR = 2000


def _rounded(value: float | None, places: int = 1) -> float | None:
    return None if value is None else round(value, places)


COLUMNS: tuple[Column[LedgerLine], ...] = (
    Column("group", gettext_lazy("Group"), lambda one: one.name),
    Column("entries", gettext_lazy("Entries"), lambda one: one.count, number=True),
    Column("notices", gettext_lazy("Notices"), lambda one: one.notices, number=True),
    Column("removed", gettext_lazy("Removed"), lambda one: one.removed, number=True),
    Column("median_hours", gettext_lazy("Median hours"), lambda one: _rounded(one.median_hours), number=True),
    Column("p90_hours", gettext_lazy("p90 hours"), lambda one: _rounded(one.p90_hours), number=True),
    Column("open", gettext_lazy("Still open"), lambda one: one.open, number=True),
    Column("refused", gettext_lazy("Refused"), lambda one: one.refused, number=True),
    Column("moved", gettext_lazy("Moved"), lambda one: one.moved, number=True),
    Column("withdrawn", gettext_lazy("Withdrawn"), lambda one: one.withdrawn, number=True),
    Column("reappeared", gettext_lazy("Reappeared"), lambda one: one.reappeared, number=True),
    Column("under_hold", gettext_lazy("Under hold"), lambda one: one.under_hold, number=True),
    Column("held_hours", gettext_lazy("Hours of holds"), lambda one: _rounded(one.held_hours), number=True),
    Column("compliance", gettext_lazy("Compliance"), lambda one: _rounded(one.compliance, 3), number=True),
)
YEARLY: tuple[Column[YearlyLine], ...] = (
    Column("provider", gettext_lazy("Provider"), lambda one: one.provider),
    Column("type", gettext_lazy("Type of content"), lambda one: one.label),
    Column("action", gettext_lazy("Action"), lambda one: one.action.value, shown=lambda one: ACTIONS[one.action]),
    Column("entries", gettext_lazy("Entries"), lambda one: one.entries, number=True),
    Column("notices", gettext_lazy("Notices"), lambda one: one.notices, number=True),
)
SHOWN = timedelta(days=365)
saved_views.offer("takedown_ledger", READ, f"since until by {FIELDS}")
saved_views.offer("takedown_yearly_report", READ, f"year {FIELDS}")


@dataclass(frozen=True)
class MedianChart:
    """Median hours of groups, as a chart."""

    title: object
    labels: list[str]
    values: list[float]
    kind: str = "funnel"


@page(READ)
def ledger(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Figures of a period, grouped; or as a file. Without a period those of the last twelve months."""
    since = day(request, "since") if "since" in request.GET else clock.now().date() - SHOWN
    period, by = LedgerPeriod(since, day(request, "until")), _grouping(request)
    entries = histories.load_entries(actor, period, clock.now())
    found = arranged(request.GET, figures.lines(entries, by), COLUMNS)
    if as_file(request.GET):
        return found.csv(f"takedown-ledger-by-{by}.csv")
    context = {
        "found": found,
        "total": figures.line("", entries),
        "chart": _chart(found.rows, by),
        "by": by,
        "group_label": GROUPINGS[by],
        "groupings": [(one.value, label) for one, label in GROUPINGS.items()],
        "since": since.isoformat() if since else "",
        "until": request.GET.get("until", ""),
        "opinions": assess.disagreements(actor),
    }
    return render(request, "takedown/ledger/ledger.html", context)


@page(READ)
def yearly(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The yearly report of a trusted flagger; or as a file."""
    year = _year(request)
    report = yearly_report.yearly_report(histories.load_entries(actor, LedgerPeriod.of_year(year), clock.now()))
    found = arranged(request.GET, report.rows, YEARLY)
    if as_file(request.GET):
        return found.csv(f"trusted-flagger-report-{year}.csv")
    labels = {one.code: one.label for one in classification.choices()}
    lines = [(one, labels.get(one.label, one.label), ACTIONS[one.action]) for one in found.rows]
    context = {"found": found, "lines": lines, "report": report, "year": year, "last": clock.now().year}
    return render(request, "takedown/ledger/yearly_report.html", context)


def _chart(rows: list[LedgerLine], by: Grouping) -> MedianChart:
    timed = [(one.name or _("unknown"), one.median_hours) for one in rows if one.median_hours is not None]
    drawn = timed[-MOST_DRAWN:] if by is Grouping.WEEK else timed[:MOST_DRAWN]
    kind = "bars" if by is Grouping.WEEK else "funnel"
    names, values = [name for name, _hours in drawn], [round(hours, 1) for _name, hours in drawn]
    return MedianChart(_("Median hours from notice to verified absence"), names, values, kind)


def _grouping(request: HttpRequest) -> Grouping:
    asked: Any = request.GET.get("by", "")
    return Grouping(asked) if asked in Grouping else Grouping.PROVIDER


def day(request: HttpRequest, name: str) -> date | None:
    """A day from the address; None for anything else."""
    try:
        return min(date.fromisoformat(request.GET.get(name, "")), date(9998, 12, 31))
    except ValueError:
        return None


def _year(request: HttpRequest) -> int:
    """The year that is asked for, else the last one that has ended."""
    asked, now = request.GET.get("year", ""), clock.now().year
    return int(asked) if asked.isascii() and asked.isdecimal() and FIRST_YEAR <= int(asked[:5]) <= now else now - 1
