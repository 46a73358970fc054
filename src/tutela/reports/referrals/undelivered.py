"""Undelivered referrals: urgent packages that have not arrived, and returned copies without addressee.

- An urgent package counts as undelivered `AFTER` it was sent if no recipient has taken it by any way. In addition its
  authority has neither acknowledged it nor sent anything about it. A file or a fetched package arrives with its
  acknowledgement.
- A copy is unassigned if its authority returned it, and an addressed country has no valid referral (`addressees`). This
  applies also while other copies are valid, for which the report counts as referred.
- A column of the report stores this, derived every minute. An urgent report raises an alert when it becomes
  undelivered, and again by the intervals of `pending_reports`, until it is delivered.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.alerts.schedule import latest_plausible_time
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.list_access import listed
from tutela.events.sql import these
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox_status
from tutela.reports.alerts import pending_reports
from tutela.reports.alerts.pending_reports import UndeliveredReason
from tutela.reports.models import UNSHOWN, Report, State, Undelivered
from tutela.reports.referrals import addressees
from tutela.reports.state.status import standing_referrals

# A reachable recipient takes a package within seconds; one that restarts, within minutes.
AFTER = timedelta(minutes=15)
MOST_LISTED = 500
REFERRED = (State.REFERRED, State.ANSWERED)
REASONS = {
    Undelivered.UNARRIVED: UndeliveredReason.UNARRIVED,
    Undelivered.UNASSIGNED: UndeliveredReason.RETURNED,
    Undelivered.BOTH: UndeliveredReason.RETURNED,
}


def detect_undelivered(actor: Actor) -> int:
    """Update undelivered referrals and raise alerts for urgent ones; return how many are new.

    A row locked by somebody else is updated the next time. For the job of every minute.
    """
    with acting(actor):
        now = dict.fromkeys(_unarrived(), Undelivered.UNARRIVED.value)
        for pk in _nobodys():
            now[pk] = now.get(pk, 0) | Undelivered.UNASSIGNED
        before = dict(Report.objects.filter(undelivered__gt=0).values_list("pk", "undelivered"))
        changed = {pk for pk in now.keys() | before.keys() if now.get(pk) != before.get(pk)}
        free = Report.objects.select_for_update(skip_locked=True).filter(pk__in=these(changed))
        alerts = list[tuple[UUID, UndeliveredReason]]()
        for row in free.only("report_id", "urgent"):
            row.undelivered = now.get(row.pk, 0)
            row.save(update_fields=["undelivered"])
            if row.urgent and (new := row.undelivered & ~before.get(row.pk, 0)):
                alerts.append((row.report_id, REASONS[Undelivered(new)]))
        insert_all(one for report_id, reason in alerts for one in pending_reports.rows(actor, report_id, reason))
    return len(alerts)


def count_undelivered() -> int:
    """The number of undelivered referrals, at most `MOST_LISTED`. Call inside `acting(actor)`."""
    return len(Report.objects.filter(undelivered__gt=0).values("pk")[:MOST_LISTED])


def list_undelivered(actor: Actor, most: int = MOST_LISTED) -> list[Report]:
    """List undelivered referrals, urgent first, then the oldest; records a view of each."""
    actor.require("reports.read")
    with acting(actor):
        rows = Report.objects.filter(undelivered__gt=0).defer(*UNSHOWN).order_by("-urgent", "created_at", "id")
        found = list(rows[:most])
        listed(actor, "report", (row.report_id for row in found), page=1, state="undelivered")
    return found


def _unarrived() -> Iterable[UUID]:
    """Return reports with an urgent package that has not arrived."""
    late = outbox_status.late("referral", clock.now() - AFTER, latest_plausible_time())
    if not late:
        return []
    there = {_referral(key) for key in outbox_status.taken("referral", (subject for subject, _key in late))}
    left = {_referral(key) for _subject, key in late} - there
    rows = standing_referrals().filter(
        referral_id__in=these(left),
        report__urgent=True,
        report__state__in=REFERRED,
        report__erased_at=None,
        acknowledgement=None,
        outcomes=None,
    )
    return rows.values_list("report", flat=True).distinct()


def _referral(key: str) -> UUID:
    """Return the referral named in a message key; a repeated sending adds a suffix."""
    return UUID(key.split(":")[1])


def _nobodys() -> Iterable[UUID]:
    """Return reports with a returned copy that is unassigned."""
    rows = Report.objects.filter(
        referrals__returned__isnull=False, referrals__supplement_to=None, state__in=REFERRED, erased_at=None
    )
    return addressees.unserved_of(rows.distinct())
