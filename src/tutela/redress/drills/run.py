"""Run a drill: a test entry to every connected Edge, and its reversal at every recipient.

1. The policy in force names test entries, and two organisations in two countries take part. Edges and recipients of the
   moment are noted; one that is away is named and not waited for.
2. One organisation proposes a test entry, the other certifies it. It is released like any entry: the same bytes for
   all. A drill that cannot be certified ends.
3. When every connected Edge has it, or after `EDGES_WAIT`, it is reversed: stopped in the register, and each recipient
   is told by the message of a reversal. A recipient recognises a test and answers by itself.
4. When no connected Edge has it and every recipient has answered, or after `RECIPIENTS_WAIT`, the entry is revoked,
   what was not delivered is forgotten, and the drill ends.

Every step is a row. A drill that was killed goes on where it was (`advance`), by the command or by the worker's job.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import NotFound, TutelaError
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.drills import arrivals, entries, members
from tutela.indicators.register import revoke
from tutela.law import clocks
from tutela.matching.files import drill_entries
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.redress.drills import recipients
from tutela.redress.errors import TooFewCertifiers, UnknownDrill
from tutela.redress.models import (
    FINAL,
    Drill,
    DrillParty,
    DrillPartyKind,
    DrillStep,
    DrillStepKind,
    Hop,
    HopKind,
    HopState,
    HopStep,
    ReasonCode,
    Reversal,
)
from tutela.redress.reversals import begin, hops
from tutela.redress.reversals.begin import Mistake, RecipientCopy

SUBJECT, PREFIX, RUN = "drill", "U", "reversals.answer"
# What a drill promises, and how long it waits to see who is late.
EDGES_TARGET, RECIPIENTS_TARGET = timedelta(seconds=60), timedelta(minutes=5)
EDGES_WAIT, RECIPIENTS_WAIT = EDGES_TARGET + timedelta(seconds=30), RECIPIENTS_TARGET + timedelta(seconds=30)
log = structlog.get_logger("tutela.jobs")
_DECIDING = frozenset({"indicators.revoke", "law.edit"})


def start(actor: Actor) -> UUID:
    """Begin a drill, or return the one that is running. Raises `NoTestEntries`, `TooFewCertifiers`, `NotFound`."""
    actor.require(RUN)
    if actor.organisation_kind != "centre":
        raise NotFound
    with acting(actor):
        running = _running()
    if running is not None:
        return running
    entries.require_policy()
    certifiers = members.certifiers()
    if len(certifiers) < 2:
        raise TooFewCertifiers
    entries.prepare(_deciding(actor))

    def work() -> UUID:
        # Somebody else may have begun one meanwhile.
        with acting(actor):
            return _running() or _begun(actor, certifiers)

    return redrawn(work)


def advance(actor: Actor, drill_id: UUID) -> bool:
    """Do what is next, if anything is; returns whether the drill has ended. Raises `UnknownDrill`."""
    with acting(actor):
        row = _find(drill_id)
        certified = row.steps.filter(kind=DrillStepKind.CERTIFIED).exists()
    if row.ended_at is None and not certified and not _certified(actor, row):
        with acting(actor):
            _end(actor, _find(drill_id, lock=True))
    with acting(actor):
        row = _find(drill_id, lock=True)
        if row.ended_at is None:
            _note_edges(actor, row)
            if _may_reverse(row):
                _reverse(actor, row)
            _note_answers(actor, row)
            if _may_end(row):
                _end(actor, row)
        return row.ended_at is not None


def unfinished(actor: Actor) -> list[UUID]:
    """Drills that have not ended. For a job."""
    with acting(actor):
        return list(Drill.objects.filter(ended_at=None).values_list("pk", flat=True))


def _running() -> UUID | None:
    return Drill.objects.filter(ended_at=None).values_list("pk", flat=True).first()


def _begun(actor: Actor, certifiers: list[Actor]) -> UUID:
    row = Drill(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        indicator_id=drill_entries.drawn(),
        certifiers=[str(one.organisation_id) for one in certifiers],
        by=actor.reference,
        by_name=actor.name[:200],
    )
    if not insert_ignore(row):
        raise NumberTaken
    seen, now = arrivals.edges(clock.now()), clock.now()
    names = directory.names(one.recipient_id for one in seen)
    told = [(DrillPartyKind.EDGE, one.recipient_id, names[one.recipient_id], one.connected) for one in seen]
    told += [(DrillPartyKind.RECIPIENT, one.id, one.name, known) for one, known in recipients.reachable(actor)]
    insert_all(
        DrillParty(
            organisation_id=actor.organisation_id,
            drill=row,
            kind=kind,
            recipient_id=recipient,
            recipient_name=name[:200],
            connected=connected,
            created_at=now,
        )
        for kind, recipient, name, connected in told
    )
    record(actor, "drill.begun", SUBJECT, row.pk, number=row.number, indicator=row.indicator_id, parties=len(told))
    return row.pk


def _certified(actor: Actor, row: Drill) -> bool:
    """Step 2, in transactions of the two organisations. False if one of them no longer takes part."""
    first, second = (members.acting_in_drill(UUID(one)) for one in row.certifiers)
    try:
        entries.propose(first, row.indicator_id)
        entries.certify_proposed(second, row.indicator_id)
    except (TutelaError, IntegrityError):
        log.exception("drill not certified", drill=row.number)
        return False
    with acting(actor):
        _step(actor, row, DrillStepKind.CERTIFIED)
    return True


def _note_edges(actor: Actor, row: Drill) -> None:
    # A later version no longer contains the entry.
    reversed_at = _at(row, DrillStepKind.REVERSED)
    version = arrivals.first_version_with(row.indicator_id) if reversed_at is None else None
    head = arrivals.first_head_without(row.indicator_id)
    seen = {one.recipient_id: one for one in arrivals.edges(clock.now())}
    for party in _waited_for(row, DrillPartyKind.EDGE):
        edge = seen.get(party.recipient_id)
        if edge is None:
            continue
        if version is not None and edge.version >= version:
            _step(actor, row, DrillStepKind.HAS, party)
        if head is not None and edge.sequence >= head:
            _step(actor, row, DrillStepKind.WITHOUT, party)


def _note_answers(actor: Actor, row: Drill) -> None:
    final = HopStep.objects.filter(hop__reversal__root_id=row.pk, state__in=FINAL)
    answered = dict(final.values_list("hop__recipient_id", "created_at"))
    for party in _waited_for(row, DrillPartyKind.RECIPIENT):
        if party.recipient_id in answered:
            _step(actor, row, DrillStepKind.ACKNOWLEDGED, party, answered[party.recipient_id])


def _reverse(actor: Actor, row: Drill) -> None:
    """Step 3, in one transaction."""
    mistake = Mistake(ReasonCode.LISTED_IN_ERROR, indicator_id=row.indicator_id, root_id=row.pk)
    made = begin.begin(actor, mistake)
    hop = hops.add(actor, made, HopKind.REGISTER)
    revoke.suspend(_deciding(actor), row.indicator_id, entries.REASON)
    if hop is not None:
        hops.step(actor, hop, HopState.CORRECTED)
    for party in _waited_for(row, DrillPartyKind.RECIPIENT):
        kind = recipients.hop_kind(directory.entry(party.recipient_id).kind)
        begin.tell(actor, made, kind, party.recipient_id, RecipientCopy(indicator=row.indicator_id))
    _step(actor, row, DrillStepKind.REVERSED)
    hops.settle(actor, made)


def _end(actor: Actor, row: Drill) -> None:
    """Step 4."""
    entries.end(_deciding(actor), row.indicator_id)
    reversal = Reversal.objects.filter(root_id=row.pk, sender_id=None).first()
    if reversal is not None:
        for hop in Hop.objects.filter(reversal=reversal).exclude(state__in=FINAL):
            outbox.forget(actor, hop.pk)
        clocks.stop_if_running(actor, hops.CLOCK, hops.SUBJECT, reversal.pk)
    _step(actor, row, DrillStepKind.ENDED)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    late = len(_missing(row, DrillPartyKind.EDGE, DrillStepKind.WITHOUT))
    late += len(_missing(row, DrillPartyKind.RECIPIENT, DrillStepKind.ACKNOWLEDGED))
    record(actor, "drill.ended", SUBJECT, row.pk, number=row.number, missing=late)


def _may_reverse(row: Drill) -> bool:
    if _at(row, DrillStepKind.REVERSED) is not None:
        return False
    began = _at(row, DrillStepKind.CERTIFIED)
    missing = _missing(row, DrillPartyKind.EDGE, DrillStepKind.HAS)
    return began is not None and (not missing or clock.now() - began > EDGES_WAIT)


def _may_end(row: Drill) -> bool:
    began = _at(row, DrillStepKind.REVERSED)
    if began is None:
        return False
    missing = _missing(row, DrillPartyKind.EDGE, DrillStepKind.WITHOUT)
    missing += _missing(row, DrillPartyKind.RECIPIENT, DrillStepKind.ACKNOWLEDGED)
    return not missing or clock.now() - began > RECIPIENTS_WAIT


def _waited_for(row: Drill, kind: DrillPartyKind) -> list[DrillParty]:
    return list(row.parties.filter(kind=kind, connected=True))


def _missing(row: Drill, kind: DrillPartyKind, step: DrillStepKind) -> list[DrillParty]:
    there = set(row.steps.filter(kind=step).values_list("party", flat=True))
    return [one for one in _waited_for(row, kind) if one.pk not in there]


def _at(row: Drill, kind: DrillStepKind) -> datetime | None:
    return row.steps.filter(kind=kind, party=None).values_list("at", flat=True).first()


def _step(
    actor: Actor, row: Drill, kind: DrillStepKind, party: DrillParty | None = None, at: datetime | None = None
) -> None:
    """Add a step, once."""
    insert_ignore(
        DrillStep(organisation_id=actor.organisation_id, drill=row, party=party, kind=kind, at=at or clock.now())
    )


def _deciding(actor: Actor) -> Actor:
    return replace(actor, permissions=actor.permissions | _DECIDING)


def _find(drill_id: UUID, *, lock: bool = False) -> Drill:
    rows = Drill.objects.select_for_update() if lock else Drill.objects.all()
    row = rows.filter(pk=drill_id).first()
    if row is None:
        raise UnknownDrill
    return row
