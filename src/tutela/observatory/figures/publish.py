"""Publish the figures of a period.

1. The period is over, and every event of it is in the chain. It shares no day with another published period of the
  organisation: two that overlap differ by a count that neither may show.
2. The figures are computed from events, up to the end of the chain. They must equal those of the domain's tables.
3. Few persons are withheld, with what would give them away (`operations.withheld`).
4. Each figure gets a salt and a commitment; the statement is signed with the organisation's key for messages.
5. The statement, its figures and one event are written in one transaction. The event's facts are public: the log has
  the statement's digest before anybody can be shown another one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import tutela
from tutela import clock
from tutela.accountability.chain import event_counts, sequencer
from tutela.accountability.chain.event_counts import ChainPoint
from tutela.events import advisory_locks
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import sign
from tutela.observatory.definitions.definition import Value
from tutela.observatory.definitions.event_queries import queries_of
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.definitions.units import Missing
from tutela.observatory.errors import ChainBehind, FiguresDisagree, NoQueries, PeriodNotOver, PeriodOverlaps
from tutela.observatory.figures.compute import ComputedFigure, compute
from tutela.observatory.models import FigureRelease, PublishedFigure
from tutela.observatory.operations.withheld import withheld
from tutela.observatory.statements.statement import CONTEXT, StatedFigure, Statement
from tutela.organisations.keys import signing
from tutela.organisations.messages import message_signing

READ, PUBLISH = "figures.read", "figures.publish"
SUBJECT = "figure_release"
SALT_BYTES = 32


def publish(actor: Actor, period: ReportingPeriod) -> UUID:
    """Publish the figures of a period; returns the release. Raises errors of the module's steps, and `NoSigningKey`."""
    actor.require(PUBLISH)
    actor.require_verified()
    if period.end >= clock.now().date():
        raise PeriodNotOver
    if not queries_of(actor.organisation_kind):
        raise NoQueries
    sequencer.sequence_all()
    with acting(actor):
        return _published(actor, period)


def preview(actor: Actor, period: ReportingPeriod) -> list[ComputedFigure]:
    """The figures of a period as they would be published now."""
    actor.require(READ)
    with acting(actor):
        return compute(actor, period, event_counts.newest().position)


def _published(actor: Actor, period: ReportingPeriod) -> UUID:
    kinds = [kind for query in queries_of(actor.organisation_kind) for kind in query.kinds]
    if event_counts.unsequenced(actor.organisation_id, kinds, period.start, period.end):
        raise ChainBehind
    # Two at once would take one number, or overlap: the second waits here until the first is written.
    advisory_locks.lock("observatory.publish", str(actor.organisation_id))
    _overlaps_nothing(actor.organisation_id, period)
    point = event_counts.newest()
    computed = compute(actor, period, point.position)
    wrong = [one.query.definition.title for one in computed if not one.agrees]
    if wrong:
        raise FiguresDisagree(figures=", ".join(wrong))
    before = FigureRelease.objects.filter(organisation_id=actor.organisation_id).order_by("-number").first()
    number = before.number + 1 if before else 1
    statement = _statement(actor, period, point, number, before.digest if before else "")
    shown = _shown(actor.organisation_id, computed, period)
    salts = [os.urandom(SALT_BYTES) for _ in computed]
    statement = replace(statement, figures=_stated(statement, computed, shown, salts))
    return _written(actor, statement, computed, salts)


def _overlaps_nothing(organisation_id: UUID, period: ReportingPeriod) -> None:
    """Refuse a period that shares days with another published one: their difference would be a count of few persons."""
    rows = FigureRelease.objects.filter(
        organisation_id=organisation_id, period_start__lte=period.end, period_end__gte=period.start
    )
    other = rows.exclude(period_start=period.start, period_end=period.end).order_by("number").first()
    if other is not None:
        raise PeriodOverlaps(period=period, other=ReportingPeriod(other.period_start, other.period_end))


def _statement(actor: Actor, period: ReportingPeriod, point: ChainPoint, number: int, previous: str) -> Statement:
    return Statement(
        organisation=str(actor.organisation_id),
        name=actor.organisation_name,
        number=number,
        period=period,
        position=point.position,
        head=point.head,
        computed_at=clock.now().isoformat(timespec="seconds"),
        code=tutela.__version__,
        previous=previous,
        figures=(),
    )


def _shown(organisation_id: UUID, computed: Sequence[ComputedFigure], period: ReportingPeriod) -> dict[str, Value]:
    """What may be shown of each figure, also next to what was shown of the same period before."""
    values = {one.query.definition_key: one.value for one in computed}
    kept = withheld(values, earlier_shown(organisation_id, period))
    return {name: Missing.SUPPRESSED if name in kept else one for name, one in values.items()}


def earlier_shown(organisation_id: UUID, period: ReportingPeriod, before: int | None = None) -> list[dict[str, Value]]:
    """What each release of a period showed, of those with a smaller number. Call inside `acting(actor)`."""
    rows = PublishedFigure.objects.filter(
        organisation_id=organisation_id, release__period_start=period.start, release__period_end=period.end, missing=""
    )
    if before is not None:
        rows = rows.filter(release__number__lt=before)
    found: dict[UUID, dict[str, Value]] = {}
    for row in rows:
        found.setdefault(row.release_id, {})[row.definition] = row.value
    return list(found.values())


def _stated(
    statement: Statement, computed: Sequence[ComputedFigure], shown: dict[str, Value], salts: Sequence[bytes]
) -> tuple[StatedFigure, ...]:
    made = []
    for one, salt in zip(computed, salts, strict=True):
        value = shown[one.query.definition_key]
        bare = StatedFigure(one.query.definition_key, one.query.name, "")
        commitment = statement.commitment_of(bare, salt, one.value)
        hidden = isinstance(value, Missing)
        made.append(
            replace(
                bare,
                commitment=commitment,
                value=None if hidden else one.value,
                missing=str(value) if hidden else "",
            )
        )
    return tuple(made)


def _written(actor: Actor, statement: Statement, computed: Sequence[ComputedFigure], salts: Sequence[bytes]) -> UUID:
    private = message_signing.private_key(actor)
    public, release = private.public_key().public_bytes_raw(), uuid7()
    told: dict[str, Any] = {
        "organisation": actor.organisation_id,
        "number": statement.number,
        "position": statement.position,
        "digest": statement.digest,
        "key": signing.key_id_of(public),
    }
    row = FigureRelease(
        id=release,
        organisation_id=actor.organisation_id,
        number=statement.number,
        period_start=statement.period.start,
        period_end=statement.period.end,
        position=statement.position,
        head=statement.head,
        digest=statement.digest,
        key=public.hex(),
        envelope=sign(statement.to_bytes(), CONTEXT, private).to_bytes(),
        event_id=record(actor, "figures.published", SUBJECT, release, **told),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    row.save(force_insert=True)
    PublishedFigure.objects.bulk_create(
        PublishedFigure(
            organisation_id=actor.organisation_id,
            release=row,
            definition=stated.definition,
            query=stated.query,
            value=one.value,
            missing=stated.missing,
            salt=salt.hex(),
        )
        for stated, one, salt in zip(statement.figures, computed, salts, strict=True)
    )
    return row.pk
