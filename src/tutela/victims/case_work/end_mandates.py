"""End mandates, by staff and by their last day. A request that only a mandate carried waits for another, paused."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.case_work import pause
from tutela.victims.models import ENDED, ActsFor, MandateEndReason, RemovalMandate, RemovalRequest, RequestStage
from tutela.victims.removal import mandates, rows
from tutela.victims.removal.mandates import RemovalMandateInput


def add(actor: Actor, request_id: UUID, given: RemovalMandateInput) -> None:
    """Record a mandate with its document; the one before ends. Raises `RequestEnded`, `Invalid`.

    A request that was paused because its mandate had ended goes on. What its person paused stays so.
    """
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        mandates.add(actor, request, given)
        if request.stage == RequestStage.PAUSED and not pause.by_person(request):
            pause.resume(actor, request)


def has(actor: Actor, request_id: UUID, mandate_id: UUID) -> bool:
    """Whether this mandate is one of this request."""
    with acting(actor):
        return RemovalMandate.objects.filter(pk=mandate_id, request=request_id).exists()


def by_staff(actor: Actor, request_id: UUID, mandate_id: UUID) -> None:
    """End a mandate, because the person or the representative said so. Raises `MandateOver`, `RequestEnded`."""
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        mandates.end(actor, request, mandate_id, MandateEndReason.DESK)
        _without(actor, request)


def expire(actor: Actor) -> int:
    """End the mandates whose last day is over; returns how many. For a job."""
    with acting(actor):
        found = mandates.expired(actor)
        for one in found:
            request = rows.locked(one.request_id)
            mandates.end_one(actor, request, one, MandateEndReason.EXPIRED)
            _without(actor, request)
    return len(found)


def _without(actor: Actor, request: RemovalRequest) -> None:
    """Pause a request that only a mandate carried. One that staff entered for the person has no conversation."""
    carried = request.acts_for != ActsFor.SELF and not mandates.has_own_access(request)
    if carried and not mandates.counting(request) and request.stage not in ENDED:
        pause.pause(actor, request)
