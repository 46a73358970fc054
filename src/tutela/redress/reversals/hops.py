"""Hops of a reversal: rows, steps, and the end of the whole. Call inside `acting(actor)`.

1. A hop has one final step: corrected, erased or kept. Nothing follows it.
2. When every hop is final, the reversal ends in the same transaction. Its outcome is that of the own places: "kept" if
   any is kept, otherwise "erased" if all are erased, otherwise "corrected". What another recipient keeps stands on its
   hop and is nobody else's answer. Without an own place the recipients' answers are the outcome.
3. The end is one event. Where another organisation told us, the answer to it leaves once the own places are final. At
   the Centre it says nothing of authorities: neither its words nor its time tell whether one has a package. It says
   whether the entry that the reversal names is stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.exchange.redress.reversal import Consequence, EntryOutcome, KeptBecause, ReversalAnswer, ReversalOutcome
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.matching.files.drill_entries import FIRST, LAST
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.redress.errors import HopAnswered, UnknownReversal
from tutela.redress.models import FINAL, Hop, HopKind, HopState, HopStep, Reversal
from tutela.redress.reversals import signals

SUBJECT, CLOCK = "reversal", "reversal_answer"
READ, ANSWER = "reversals.read", "reversals.answer"
ANSWER_KIND = "reversal-answer"
# Reversals of drills. They are on no list of work and in no figure, and raise no alert.
TEST = Q(indicator_id__range=(FIRST, LAST))
OTHER_SIDE = (HopKind.CENTRE, HopKind.HOTLINE, HopKind.PROVIDER, HopKind.AUTHORITY, HopKind.NOTIFIER)


def due_after(moment: datetime) -> datetime:
    """When a hop that begins at a moment must be answered."""
    return KINDS[CLOCK].length.after(moment)


def find(reversal_id: UUID) -> Reversal:
    """A reversal. Raises `UnknownReversal`."""
    row = Reversal.objects.filter(pk=reversal_id).first()
    if row is None:
        raise UnknownReversal
    return row


def locked(reversal_id: UUID) -> Reversal:
    """A reversal, locked until the transaction ends. Raises `UnknownReversal`."""
    row = Reversal.objects.select_for_update().filter(pk=reversal_id).first()
    if row is None:
        raise UnknownReversal
    return row


def add(
    actor: Actor,
    row: Reversal,
    kind: HopKind,
    recipient: tuple[UUID | None, str] | None = None,
    *,
    about: dict[str, object] | None = None,
    head: int | None = None,
) -> Hop | None:
    """Add a hop to a reversal; None if it is there already. `about`: what the recipient got."""
    made = Hop(
        organisation_id=actor.organisation_id,
        reversal=row,
        kind=kind,
        recipient_id=recipient[0] if recipient else None,
        recipient_name=recipient[1][:200] if recipient else "",
        due_at=due_after(clock.now()),
        head=head,
        about=about or {},
    )
    return made if insert_ignore(made) else None


def step(
    actor: Actor,
    hop: Hop,
    state: HopState,
    *,
    because: str = "",
    consequences: Iterable[str] = (),
    at: datetime | None = None,
    by_name: str = "",
) -> None:
    """Add a step to a hop of a locked reversal. Raises `HopAnswered` after the final one."""
    if hop.state in FINAL:
        raise HopAnswered
    HopStep.objects.create(
        organisation_id=actor.organisation_id,
        hop=hop,
        state=state,
        because=because,
        consequences=sorted(consequences),
        at=at or clock.now(),
        by=actor.reference,
        by_name=(by_name or actor.name)[:200],
    )
    hop.state = state
    hop.save(update_fields=["state"])
    record(actor, "reversal.step", SUBJECT, hop.reversal_id, hop=hop.kind, step=str(state), because=because)


def settle(actor: Actor, row: Reversal) -> bool:
    """Rules 2 and 3; returns whether the reversal has ended now."""
    known = list(row.hops.values_list("kind", "state"))
    if row.ended_at is not None or row.accepted is None:
        return False
    if row.sender_id is not None:
        _answer_once(actor, row, known)
    states = [state for _kind, state in known]
    if any(one not in FINAL for one in states):
        return False
    row.outcome, row.ended_at = _outcome(_own(known) or states), clock.now()
    row.save(update_fields=["outcome", "ended_at"])
    clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
    record(actor, "reversal.ended", SUBJECT, row.pk, outcome=row.outcome, hops=len(states))
    signals.ended(actor, row)
    return True


def _outcome(states: list[str]) -> str:
    if HopState.KEPT in states:
        return ReversalOutcome.KEPT.value
    every = bool(states) and set(states) == {HopState.ERASED}
    return (ReversalOutcome.ERASED if every else ReversalOutcome.CORRECTED).value


def _own(known: list[tuple[str, str]]) -> list[str]:
    """States of the own places; that the figures have the error is no answer about it."""
    return [state for kind, state in known if kind not in (*OTHER_SIDE, HopKind.STATISTICS)]


def _answer_once(actor: Actor, row: Reversal, known: list[tuple[str, str]]) -> None:
    """Rule 3: answer for the own places once all of them are final."""
    own = _own(known)
    if row.answered_at is None and own and all(state in FINAL for state in own):
        row.answered_at = clock.now()
        row.save(update_fields=["answered_at"])
        _answer(actor, row, _outcome(own))


def _answer(actor: Actor, row: Reversal, outcome: str) -> None:
    kept = outcome == ReversalOutcome.KEPT
    message = ReversalAnswer(
        reversal=row.root_id,
        outcome=ReversalOutcome(outcome),
        because=_because(row) if kept else None,
        # Consequences go to the Centre alone: a provider must not learn of an investigation.
        consequences=tuple(map(Consequence, sorted(_consequences(row)))) if _to_centre(row) else (),
        entry=_entry(actor, row),
        at=clock.now(),
    )
    path = f"/api/v1/organisations/{row.sender_id}/redress/reversal-answers"
    key, body = f"reversal-answer:{row.root_id}", message.to_bytes().decode()
    outbox.send(actor, UUID(str(row.sender_id)), ANSWER_KIND, path, body, key=key, subject_id=row.pk, urgent=True)


def _because(row: Reversal) -> KeptBecause:
    """The reason of the own place that is kept."""
    own = HopStep.objects.filter(hop__reversal=row, state=HopState.KEPT).exclude(hop__kind__in=OTHER_SIDE)
    return KeptBecause(own.values_list("because", flat=True)[0])


def _entry(actor: Actor, row: Reversal) -> EntryOutcome | None:
    """What a Centre did with the entry that the reversal names."""
    if row.indicator_id is None or actor.organisation_kind != "centre":
        return None
    stopped = row.hops.filter(kind=HopKind.REGISTER, state=HopState.CORRECTED).exists()
    return EntryOutcome.STOPPED if stopped else EntryOutcome.UNCHANGED


def _consequences(row: Reversal) -> set[str]:
    found: set[str] = set()
    for one in HopStep.objects.filter(hop__reversal=row).values_list("consequences", flat=True):
        found |= set(one)
    return found


def _to_centre(row: Reversal) -> bool:
    return row.sender_id is not None and directory.entry(row.sender_id).kind == "centre"
