"""Suspend indicators whose certifications became invalid and raise one alert per indicator.

1. Invalid certifications were found (`verification`): a forged row, or hashes that no certifier signed. New active
   indicators are checked within minutes, and again by each release and each answer.
2. A key was revoked as compromised: its signatures become invalid. Signatures of a retired key stay valid.
3. An organisation is suspended or no longer verified: its certifications are invalid until it is verified again.

No indicator returns without a new round: the Centre dismisses, and organisations that hold the item certify it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid
from tutela.events.record import record, record_many
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.exchange.register.approval import Act
from tutela.exchange.register.reason_codes import CertificationFault
from tutela.indicators import enqueue
from tutela.indicators.integrity import active_entries, signing, verification
from tutela.indicators.lifecycle import signals, transitions
from tutela.indicators.models import (
    ActivationWaiting,
    Cause,
    Certification,
    Dispute,
    Indicator,
    IndicatorNow,
    Suspension,
)
from tutela.organisations.approvals import approve
from tutela.organisations.approvals.approve import NO_INPUT, Way
from tutela.organisations.people import directory

# So many are locked at once.
ENTRIES_AT_ONCE = 500
MOST_SHOWN = 200
# Of what became active so many are looked at in a part, and so many parts at a time: after an import the rest waits.
LOOKED, PARTS = 2000, 20
_FAULTS = {
    "unsigned": CertificationFault.UNSIGNED,
    "revoked": CertificationFault.REVOKED,
    "broken": CertificationFault.BROKEN,
    "signed": CertificationFault.SIGNED,
}


@dataclass(frozen=True)
class Stopped:
    """An entry that waits for the Centre's decision, and why it was stopped."""

    id: UUID
    number: str
    at: datetime
    faults: list[dict[str, Any]]


def enqueue_suspension(organisation_id: UUID) -> None:
    """Enqueue `suspend_for_organisation` for an organisation's certifications.

    Call inside `acting(actor)`.
    """
    enqueue.suspend_unverified(organisation_id)


def key_revoked(organisation_id: UUID, use: str) -> None:
    """A listener for keys: what one of another use signed is no certification."""
    if use == signing.KEY_USE:
        enqueue_suspension(organisation_id)


def suspend_for_organisation(centre: Actor, organisation_id: UUID) -> int:
    """Stop every entry that lacks certifications without those of an organisation that count no more; how many."""
    stopped, last = 0, UUID(int=0)
    while True:
        with acting(centre):
            rows = Certification.objects.filter(organisation_id=organisation_id, pk__gt=last).order_by("pk")
            some = list(rows.values_list("pk", "indicator_id")[: 4 * ENTRIES_AT_ONCE])
        if not some:
            return stopped
        last = some[-1][0]
        stopped += suspend_unverified(centre, [indicator for _pk, indicator in some])


def answerable(centre: Actor, active: Collection[UUID]) -> set[UUID]:
    """Return which active indicators may be answered with; suspend invalid ones with an alert.

    Unverified indicators are verified first. If all are valid, the queries are the same whichever they are. Call
    outside any transaction.
    """
    with acting(centre):
        doubtful = set(active) - verification.sealed_ids(active, verification.trust_store())
    if not doubtful:
        return set(active)
    suspend_unverified(centre, doubtful)
    with acting(centre):
        return (set(active) - doubtful) | active_entries.active_of(doubtful)


def scan_new(centre: Actor) -> int:
    """Look at what became active since the last time, in parts; how many had to be stopped."""
    stopped = 0
    for _ in range(PARTS):
        with acting(centre):
            waiting = dict(ActivationWaiting.objects.order_by("pk").values_list("pk", "indicator_id")[:LOOKED])
            active = active_entries.active_of(set(waiting.values()))
        stopped += len(active - answerable(centre, active))
        with acting(centre):
            ActivationWaiting.objects.filter(pk__in=list(waiting)).delete()
        if len(waiting) < LOOKED:
            break
    return stopped


def order_one(indicator_id: UUID) -> None:
    """Enqueue `suspend_unverified` for one that was met. Call inside `acting(actor)`."""
    enqueue.suspend_one(indicator_id)


def suspend_unverified(centre: Actor, ids: Iterable[UUID]) -> int:
    """Stop those that are active and not sound, each part in a transaction of its own; how many."""
    return sum(_stopped(centre, some) for some in batched(sorted(set(ids)), ENTRIES_AT_ONCE))


