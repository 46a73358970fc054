"""What was referred and nobody has: urgent packages that have not arrived, and copies that came back for nobody.

- An urgent package has not arrived when no recipient has taken it `AFTER` it was sent, by whichever way, and its
  authority has neither acknowledged it nor said anything of it. A file or a fetched package arrives with its
  acknowledgement.
- A copy is nobody's when its authority gave it back, and for a country that is addressed no referral stands
  (`addressees`): also while other copies stand, for which the report counts as referred.
- A column of the report says so, derived every minute. What is urgent calls when it goes astray, and again by the
  clocks of `schedule`, until it is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.alerts.schedule import valid_answers
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.key_arrays import these
from tutela.events.list_access import listed
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox_status
from tutela.reports.alerts import schedule
from tutela.reports.alerts.schedule import Undelivered
from tutela.reports.models import UNSHOWN, Astray, Report, State
from tutela.reports.referrals import addressees
from tutela.reports.state.status import standing_referrals

# A recipient that is there has it within seconds; one that begins anew, within minutes.
AFTER = timedelta(minutes=15)
REFERRED = (State.REFERRED, State.ANSWERED)
REASONS = {
    Astray.UNARRIVED: Undelivered.UNARRIVED,
    Astray.NOBODYS: Undelivered.RETURNED,
    Astray.BOTH: Undelivered.RETURNED,
}


def detect_undelivered(actor: Actor) -> int:
    """Write what has gone astray, or is found again, and let what is urgent call; returns how many do so newly.

    What somebody else works on at this moment is written the next time. For the job of every minute.
    """
    with acting(actor):
        now = dict.fromkeys(_unarrived(), Astray.UNARRIVED.value)
        for pk in _nobodys():
            now[pk] = now.get(pk, 0) | Astray.NOBODYS
        before = dict(Report.objects.filter(astray__gt=0).values_list("pk", "astray"))
        changed = {pk for pk in now.keys() | before.keys() if now.get(pk) != before.get(pk)}
        free = Report.objects.select_for_update(skip_locked=True).filter(pk__in=these(changed))
        alerts = list[tuple[UUID, Undelivered]]()
        for row in free.only("report_id", "urgent"):
            row.astray = now.get(row.pk, 0)
            row.save(update_fields=["astray"])
            if row.urgent and (new := row.astray & ~before.get(row.pk, 0)):
                alerts.append((row.report_id, REASONS[Astray(new)]))
        insert_all(one for report_id, reason in alerts for one in schedule.rows(actor, report_id, reason))
    return len(alerts)


def list_undelivered(actor: Actor, most: int = 500) -> list[Report]:
    """What has gone astray, urgent ones first, then the oldest; a look at each."""
    actor.require("reports.read")
    with acting(actor):
        rows = Report.objects.filter(astray__gt=0).defer(*UNSHOWN).order_by("-urgent", "created_at", "id")
        found = list(rows[:most])
        listed(actor, "report", (row.report_id for row in found), page=1, state="astray")
    return found


def _unarrived() -> Iterable[UUID]:
    """Reports of which an urgent package has not arrived."""
    late = outbox_status.late("referral", clock.now() - AFTER, valid_answers())
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
    """Which referral a message carries; one that was sent again says more behind it."""
    return UUID(key.split(":")[1])


def _nobodys() -> Iterable[UUID]:
    """Reports of which a copy came back and is nobody's."""
    rows = Report.objects.filter(
        referrals__returned__isnull=False, referrals__supplement_to=None, state__in=REFERRED, erased_at=None
    )
    return addressees.unserved_of(rows.distinct())
