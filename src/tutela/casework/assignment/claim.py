"""Claims: who decides a case. A claim prevents double work; it does not prevent a decision.

- A claim ends by a decision, by its release, or after `CLAIM_TIME` without a further step of its holder.
- Anybody who may decide the case may assign it to a colleague or to themselves. The former holder is notified.
- Passing a case needs no reason: the claim ends, and the person is not offered the case again for a day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import notifications
from tutela.casework.assignment.colleagues import colleagues
from tutela.casework.assignment.errors import ClaimedByColleague, NotClaimed, UnknownColleague
from tutela.casework.assignment.subjects import decidable, require_writable, subject_of
from tutela.casework.models import Cause, Claim, PassedCase
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting

CLAIM_TIME = timedelta(hours=4)
# A passed case is not offered to the same person for so long.
PASSED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class ClaimState:
    """Claim of a case that is in force."""

    holder: str
    name: str
    since: datetime
    until: datetime


def claim(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Claim a case for the actor, or extend the own claim. Raises `ClaimedByColleague`, `CaseErased`, `NotFound`."""
    with acting(actor):
        require_writable(actor, kind, subject_id)
        found = _locked(kind, subject_id)
        if found is not None and found.holder != actor.reference:
            raise ClaimedByColleague(name=found.name)
        _set(actor, kind, subject_id, (actor.reference, actor.name), found)
        record(actor, "case.claimed", subject_of(actor, kind).event_subject, subject_id)


def release(actor: Actor, kind: str, subject_id: UUID) -> None:
    """End the actor's own claim. Raises `NotClaimed`, `NotFound`."""
    with acting(actor):
        decidable(actor, kind, subject_id)
        found = _locked(kind, subject_id)
        if found is None or found.holder != actor.reference:
            raise NotClaimed
        _end(kind, subject_id)
        record(actor, "case.released", subject_of(actor, kind).event_subject, subject_id)


def assign(actor: Actor, kind: str, subject_id: UUID, reference: str) -> str:
    """Give the claim to a colleague who may decide the case; returns the name. Raises `UnknownColleague`, `NotFound`.

    The colleague is notified, and so is the former holder.
    """
    with acting(actor):
        require_writable(actor, kind, subject_id)
        subject = subject_of(actor, kind)
        to = next((one for one in colleagues(actor, subject) if one.reference == reference and one.decides), None)
        if to is None:
            raise UnknownColleague
        before = _locked(kind, subject_id)
        _set(actor, kind, subject_id, (to.reference, to.name), before)
        notifications.notify(actor, kind, subject_id, Cause.ASSIGNED, [to.reference])
        if before is not None and before.holder != to.reference:
            notifications.notify(actor, kind, subject_id, Cause.TAKEN, [before.holder])
        record(actor, "case.assigned", subject.event_subject, subject_id, to=to.reference)
    return to.name


def pass_on(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Leave a case to colleagues, without a reason. Raises `NotFound`, `Forbidden`."""
    with acting(actor):
        decidable(actor, kind, subject_id)
        found = _locked(kind, subject_id)
        if found is not None and found.holder == actor.reference:
            _end(kind, subject_id)
        row = PassedCase(
            organisation_id=actor.organisation_id, subject_kind=kind, subject_id=subject_id, by=actor.reference
        )
        if not insert_ignore(row):
            PassedCase.objects.filter(subject_kind=kind, subject_id=subject_id, by=actor.reference).update(
                created_at=clock.now()
            )
        record(actor, "case.passed", subject_of(actor, kind).event_subject, subject_id)


def decided(actor: Actor, kind: str, subject_id: UUID) -> None:
    """End the claim of a case that was decided. Notify its holder and who follows it, each once.

    Nobody is notified of an own decision. The decision has its own event. Call inside `acting(actor)`.
    """
    before = current(kind, subject_id)
    _end(kind, subject_id)
    holder = [before.holder] if before is not None else []
    if holder:
        notifications.notify(actor, kind, subject_id, Cause.DECIDED, holder)
    notifications.notify_followers(actor, kind, subject_id, Cause.DECIDED, without=holder)


def current(kind: str, subject_id: UUID) -> ClaimState | None:
    """The claim of a case that is in force. Call inside `acting(actor)`."""
    row = Claim.objects.filter(subject_kind=kind, subject_id=subject_id, until__gt=clock.now()).first()
    return ClaimState(row.holder, row.holder_name, row.created_at, row.until) if row else None


def of_colleague(actor: Actor, kind: str, subject_id: UUID) -> ClaimState | None:
    """The claim of a case by somebody else than the actor."""
    with acting(actor):
        found = current(kind, subject_id)
    return found if found is not None and found.holder != actor.reference else None


def holders(kind: str, subject_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of those who claimed some cases. Call inside `acting(actor)`."""
    rows = Claim.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids), until__gt=clock.now())
    return dict(rows.values_list("subject_id", "holder_name"))


def claimed(kind: str, *, by: str = "") -> list[UUID]:
    """The cases that anybody, or one person, has claimed. Few at any time. Call inside `acting(actor)`."""
    rows = Claim.objects.filter(subject_kind=kind, until__gt=clock.now())
    return list((rows.filter(holder=by) if by else rows).values_list("subject_id", flat=True))


def not_offered(actor: Actor, kind: str) -> set[UUID]:
    """Cases that are not offered to the actor: claimed by colleagues, or passed. Call inside `acting(actor)`."""
    others = Claim.objects.filter(subject_kind=kind, until__gt=clock.now()).exclude(holder=actor.reference)
    passed = PassedCase.objects.filter(subject_kind=kind, by=actor.reference, created_at__gt=clock.now() - PASSED_FOR)
    return {*others.values_list("subject_id", flat=True), *passed.values_list("subject_id", flat=True)}


def forget(actor: Actor) -> None:
    """Delete claims that are over, and passed cases that may be offered again. For a job."""
    with acting(actor):
        Claim.objects.filter(until__lte=clock.now()).delete()
        PassedCase.objects.filter(created_at__lte=clock.now() - PASSED_FOR).delete()


def _locked(kind: str, subject_id: UUID) -> ClaimState | None:
    """The claim in force, with the case locked against other claims until the transaction ends."""
    lock(f"claim:{kind}:{subject_id}")
    return current(kind, subject_id)


def _set(actor: Actor, kind: str, subject_id: UUID, to: tuple[str, str], standing: ClaimState | None) -> None:
    reference, name = to
    since = standing.since if standing is not None and standing.holder == reference else clock.now()
    Claim.objects.update_or_create(
        organisation_id=actor.organisation_id,
        subject_kind=kind,
        subject_id=subject_id,
        defaults={
            "holder": reference,
            "holder_name": name[:200],
            "until": clock.now() + CLAIM_TIME,
            "created_at": since,
        },
    )


def _end(kind: str, subject_id: UUID) -> None:
    Claim.objects.filter(subject_kind=kind, subject_id=subject_id).delete()
