"""What a member sees of the register: the list with filters, and the dossier of one indicator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import Recorded, record, timeline
from tutela.indicators import hashes
from tutela.indicators.models import Dispute
from tutela.indicators.queries import with_state
from tutela.organisations import directory

PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """An indicator in a list."""

    id: UUID
    number: str
    media_type: str
    classification: str
    state: str
    proposer: str
    countries: list[str]
    created_at: datetime
    mine: bool


@dataclass(frozen=True)
class Stand:
    """An organisation's certification."""

    organisation: str
    country: str
    by: str
    at: datetime


@dataclass(frozen=True)
class HashShown:
    """A hash as a dossier shows it: whole for digests, shortened for perceptual ones, which are sensitive."""

    kind: str
    shown: str
    quality: int | None
    hasher: str


@dataclass(frozen=True)
class Dossier:
    """Everything about one indicator that a member may see."""

    line: Line
    reason: str
    series: str
    hashes: list[HashShown]
    stands: list[Stand]
    disputes: list[Dispute]
    revoked_reason: str
    events: list[Recorded] = field(default_factory=list)


def listing(
    actor: Actor, *, state: str = "", text: str = "", mine: bool = False, page: int = 1
) -> tuple[list[Line], bool]:
    """A page of the register, newest first, and whether there is another. `text` is a number or a whole digest."""
    actor.require("indicators.read")
    with acting(actor):
        rows = with_state().order_by("-created_at").prefetch_related("certifications")
        if state == "mine_to_certify":
            rows = rows.filter(state="proposed").exclude(certifications__organisation_id=actor.organisation_id)
        elif state:
            rows = rows.filter(state=state)
        if mine:
            rows = rows.filter(organisation_id=actor.organisation_id)
        if text:
            found = [hashes.blind(kind, text.strip().lower()) for kind in hashes.HEX]
            rows = rows.filter(number__iexact=text.strip()) | rows.filter(hashes__blind__in=found)
            rows = rows.distinct()
        start = (page - 1) * PER_PAGE
        lines = [_line(actor, row) for row in rows[start : start + PER_PAGE + 1]]
    return lines[:PER_PAGE], len(lines) > PER_PAGE


def counts(actor: Actor) -> dict[str, int]:
    """How many indicators are in each state."""
    with acting(actor):
        states = with_state().values_list("state", flat=True)
        return {s: sum(1 for x in states if x == s) for s in ("proposed", "active", "suspended", "revoked")}


def waiting_for(actor: Actor) -> int:
    """How many proposals the actor's organisation could still certify."""
    with acting(actor):
        rows = with_state().filter(state="proposed")
        return int(rows.exclude(certifications__organisation_id=actor.organisation_id).count())


def of(actor: Actor, indicator_id: UUID) -> Dossier:
    """The dossier; the access is recorded with the actor's purpose. Raises `NotFound`."""
    actor.require("indicators.read")
    with acting(actor):
        row = with_state().filter(pk=indicator_id).prefetch_related("certifications", "hashes").first()
        if row is None:
            raise NotFound
        record(actor, "indicator.viewed", "indicator", row.id)
        revocation = getattr(row, "revocation", None)
        return Dossier(
            line=_line(actor, row), reason=row.reason, series=row.series,
            hashes=[_shown(h.kind, hashes.opened(h), h.quality, h.hasher) for h in row.hashes.all()],
            stands=[
                Stand(directory.entry(c.organisation_id).name, c.country, c.by_name, c.created_at)
                for c in row.certifications.order_by("created_at")
            ],
            disputes=list(row.disputes.select_related("decision").order_by("created_at")),
            revoked_reason=revocation.reason if revocation else "",
            events=timeline("indicator", row.id),
        )  # fmt: skip


def _line(actor: Actor, row: Any) -> Line:
    return Line(
        row.id, row.number, row.media_type, row.classification, row.state,
        directory.entry(row.organisation_id).name, sorted({c.country for c in row.certifications.all()}),
        row.created_at, any(c.organisation_id == actor.organisation_id for c in row.certifications.all()),
    )  # fmt: skip


def _shown(kind: str, value: str, quality: int | None, hasher: str) -> HashShown:
    return HashShown(kind, f"{value[:8]}…" if kind in ("pdq", hashes.WINDOW) else value, quality, hasher)