def dismiss_all(actor: Actor, reason: str, way: Way = NO_INPUT) -> int:
    """Begin a new round for all pending indicators without a dispute, and return their number.

    The Centre calls this once it has found the cause. The first part runs at once, the rest as a job. Raises `Invalid`,
    and as `approve.approve`.
    """
    actor.require("indicators.revoke")
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    now = clock.now()
    with acting(actor):
        count = _undoubted(now).count()
        act = Act(name="rounds", reason=reason.strip()[:300], chosen={"count": str(count)})
        approve.approve(actor, act, way)
        record(actor, "register.rounds_begun", "register", "lapsed", count=count)
        if _settled(actor, now, reason) and count > ENTRIES_AT_ONCE:
            enqueue.begin_rounds(actor.reference, now, reason.strip()[:300])
    return count


def dismiss(centre: Actor, until: datetime, reason: str) -> None:
    """Go on with `dismiss_all`, each part in a transaction of its own. For the job."""
    while True:
        with acting(centre):
            if not _settled(centre, until, reason):
                return


def _undoubted(until: datetime) -> QuerySet[Suspension]:
    open_ones = Suspension.objects.filter(cause=Cause.BEHIND, end=None, created_at__lte=until)
    doubted = Dispute.objects.filter(indicator=OuterRef("indicator"), decision=None)
    return open_ones.filter(indicator__revocation=None).exclude(Exists(doubted))


def _settled(actor: Actor, until: datetime, reason: str) -> int:
    ids = sorted(_undoubted(until).values_list("indicator_id", flat=True)[:ENTRIES_AT_ONCE])
    lock(*(f"indicator:{one}" for one in ids))
    ids = sorted(_undoubted(until).filter(indicator__in=ids).values_list("indicator_id", flat=True))
    for one in ids:
        transitions.resolve_disputes(actor, one, upheld=False, reason=reason)
    return len(ids)


def list_suspended(actor: Actor) -> tuple[list[Stopped], int]:
    """The newest that wait for a decision, and how many do."""
    actor.require("alerts.read")
    with acting(actor):
        open_ones = Suspension.objects.filter(cause=Cause.BEHIND, end__isnull=True, indicator__revocation__isnull=True)
        rows = open_ones.select_related("indicator").order_by("-created_at")[:MOST_SHOWN]
        found = [Stopped(row.indicator_id, row.indicator.number, row.created_at, row.faults) for row in rows]
        return found, open_ones.count()


def waiting_count(actor: Actor) -> int:
    """The number of suspended indicators that await a decision."""
    with acting(actor):
        rows = Suspension.objects.filter(cause=Cause.BEHIND, end__isnull=True, indicator__revocation__isnull=True)
        return rows.count()


def _stopped(centre: Actor, ids: Sequence[UUID]) -> int:
    with acting(centre):
        rows = IndicatorNow.objects.filter(indicator__in=ids, state="active").order_by("indicator")
        active = list(rows.values_list("indicator_id", flat=True))
        # What is certified or decided meanwhile has ended when this is taken.
        lock(*(f"indicator:{one}" for one in active))
        active = list(rows.filter(indicator__in=active).values_list("indicator_id", flat=True))
        left = set(active) - verification.check(centre, active, verification.trust_store())
        if not left:
            return 0
        rounds = verification.rounds(active)
        about = {one.pk: one for one in Indicator.objects.filter(pk__in=left)}
        faults = _faults(left, rounds)
        Suspension.objects.bulk_create(
            Suspension(
                organisation_id=centre.organisation_id,
                indicator_id=one,
                round=rounds.get(one, 1),
                cause=Cause.BEHIND,
                reason=ReasonCode.TOO_FEW.value,
                faults=faults[one],
                by=centre.reference,
            )
            for one in sorted(left)
        )
        facts = ((one, {"number": about[one].number, "cause": str(Cause.BEHIND)}) for one in sorted(left))
        record_many(centre, "indicator.suspended", "indicator", facts)
        signals.all_deactivated(left)
    return len(left)


def _faults(ids: set[UUID], rounds: dict[UUID, int]) -> dict[UUID, list[dict[str, Any]]]:
    """Return why each of these has too few valid certifications, as coded texts."""
    rows = Certification.objects.filter(indicator__in=ids).order_by("created_at")
    present = [row for row in rows if row.round == rounds.get(row.indicator_id, 1)]
    names, good = directory.names(row.organisation_id for row in present), verification.trust_store()
    found: dict[UUID, list[dict[str, Any]]] = {one: [] for one in ids}
    for row in present:
        if not verification.counts(row, good):
            code, values = _FAULTS[signing.state(row)], {"name": names[row.organisation_id]}
            found[row.indicator_id].append({"code": code.value, "values": values})
    return {one: faults or [{"code": CertificationFault.OTHERS.value}] for one, faults in found.items()}
