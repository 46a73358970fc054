"""Dossier of one indicator, as a member sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.record import Recorded, record, timeline
from tutela.events.transaction import acting
from tutela.indicators.hashes import encryption, rejected_items, validation
from tutela.indicators.integrity import invalidation, signing, verification
from tutela.indicators.lifecycle import state
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import (
    Clearing,
    Dispute,
    Erasure,
    Hold,
    LegalHold,
    Suspension,
    VideoShown,
)
from tutela.indicators.register import proof_of_possession, provenance, votes
from tutela.indicators.register.search import IndicatorLine, frames_of, line_of
from tutela.indicators.safeguards import holds as holding
from tutela.organisations.approvals import approval_files
from tutela.organisations.approvals.approve import Approval
from tutela.organisations.people import directory


@dataclass(frozen=True)
class Stand:
    """An organisation's certification."""

    organisation: str
    country: str
    by: str
    at: datetime
    round: int
    signature: str
    shown: VideoShown | None = None
    approval: Approval | None = None


@dataclass(frozen=True)
class HashShown:
    """Hash in a dossier: a sensitive perceptual hash is shortened, a digest is whole.

    Digests of a video with frames, and of imported indicators, are also shortened for organisations that have not
    certified them: with such a digest an organisation could pretend to hold the file.
    """

    kind: str
    shown: str
    quality: int | None
    hasher: str


@dataclass(frozen=True)
class Dossier:
    """Full content of one indicator for a member.

    `holds`: the indicator, if active, has valid certifications.
    """

    line: IndicatorLine
    reason: str
    series: str
    hashes: list[HashShown]
    stands: list[Stand]
    disputes: list[Dispute]
    suspensions: list[Suspension]
    round: int
    tally: votes.OpinionTally
    revoked_reason: str
    holds: bool = True
    refuted: bool = False
    legal_holds: list[LegalHold] = field(default_factory=list)
    erased: Erasure | None = None
    cleared: Clearing | None = None
    held: Hold | None = None
    digests_cut: bool = False
    imported: bool = False
    alike: list[proof_of_possession.Alike] = field(default_factory=list)
    events: list[Recorded] = field(default_factory=list)
    provenance: provenance.ProvenanceView | None = None
    approved: list[Approval] = field(default_factory=list)


def load_detail(actor: Actor, indicator_id: UUID, part: ListPage = FIRST_PAGE) -> Dossier:
    """Return the dossier with a page of its public events.

    The access is recorded. An active indicator with invalid certifications is suspended. Raises `NotFound`.
    """
    actor.require("indicators.read")
    with acting(actor):
        row = _row(indicator_id)
        record(actor, "indicator.viewed", "indicator", row.id)
        revocation, stands = getattr(row, "revocation", None), state.state_of(row.pk)
        certified = sorted(row.certifications.all(), key=lambda c: c.created_at)
        names = directory.names([row.organisation_id, *(c.organisation_id for c in certified)])
        frames = frames_of([row.pk]).get(row.pk)
        approved = {one.pk: one for one in approval_files.about(row.pk)}
        shows = frames is not None or row.run_id is not None
        whole = not shows or any(c.organisation_id == actor.organisation_id for c in certified)
        return Dossier(
            line=line_of(row, names, any(str(actor.organisation_id) == one for one, _ in stands.certified), frames),
            reason=row.reason,
            series=row.series,
            hashes=_hashes(row, whole=whole),
            stands=[_stand(c, names, approved.get(c.approval_id)) for c in certified],
            disputes=list(row.disputes.select_related("decision").order_by("created_at")),
            suspensions=list(row.suspensions.select_related("end").order_by("round")),
            round=stands.round,
            tally=votes.tally(row),
            revoked_reason=revocation.reason if revocation else "",
            holds=_holds(actor, row),
            legal_holds=list(row.legal_holds.select_related("end").order_by("created_at")),
            erased=getattr(row, "erasure", None),
            refuted=rejected_items.stands(row.pk),
            cleared=getattr(row, "clearing", None),
            held=holding.of_indicator(row).first(),
            digests_cut=not whole,
            imported=row.run_id is not None,
            alike=proof_of_possession.alike(row),
            events=timeline("indicator", row.id),
            provenance=provenance.provenance_of(row, part),
            approved=[one for one in approved.values() if one.act in ("revoke", "decide")],
        )


def _hashes(row: Any, *, whole: bool) -> list[HashShown]:
    return [_shown(h.kind, encryption.opened(h), h.quality, h.hasher, whole=whole) for h in row.hashes.all()]


def _row(indicator_id: UUID) -> Any:
    row = with_state().filter(pk=indicator_id).prefetch_related("certifications__shown", "hashes").first()
    if row is None:
        raise NotFound
    return row


def _stand(one: Any, names: dict[UUID, str], approved: Any) -> Stand:
    return Stand(
        names[one.organisation_id],
        one.country,
        one.by_name,
        one.created_at,
        one.round,
        signing.state(one),
        getattr(one, "shown", None),
        approved,
    )


def _holds(actor: Actor, row: Any) -> bool:
    """Return true if an active indicator has valid certifications.

    Otherwise its suspension is enqueued.
    """
    behind = {one.organisation_id for one in row.certifications.all()}
    holds = row.state != "active" or row.pk in verification.check(actor, [row.pk], verification.trust_store(behind))
    if not holds:
        invalidation.order_one(row.pk)
    return holds


def _shown(kind: str, value: str, quality: int | None, hasher: str, *, whole: bool) -> HashShown:
    cut = kind in validation.LOOKS or (not whole and kind != validation.FRAMES)
    return HashShown(kind, f"{value[:8]}…" if cut else value, quality, hasher)
