"""Import quotas: how much an organisation may import within a day without a check by the Centre.

1. The Centre sets the quota for an organisation, with a reason and an end; without one, `DEFAULT_QUOTA` applies. A
   trigger refuses a quota from any other organisation.
2. All imports within a day count together, in any number of files. An import counts as a whole, however many days it
   takes. Held or decided imports do not count against others.
3. An import beyond the quota is written and held as a whole, with an alert (`quarantine`). None of it can be certified,
   and its active indicators are suspended, until the Centre has released or refused it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import HoldReason
from tutela.indicators.hashes.anomalies import Odd
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import Hold, HoldKind, ImportAllowance, ImportBatch
from tutela.organisations.people import directory

# Far beyond what a hotline assesses in a day, far below what empties or poisons a list.
DEFAULT_QUOTA = 10_000
MOST_QUOTA = 100_000_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuotaView:
    """An allowance as the desk shows it; `counts` while it is the one that holds."""

    row: ImportAllowance
    organisation: str
    counts: bool


def allow(actor: Actor, organisation_id: UUID, *, entries: int, until: datetime, reason: str) -> UUID:
    """Let an organisation import so much a day, more than is usual or less. Raises `Invalid` naming the field."""
    actor.require("alerts.answer")
    entry = directory.entry(organisation_id)
    if not entry.verified or entry.kind not in policy.certifiers():
        raise Invalid("This organisation may not propose.", field="organisation")
    if not 0 <= entries <= MOST_QUOTA:
        raise Invalid("Enter 0 to {most} entries per day.", field="entries", most=MOST_QUOTA)
    if until <= clock.now():
        raise Invalid("The last day is in the past.", field="days")
    if not reason.strip():
        raise Invalid("Enter a reason.", field="reason")
    with acting(actor):
        row = ImportAllowance.objects.create(
            organisation_id=actor.organisation_id,
            allowed_id=organisation_id,
            entries=entries,
            valid_to=until,
            reason=reason.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "import.allowed", "organisation", organisation_id, entries=entries, until=until.isoformat())
    return row.pk


def quota_of(organisation_id: UUID) -> int:
    """The number of entries that an organisation may import per day now. Call inside `acting(actor)`."""
    rows = ImportAllowance.objects.filter(allowed_id=organisation_id)
    newest = rows.order_by("-created_at", "-id").first()
    return newest.entries if newest is not None and newest.valid_to > clock.now() else DEFAULT_QUOTA


def odd(actor: Actor, run_id: UUID, accepted: int) -> list[Odd]:
    """Return why a batch of so many entries makes an import too large. Call inside `acting(actor)`, before it is
    counted.
    """
    held = Hold.objects.filter(kind=HoldKind.IMPORT).values("subject_id")
    today = Q(created_at__gt=clock.now() - DAY) & ~Q(run_id__in=held)
    rows = ImportBatch.objects.filter(Q(run_id=run_id) | today, organisation_id=actor.organisation_id)
    count, most = int(rows.aggregate(n=Sum("accepted"))["n"] or 0) + accepted, quota_of(actor.organisation_id)
    if count <= most:
        return []
    return [Odd(HoldReason.SIZE, {"count": count, "most": most})]


def list_quotas(actor: Actor) -> list[QuotaView]:
    """Every allowance, the newest first."""
    actor.require("alerts.read")
    with acting(actor):
        rows = list(ImportAllowance.objects.order_by("-created_at", "-id")[:1000])
        names, newest = directory.names(row.allowed_id for row in rows), _newest(rows)
    return [QuotaView(row, names[row.allowed_id], row.pk in newest and row.valid_to > clock.now()) for row in rows]


def _newest(rows: Iterable[ImportAllowance]) -> set[Any]:
    found: dict[UUID, Any] = {}
    for row in rows:
        found.setdefault(row.allowed_id, row.pk)
    return set(found.values())
