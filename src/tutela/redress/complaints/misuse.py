"""Misuse of complaints, by rule (DSA Art. 23(2) and (3)).

1. The rule counts by account: complaints decided as manifestly unfounded in the last 90 days. Nothing else counts.
2. From three on a person may warn the account. After a warning, from the next one on, a person may suspend its
   complaints for 90 days, with a text that says why: number, share, gravity and intention.
3. While an account is suspended, its complaints are stored, and a person may still decide them. They may be closed with
   the reason "suspended", without a further text.
4. A suspension ends by its time, or earlier by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.redress.complaints import person_texts, rows
from tutela.redress.errors import NoAccount, NoMisuse, NotSuspended, NotWarned, SuspendedAlready
from tutela.redress.models import Complaint, MisuseKind, MisuseStep, ReasonCode

COUNTED = timedelta(days=90)
SUSPENDED_FOR = timedelta(days=90)
# Manifestly unfounded complaints before a warning.
TO_WARN = 3


@dataclass(frozen=True)
class MisuseState:
    """Figures of the rule about an account. `until`: its complaints are suspended until then."""

    complaints: int
    unfounded: int
    warned_at: datetime | None
    until: datetime | None
    since_warning: int

    @property
    def may_warn(self) -> bool:
        """Whether rule 2 allows a warning."""
        return self.unfounded >= TO_WARN and self.warned_at is None and self.until is None

    @property
    def may_suspend(self) -> bool:
        """Whether rule 2 allows a suspension."""
        return self.warned_at is not None and self.since_warning >= 1 and self.until is None


def state_of(row: Complaint) -> MisuseState | None:
    """The figures about the account of a complaint; None without an account. Call inside `acting(actor)`."""
    if row.account_key is None:
        return None
    key, now = bytes(row.account_key), clock.now()
    recent = Complaint.objects.filter(account_key=key, received_at__gte=now - COUNTED)
    unfounded = recent.filter(decision__reason_code=ReasonCode.MANIFEST)
    steps = list(MisuseStep.objects.filter(account_key=key, created_at__gte=now - COUNTED - SUSPENDED_FOR))
    warned = next((one.created_at for one in reversed(steps) if one.kind == MisuseKind.WARNED), None)
    warned = warned if warned is not None and warned >= now - COUNTED else None
    last = next((one for one in reversed(steps) if one.kind != MisuseKind.WARNED), None)
    until = last.until if last and last.kind == MisuseKind.SUSPENDED and last.until and last.until > now else None
    after = unfounded.filter(decision__created_at__gt=warned).count() if warned else 0
    return MisuseState(recent.count(), unfounded.count(), warned, until, after)


def warn(actor: Actor, complaint_id: UUID, text: str) -> None:
    """Warn the account of a complaint. Raises `NoAccount`, `NoMisuse`, `SuspendedAlready`, `Invalid`."""
    _take(actor, complaint_id, MisuseKind.WARNED, text)


def suspend(actor: Actor, complaint_id: UUID, text: str) -> None:
    """Suspend the account's complaints for 90 days. Raises `NotWarned`, and as `warn`."""
    _take(actor, complaint_id, MisuseKind.SUSPENDED, text)


def end(actor: Actor, complaint_id: UUID, text: str) -> None:
    """End a suspension early. Raises `NotSuspended`."""
    _take(actor, complaint_id, MisuseKind.ENDED, text)


def _take(actor: Actor, complaint_id: UUID, kind: MisuseKind, text: str) -> None:
    actor.require(rows.DECIDE)
    said = rows.checked(text, "text")
    with acting(actor):
        row = rows.locked(complaint_id)
        found = state_of(row)
        if found is None or row.account_key is None:
            raise NoAccount
        _require(kind, found)
        until = clock.now() + SUSPENDED_FOR if kind is MisuseKind.SUSPENDED else None
        made = MisuseStep(
            organisation_id=actor.organisation_id,
            account_key=bytes(row.account_key),
            kind=kind,
            complaint=row,
            unfounded=found.unfounded,
            until=until,
            text=said,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, rows.SUBJECT, row.pk, made, "text")
        made.save()
        record(actor, "complaint.misuse", rows.SUBJECT, row.pk, step=str(kind), unfounded=found.unfounded)
        if row.conversation_id is not None and kind is not MisuseKind.ENDED:
            day = f"{until:%Y-%m-%d}" if until else ""
            inbox.tell(actor, row.conversation_id, person_texts.misuse_text(row.language, kind.value, day))


def _require(kind: MisuseKind, found: MisuseState) -> None:
    if kind is MisuseKind.ENDED:
        if found.until is None:
            raise NotSuspended
        return
    if found.until is not None:
        raise SuspendedAlready
    if kind is MisuseKind.WARNED and not found.may_warn:
        raise NoMisuse(unfounded=found.unfounded, days=COUNTED.days)
    if kind is MisuseKind.SUSPENDED and not found.may_suspend:
        raise NotWarned
