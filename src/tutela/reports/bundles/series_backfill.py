"""Backfill of series: read reports older than the series feature once and note their series.

1. The first run records its time: earlier reports are read, the oldest first. Intake notes later ones.
2. A step reads a fixed number of reports and stores its progress, in one transaction. A job killed at any point
   continues after the last complete step, and notes nothing twice.
3. When no report is left, the end is recorded, and no later run reads anything.

The job for new reports also joins these bundles. A report with erased contents has no series. An unreadable report is
counted and delays no other.
"""

from __future__ import annotations

from typing import Any

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.errors import Erased
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.reports.bundles import series
from tutela.reports.models import EarlierSeries, Report
from tutela.reports.report_encryption import unseal
from tutela.reports.scoring import register_claims

# A step is one transaction and a run of the job so many of them: the desk waits for neither, and a million reports
# take some hours.
STEP, STEPS = 100, 50


def read_on(actor: Actor) -> int:
    """One run of the job; returns how many reports it looked at, 0 once all were."""
    looked = 0
    for _ in range(STEPS):
        step = _step(actor)
        looked += step
        if not step:
            break
    return looked


def progress(actor: Actor) -> EarlierSeries | None:
    """Progress of reading earlier reports for their series; None if finished or not begun. For a page in use anyway."""
    actor.require("reports.read")
    with acting(actor):
        return EarlierSeries.objects.filter(finished_at=None).first()


def _step(actor: Actor) -> int:
    with acting(actor):
        if not EarlierSeries.objects.exists():
            begun = EarlierSeries(organisation_id=actor.organisation_id)
            begun.total = _left(begun).count()
            insert_ignore(begun)
        row = EarlierSeries.objects.select_for_update().get()
        if row.finished_at is not None:
            return 0
        rows = list(_left(row).select_for_update(of=("self",)).order_by("pk")[:STEP])
        for one in rows:
            _read(actor, row, one)
        if rows:
            row.after = rows[-1].pk
            row.looked += len(rows)
        else:
            row.finished_at = clock.now()
            facts: dict[str, Any] = {"looked": row.looked, "found": row.found, "unread": row.unread}
            record(actor, "series.earlier_read", "organisation", actor.organisation_id, **facts)
        row.save(update_fields=["after", "looked", "found", "unread", "finished_at"])
        return len(rows)


def _left(row: EarlierSeries) -> Any:
    rows = Report.objects.filter(created_at__lt=row.created_at, erased_at=None)
    return rows.filter(pk__gt=row.after) if row.after else rows


def _read(actor: Actor, row: EarlierSeries, one: Report) -> None:
    try:
        body = Wire.from_bytes(unseal(one.report_id, "report", one.report_id, bytes(one.sealed_body)))
    except Erased:
        return
    except (CannotUnwrap, ValueError):
        row.unread += 1
        return
    row.found += series.found_later(actor, one, body, register_claims.claims_of(body).series)
