"""Draw a sample of the register by a seed, in parts, so that no request or statement reads all of it.

1. The auditor orders the draw. Seed and time are fixed and recorded before anything is read, so an unwanted draw cannot
   be dropped unseen.
2. Indicators active at that time are read in parts, each by its own statement; rows up to that time no longer change.
   The first by the seed are kept: SHA-256 of seed and id, both as text, smallest first.
3. The sample is written at the end, in one transaction. An interrupted draw starts again and gives the same result.

A small register is drawn at once, a larger one by a job with progress.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import chain
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import case_number
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators import enqueue
from tutela.indicators.errors import NoActiveIndicator
from tutela.indicators.models import (
    Activation,
    AuditDraw,
    AuditItem,
    AuditSample,
    IndicatorNow,
    Revocation,
    Suspension,
)
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.people import directory

MOST_SELECTED = 10_000
# What is being written now is committed by then.
SELECTION_DELAY = timedelta(minutes=1)
# One statement reads this many rows; a register of at most this size is drawn at once.
AT_ONCE, FEW = 20_000, 20_000
# A draw that has not ended by then starts again, because its process may have been killed.
RETRY_AFTER = timedelta(minutes=30)
MOST_SHOWN = 20


def request_sample(actor: Actor, size: int, reason: str) -> AuditDraw:
    """Ask for a sample. Raises `Invalid`."""
    actor.require("audit.sample")
    actor.require_verified()
    if not 1 <= size <= MOST_SELECTED:
        raise Invalid("The sample size must be from 1 to {most}.", field="size", most=MOST_SELECTED)
    if not reason.strip():
        raise Invalid("Enter a reason for this sample.", field="reason")
    with acting(actor):
        if not IndicatorNow.objects.filter(state="active").exists():
            raise NoActiveIndicator
        row = AuditDraw.objects.create(
            organisation_id=actor.organisation_id,
            seed=secrets.token_hex(32),
            moment=clock.now() - SELECTION_DELAY,
            size=size,
            reason=reason.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(
            actor, "audit_sample.ordered", "audit_draw", row.pk, seed=row.seed, moment=row.moment.isoformat(), size=size
        )
    return row


def order_again(actor: Actor, sample_id: UUID) -> AuditDraw:
    """Request that a sample is drawn again by its seed and time. Raises `NotFound`.

    The result is compared with the sample.
    """
    actor.require("audit.sample")
    with acting(actor):
        of = AuditSample.objects.filter(pk=sample_id).first()
        if of is None:
            raise NotFound
        return AuditDraw.objects.create(
            organisation_id=actor.organisation_id,
            sample=of,
            again=True,
            seed=of.seed,
            moment=of.moment,
            size=of.size,
            reason=of.reason,
            by=actor.reference,
            by_name=actor.name[:200],
        )


def draw(actor: Actor, size: int, reason: str) -> UUID:
    """Draw a sample and wait for it; for what is no request. Raises `Invalid`."""
    done = select_sample(actor, request_sample(actor, size, reason).pk)
    return UUID(str(done.sample_id))


def drawn_again(actor: Actor, sample_id: UUID) -> bool:
    """Whether seed and moment give the same sample today, waiting for it. Raises `NotFound`."""
    return bool(select_sample(actor, order_again(actor, sample_id).pk).same)


def begin(actor: Actor, asked: AuditDraw) -> AuditDraw:
    """Draw at once where the register is small, otherwise by a job; how it stands then. Raises `Invalid`."""
    with acting(actor):
        if IndicatorNow.objects.order_by("pk").values("pk")[FEW : FEW + 1]:
            enqueue.draw_sample(asked.organisation_id, asked.pk)
            return asked
    return select_sample(actor, asked.pk)


def select_sample(actor: Actor, draw_id: UUID) -> AuditDraw:
    """Draw the requested sample; do nothing if it has ended. Raises `Invalid` if nothing was active, `NotFound`."""
    with acting(actor):
        asked = AuditDraw.objects.filter(pk=draw_id, organisation_id=actor.organisation_id).first()
    if asked is None:
        raise NotFound
    if asked.ended_at is not None:
        return asked
    population, chosen = _ranked(actor, asked)
    with acting(actor):
        lock(f"draw:{draw_id}")
        asked.refresh_from_db()
        if asked.ended_at is None:
            asked.ended_at = clock.now()
            if asked.again and asked.sample is not None:
                kept = list(asked.sample.items.order_by("place").values_list("indicator_id", flat=True))
                asked.same = (population, chosen) == (asked.sample.population, kept)
            elif chosen:
                # The person who requested the draw is recorded as its author, whichever process computes it.
                drawer = directory.acting_for(directory.entry(asked.organisation_id), asked.by, asked.by_name)
                asked.sample = _kept(drawer.with_purpose(actor.purpose), asked, population, chosen)
            else:
                asked.error = NoActiveIndicator().code
            asked.save()
    if asked.error:
        raise NoActiveIndicator
    return asked


def due(actor: Actor) -> list[AuditDraw]:
    """An organisation's drawings that should have ended. Call inside `acting(actor)`."""
    rows = AuditDraw.objects.filter(organisation_id=actor.organisation_id, ended_at=None)
    return list(rows.filter(created_at__lt=clock.now() - RETRY_AFTER))


