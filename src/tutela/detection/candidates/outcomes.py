"""Record the outcome of a candidate in a row that names no item and no account and outlives both."""

from __future__ import annotations

from uuid import UUID

from tutela.casework.assignment import erasure
from tutela.detection.candidates.alerts import CANDIDATE, URGENT_CLOCK
from tutela.detection.errors import AlreadyDecided, DecidedBy
from tutela.detection.models import Candidate, Outcome
from tutela.events.actor import Actor
from tutela.law import clocks, retention
from tutela.organisations.people import members


def end(actor: Actor, candidate: Candidate, kind: str, *, reason_code: str = "", how: str = "") -> Outcome:
    """Write the outcome. The database allows one a candidate. Call inside `acting(actor)`."""
    Candidate.objects.filter(pk=candidate.pk).update(state=kind)
    clocks.stop_if_running(actor, URGENT_CLOCK, CANDIDATE, candidate.pk)
    best = candidate.matches.order_by("place").first()
    return Outcome.objects.create(
        organisation_id=actor.organisation_id,
        subject_id=candidate.pk,
        service_id=candidate.service_id,
        kind=kind,
        rule=best.rule if best else "",
        list_id=best.list_id if best else "",
        reason_code=reason_code,
        how=how,
        received_at=candidate.created_at,
        by=actor.reference,
    )


def refuse_ended(candidate_id: UUID) -> None:
    """Raises `AlreadyDecided` for a candidate that has an outcome, naming who decided. Call inside `acting(actor)`."""
    made = Outcome.objects.filter(subject_id=candidate_id).first()
    if made is None:
        return
    decided = made.kind in ("confirmed", "rejected")
    name = members.name_by_reference(made.organisation_id, made.by) if decided else ""
    raise DecidedBy(name=name) if name else AlreadyDecided()


def delete_rejected(actor: Actor, candidate: Candidate) -> None:
    """Delete the candidate, its matches and its reviews at once, and leave the tombstone that proves it."""
    subject = str(candidate.pk)
    candidate.delete()
    erasure.erase("candidate", UUID(subject))
    retention.bury(actor, "candidate.rejected", "candidate", subject)
