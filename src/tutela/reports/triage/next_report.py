"""Next case to open: urgent ones first, then alternating kinds.

- The order is that of triage, with one report of each bundle, its representative.
- The kind differs from the last report that this person opened, if such a report is pending: nobody gets only the
  hardest to read.
- A report that somebody has open is left out, so that two people do not read the same one. So is one that a colleague
  has claimed, or that this person passed (`casework/assignment`).
- At the daily limit only urgent reports are offered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from tutela.casework.exposure import openings
from tutela.events.actor import Actor
from tutela.events.sql import these
from tutela.events.transaction import acting
from tutela.reports.models import ORDER, Report
from tutela.reports.triage import viewing_budget, work_queue
from tutela.reports.triage.viewing_budget import KINDS, RULE

# So many are looked at of each kind: more people than that do not read at once.
LOOKED_AT = 30


def following(actor: Actor, without: Collection[UUID] = ()) -> UUID | None:
    """The id of the next report for the actor to read, without these; None if there is none to offer."""
    actor.require("reports.assess")
    with acting(actor):
        open_now = openings.open_to_anybody(RULE) | set(without)
        taken = set(Report.objects.filter(report_id__in=these(open_now)).values_list("pk", flat=True))
        if (urgent := _first(_waiting(urgent=True), taken)) is not None:
            return urgent.report_id
        budget = viewing_budget.mine(actor)
        if budget is not None and budget.at_the_stop:
            return None
        last = openings.last_category(actor, RULE)
        of_kind = {kind: _first(_waiting(urgent=False, kinds__contains=[kind]), taken) for kind in KINDS}
        others = [row for kind, row in of_kind.items() if row and kind != last and viewing_budget.kind_of(row) != last]
        found = others or [row for row in of_kind.values() if row]
        return min(found, key=_place).report_id if found else None


def _waiting(**wanted: Any) -> list[UUID]:
    rows = work_queue.open_reports().filter(**wanted).order_by(*ORDER)
    return work_queue.that_stand(rows, 0, LOOKED_AT)


def _first(keys: Iterable[UUID], taken: set[UUID]) -> Report | None:
    key = next((one for one in keys if one not in taken), None)
    return Report.objects.defer("sealed_body").get(pk=key) if key else None


def _place(row: Report) -> tuple[Any, ...]:
    """Its place in the order of triage among those that are not urgent."""
    return (row.lane, -row.urgency, -row.relevance_order, row.created_at, row.pk)