def going_on(actor: Actor) -> list[tuple[AuditDraw, str]]:
    """List the samples being drawn, and by whom, newest first."""
    actor.require("indicators.read")
    with acting(actor):
        rows = list(AuditDraw.objects.filter(ended_at=None, again=False).order_by("-created_at")[:MOST_SHOWN])
        names = directory.names(row.organisation_id for row in rows)
    return [(row, names[row.organisation_id]) for row in rows]


def compared(actor: Actor, sample_id: UUID) -> AuditDraw | None:
    """Return the newest repeated draw of a sample, finished or running.

    Call inside `acting(actor)`.
    """
    return AuditDraw.objects.filter(sample=sample_id, again=True).order_by("-created_at").first()


def rank(seed: str, ids: Iterable[UUID], size: int) -> list[UUID]:
    """Return the first ids by SHA-256 of seed and id, both as text; reproducible by anyone."""
    return [one for _rank, one in nsmallest(size, _ranks(seed, ids))]


def _ranks(seed: str, ids: Iterable[UUID]) -> Iterator[tuple[bytes, UUID]]:
    return ((hashlib.sha256(f"{seed}{one}".encode()).digest(), one) for one in ids)


def _ranked(actor: Actor, asked: AuditDraw) -> tuple[int, list[UUID]]:
    """Return the number of active indicators, and the first of them by the rank that the seed gives."""
    count, best = 0, list[tuple[bytes, UUID]]()
    for part in _active_at(actor, asked):
        count += len(part)
        best = nsmallest(asked.size, chain(best, _ranks(asked.seed, part)))
    return count, [one for _rank, one in best]


def _active_at(actor: Actor, asked: AuditDraw) -> Iterator[list[UUID]]:
    """Yield the indicators active at the moment, in parts, and store how many rows were examined."""
    ended, revoked = _ended(actor, asked.moment)
    last, looked = UUID(int=0), 0
    while True:
        with acting(actor):
            rows = Activation.objects.filter(created_at__lte=asked.moment, pk__gt=last).order_by("pk")
            part = list(rows.values_list("pk", "indicator_id", "round")[:AT_ONCE])
            looked += len(part)
            AuditDraw.objects.filter(pk=asked.pk).update(looked=looked)
        if not part:
            return
        last = part[-1][0]
        # Of an indicator's activations that of its present round alone passes, and none of a test entry.
        present = [one for _pk, one, number in part if number > ended.get(one, 0) and one not in revoked]
        yield [one for one in present if not is_test(one)]


def _ended(actor: Actor, moment: datetime) -> tuple[dict[UUID, int], set[UUID]]:
    """Return the last round of each indicator suspended by then, and the revoked indicators.

    Both are few compared with the active indicators.
    """
    ended, revoked, last = dict[UUID, int](), set[UUID](), UUID(int=0)
    while True:
        with acting(actor):
            rows = Suspension.objects.filter(created_at__lte=moment, pk__gt=last).order_by("pk")
            part = list(rows.values_list("pk", "indicator_id", "round")[:AT_ONCE])
        if not part:
            break
        last = part[-1][0]
        for _pk, one, number in part:
            ended[one] = max(number, ended.get(one, 0))
    last = UUID(int=0)
    while True:
        with acting(actor):
            gone = Revocation.objects.filter(created_at__lte=moment, pk__gt=last).order_by("pk")
            found = list(gone.values_list("pk", "indicator_id")[:AT_ONCE])
        if not found:
            return ended, revoked
        last = found[-1][0]
        revoked |= {one for _pk, one in found}


def _kept(actor: Actor, asked: AuditDraw, population: int, chosen: list[UUID]) -> AuditSample:
    row = AuditSample.objects.create(
        organisation_id=actor.organisation_id,
        number=case_number("A"),
        seed=asked.seed,
        moment=asked.moment,
        population=population,
        size=len(chosen),
        reason=asked.reason,
        by=asked.by,
        by_name=asked.by_name,
    )
    AuditItem.objects.bulk_create(
        AuditItem(organisation_id=actor.organisation_id, sample=row, indicator_id=one, place=place)
        for place, one in enumerate(chosen, 1)
    )
    record(
        actor,
        "audit_sample.selected",
        "audit_sample",
        row.pk,
        number=row.number,
        seed=row.seed,
        moment=row.moment.isoformat(),
        population=population,
        size=len(chosen),
    )
    return row
