"""Certify an indicator; with enough certifications it becomes active, and a release is enqueued."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.cases import KIND
from tutela.indicators.integrity import signing, verification
from tutela.indicators.lifecycle import signals, state
from tutela.indicators.lifecycle.state_machine import Certify, IndicatorState, State
from tutela.indicators.models import (
    Activation,
    Certification,
    Indicator,
    VideoShown,
)
from tutela.indicators.register import approvals, proof_of_possession
from tutela.indicators.register.errors import (
    CountsNoLonger,
    NotCertifiable,
    NotTheSameItem,
    NotTheSameVideo,
    NotVouchedFor,
)
from tutela.indicators.register.preconditions import after, locked, require_member
from tutela.indicators.register.proof_of_possession import PossessionProof
from tutela.indicators.safeguards import activation_checks, quarantine, rate_limits
from tutela.organisations.approvals.approve import NO_INPUT as ALONE
from tutela.organisations.approvals.approve import Approval, Way


def certify(actor: Actor, indicator_id: UUID, held: PossessionProof | None = None, way: Way = ALONE) -> bool:
    """Certify an indicator; a video or an imported indicator needs proof of possession.

    Returns true if the indicator became active. Raises `ShowTheVideo`, `NotTheSameVideo`, `ShowTheDigest`,
    `NotTheSameItem`, `AlreadyCertified`, `NotCertifiable`, `UnderDispute`, `HeldForFlood`, `HeldAsOutlier`, `NotFound`,
    where it would become active as `activation_checks.refuse`, and as `approve.approve`.
    """
    with rate_limits.metered(actor, NotTheSameItem, NotTheSameVideo):
        require_member(actor, "indicators.certify")
        with acting(actor):
            film = proof_of_possession.film_of(indicator_id)
            if film is None:
                return _stand_behind(actor, indicator_id, held, None, way)
            _certifiable(actor, film.indicator, state.state_of(indicator_id))
        # Before the lock: nobody else waits for a comparison, and frames never change.
        shown = proof_of_possession.video_view(actor, film, held)
        with acting(actor):
            return _stand_behind(actor, indicator_id, held, shown, way)


def _stand_behind(
    actor: Actor, indicator_id: UUID, held: PossessionProof | None, shown: VideoShown | None, way: Way
) -> bool:
    row, before = locked(indicator_id)
    now = _certifiable(actor, row, before)
    if shown is None:
        proof_of_possession.of_imported(row, held)
    begins = now.state is State.ACTIVE and before.state is not State.ACTIVE
    if begins:
        activation_checks.refuse(row)
    approval = approvals.approve(actor, "certify", row, way)
    certification, facts = write_certification(actor, row, now.round, approval), dict[str, Any]()
    if shown is not None:
        shown.organisation_id, shown.certification = actor.organisation_id, certification
        shown.save(force_insert=True)
        facts = {"basis": shown.basis, "listed_percent": shown.listed_percent}
    claim.decided(actor, KIND, row.id)
    record(actor, "indicator.certified", "indicator", row.id, number=row.number, country=actor.country, **facts)
    if not begins:
        return False
    if row.pk not in verification.check(
        actor, [row.pk], verification.trust_store({UUID(one) for one, _country in now.certified})
    ):
        raise NotVouchedFor
    Activation.objects.create(organisation_id=actor.organisation_id, indicator=row, round=now.round, by=actor.reference)
    record(actor, "indicator.activated", "indicator", row.id, number=row.number)
    signals.activated(row.pk)
    return True


def _certifiable(actor: Actor, row: Indicator, before: IndicatorState) -> IndicatorState:
    """Return the indicator's state after a certification by the actor. Raises as `certify`, except for the proof of
    possession.
    """
    proposer = rate_limits.person(row.organisation_id, row.proposed_by)
    rate_limits.refuse_held(actor, row.organisation_id, proposer)
    if before.state is State.REVOKED:
        raise NotCertifiable
    quarantine.refuse_held(row)
    mine = Certification.objects.filter(indicator=row, organisation_id=actor.organisation_id, round=before.round)
    if not any(one == str(actor.organisation_id) for one, _ in before.certified) and mine.exists():
        raise CountsNoLonger
    return after(before, Certify(str(actor.organisation_id), actor.country))


def write_certification(actor: Actor, row: Any, number: int, approval: Approval | None = None) -> Certification:
    """Write the actor's signed certification of this round. Call inside `acting(actor)`."""
    now = clock.now()
    return Certification.objects.create(
        organisation_id=actor.organisation_id,
        indicator_id=row.pk,
        country=actor.country,
        by=actor.reference,
        by_name=actor.name[:200],
        round=number,
        created_at=now,
        approval_id=approval.pk if approval else None,
        envelope=signing.envelope(actor, row, number, now),
    )
