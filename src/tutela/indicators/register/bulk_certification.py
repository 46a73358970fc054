"""Imports as certifiers see them, and bulk certification of an import by the digests one holds.

An import is never certified as a whole, because a certification states that the organisation holds the item and has
assessed it. The organisation submits the digests of its items. Indicators of the import with one of these digests are
certified, each separately with its own event and signature. Indicators that are held as anomalous, active, or already
certified by the organisation are left unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Q, QuerySet, Sum

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.transaction import acting
from tutela.exchange.register.approval import MOST_SUBJECTS
from tutela.indicators.hashes import blind_index, validation
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import ImportBatch, IndicatorHash
from tutela.indicators.register import approvals
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.safeguards import holds
from tutela.organisations.approvals.approve import NO_INPUT, Way
from tutela.organisations.people import directory

MOST, PER_PAGE, NAMED = MOST_SUBJECTS, 30, 20
# Sort orders in addition to newest first: by values that are counted over each import's batches anyway.
SORTS = {
    "source": ("source", "run_id"),
    "-source": ("-source", "-run_id"),
    "when": ("ended", "run_id"),
    "-when": ("-ended", "-run_id"),
    "proposed": ("taken", "run_id"),
    "-proposed": ("-taken", "-run_id"),
    "refused": ("left", "run_id"),
    "-refused": ("-left", "-run_id"),
}
_DIGITS = {validation.HEX[kind]: kind for kind in ("md5", "sha1", "sha256")}


@dataclass(frozen=True)
class Run:
    """An import."""

    id: UUID
    source: str
    proposer: str
    mine: bool
    begun: datetime
    ended: datetime
    accepted: int
    refused: int
    held: bool


@dataclass
class BulkOutcome:
    """Result of certifying by digests: entries certified and activated, unknown digests, and reasons of refusals."""

    certified: list[UUID] = field(default_factory=list)
    active: int = 0
    unknown: int = 0
    refused: list[str] = field(default_factory=list)


def runs(actor: Actor, part: ListPage = FIRST_PAGE, source: str = "") -> tuple[list[Run], bool]:
    """A part of the imports, of sources that say `source`, newest first or by one of `SORTS`; whether more follow."""
    actor.require("indicators.read")
    with acting(actor):
        rows = _runs().order_by("-ended", "-run_id")
        rows = rows.filter(source__icontains=source) if source else rows
        found, more = part.of(rows, SORTS, PER_PAGE)
        names = directory.names(row["organisation_id"] for row in found)
        open_ones = holds.of_runs(row["run_id"] for row in found)
        return [_run(actor, row, names, open_ones) for row in found], more


def load_run(actor: Actor, run_id: UUID) -> Run:
    """One import. Raises `NotFound`."""
    actor.require("indicators.read")
    with acting(actor):
        row = _runs().filter(run_id=run_id).order_by("-ended").first()
        if row is None:
            raise NotFound
        return _run(actor, row, directory.names([row["organisation_id"]]), holds.of_runs([run_id]))


def certify(actor: Actor, run_id: UUID, text: str, way: Way = NO_INPUT) -> BulkOutcome:
    """Certify what one's organisation holds of an import: `text` has a digest (MD5, SHA-1 or SHA-256) a line.

    Raises `Invalid` naming the line, `NotFound`, and as `approve.approve`, once for all of them.
    """
    actor.require("indicators.certify")
    load_run(actor, run_id)
    digests = read(text)
    if not digests:
        raise Invalid("Enter 1 to {most} digests at once.", field="digests", most=MOST)
    with acting(actor):
        mine = carrying(digests, IndicatorHash.objects.filter(indicator__run_id=run_id))
        known = {given for one in mine.values() for given in one}
        done = BulkOutcome(unknown=sum(given not in known for given in digests))
        way = approvals.approve_many(actor, list(mine), way)
    for indicator, given in mine.items():
        try:
            done.active += register_certify.certify(actor, indicator, PossessionProof(given), way)
            done.certified.append(indicator)
        except TutelaError as error:
            if len(done.refused) < NAMED and str(error) not in done.refused:
                done.refused.append(str(error))
    return done


def read(text: str) -> list[HashValue]:
    """The digests that somebody pasted, one a line; none for nothing. Raises `Invalid` naming the line."""
    digests = [_digest(number, line) for number, line in enumerate(text.split(), 1)]
    if len(digests) > MOST:
        raise Invalid("Enter 1 to {most} digests at once.", field="digests", most=MOST)
    return digests


def carrying(digests: Sequence[HashValue], rows: QuerySet[IndicatorHash]) -> dict[UUID, list[HashValue]]:
    """The indicators that have one of these digests among these hashes, each with its own. Inside `acting(actor)`."""
    wanted, by_blind = Q(pk=None), {blind_index.blind(one.kind, one.value): one for one in digests}
    for blind, one in by_blind.items():
        wanted |= Q(kind=one.kind, blind=blind)
    found: dict[UUID, list[HashValue]] = {}
    for row in rows.filter(wanted):
        found.setdefault(row.indicator_id, []).append(by_blind[bytes(row.blind)])
    return found


def _runs() -> Any:
    rows = ImportBatch.objects.values("run_id", "source", "organisation_id")
    return rows.annotate(begun=Min("created_at"), ended=Max("created_at"), taken=Sum("accepted"), left=Sum("refused"))


def _run(actor: Actor, row: dict[str, Any], names: Mapping[UUID, str], open_ones: Container[UUID]) -> Run:
    owner = row["organisation_id"]
    return Run(
        row["run_id"],
        str(row["source"]),
        names[owner],
        owner == actor.organisation_id,
        row["begun"],
        row["ended"],
        row["taken"],
        row["left"],
        row["run_id"] in open_ones,
    )


def _digest(number: int, text: str) -> HashValue:
    value = text.lower()
    if len(value) not in _DIGITS or not re.fullmatch("[0-9a-f]+", value):
        raise Invalid("Line {number} is not an MD5, SHA-1 or SHA-256 digest.", field="digests", number=number)
    return HashValue(_DIGITS[len(value)], value)
