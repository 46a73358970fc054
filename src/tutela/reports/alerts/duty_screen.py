"""Alerts of urgent reports: raised until somebody answers, and again by schedule.

- A report that is urgent on arrival, or becomes urgent by a duplicate or an assessment, raises an alert. The alert
  repeats until somebody answers, and again after the deadline (`casework.alerts`), until the report has left the desk.
- An undelivered referral (`undelivered`) raises an alert again, with the deadline of urgent acknowledgement.
- Reports in a sender's separate queue (`lanes`) share one alert (`flood_alerts`). It is listed last, as one line per
  sender with the number of reports, and needs one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.casework.alerts import answers, escalation
from tutela.casework.alerts import bell as alert_bell
from tutela.events.actor import Actor
from tutela.events.list_access import MOST_EXPORTED, every
from tutela.events.transaction import acting
from tutela.reports.alerts import flood_alerts, pending_reports
from tutela.reports.alerts.flood_alerts import SENDER, Flood
from tutela.reports.alerts.pending_reports import REPORT, ReportAlert

PER_PAGE = 100


@dataclass(frozen=True)
class AlertFilter:
    """Filter of the screen: page, and one sender's separate queue (None: all other reports).

    `arrange` filters the found alerts and sorts them.
    """

    lane: UUID | None = None
    page: int = 1
    arrange: Callable[[list[ReportAlert]], list[ReportAlert]] = list
    file: bool = False


@dataclass(frozen=True)
class Screen:
    """A page of the duty officer's screen; `unanswered` counts all unanswered alerts on any page.

    `total` is the number of reports that `arrange` received.
    """

    rows: list[ReportAlert]
    more: bool
    total: int
    floods: list[Flood]
    unanswered: int


def screen(actor: Actor, wanted: AlertFilter, known: Container[str] | None = None) -> Screen:
    """Return a page of the desk's urgent reports: unanswered alerts first, each by due date.

    The view is recorded. For a screen that refreshes itself, the view is recorded only if a report is shown that is not
    among the `known` ones.
    """
    actor.require("reports.read")
    start, size = (0, MOST_EXPORTED) if wanted.file else ((wanted.page - 1) * PER_PAGE, PER_PAGE)
    with acting(actor):
        found, flooding = (
            sorted(pending_reports.pending_alerts(), key=_rank),
            sorted(flood_alerts.pending_floods(), key=_first),
        )
        asked = _asked(wanted, found, flooding)
        arranged = wanted.arrange(asked)
        shown = arranged[start : start + size]
        ids = [str(one.row.report_id) for one in shown]
        if known is None or any(one not in known for one in ids):
            every(actor, "report", ids, state="urgent")
    unanswered = sum(one.unanswered for one in found) + sum(one.unanswered for one in flooding)
    lines = [] if wanted.lane else flooding
    return Screen(shown, len(arranged) > start + size, len(asked), lines, unanswered)


def _asked(wanted: AlertFilter, found: list[ReportAlert], flooding: list[Flood]) -> list[ReportAlert]:
    """Select the rows: ordinary alerts, one sender's separate queue, or for a file all of them.

    Each separate queue is limited to the number of rows of an export.
    """
    if wanted.lane is None and not wanted.file:
        return found
    chosen = [one for one in flooding if wanted.lane in (None, one.provider_id)]
    lanes = [line for one in chosen for line in flood_alerts.reports(one, MOST_EXPORTED)]
    return lanes if wanted.lane else [*found, *lanes]


def _rank(one: ReportAlert) -> tuple[bool, datetime, datetime]:
    return not one.unanswered, one.due, one.since


def _first(one: Flood) -> tuple[bool, datetime]:
    return not one.unanswered, one.due


def unanswered_count() -> int:
    """The number of unanswered alerts; a group counts as one. Call inside `acting(actor)`."""
    return alert_bell.together(flood_alerts.bell(), pending_reports.bell()).unanswered


def answer(actor: Actor, report_id: UUID) -> None:
    """Answer the alerts of a report: the actor handles it. Raises `NotFound` if it has none."""
    answers.answer(actor, REPORT, report_id)


def answer_flood(actor: Actor, sender_id: UUID) -> None:
    """Answer a grouped alert: the actor handles it. Raises `NotFound` if there is none."""
    answers.answer(actor, SENDER, sender_id)


def raise_again(actor: Actor) -> int:
    """Repeat every alert that is due; returns how many. For the job of every minute."""
    return escalation.raise_again(actor, (REPORT, SENDER))
