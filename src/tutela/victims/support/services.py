"""Services of a case: offered, accepted or declined by the person, under way, ended. Each change is a step.

A decline is the person's right: it has no consequence, and the service can be accepted later. Nothing needs the consent
of a parent.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.victims import step_rows
from tutela.victims.errors import BadSupportStep, UnknownService
from tutela.victims.models import ServiceKind, ServiceState, SupportService, SupportStage, SupportStepKind
from tutela.victims.support import rows, states
from tutela.victims.support.rows import WORK


def offer(actor: Actor, case_id: UUID, kinds: tuple[str, ...]) -> int:
    """Offer services; returns how many are new. Raises `Invalid`, `SupportCaseClosed`."""
    actor.require(WORK)
    if not kinds or any(one not in ServiceKind.values for one in kinds):
        raise Invalid("Choose the services.", field="kinds")
    with acting(actor):
        row = rows.locked_open(case_id)
        known = set(row.services.exclude(state__in=(ServiceState.ENDED,)).values_list("kind", flat=True))
        new = [one for one in dict.fromkeys(kinds) if one not in known]
        for one in new:
            SupportService.objects.create(
                organisation_id=actor.organisation_id, case=row, kind=one, changed_at=clock.now()
            )
            rows.step(actor, row, SupportStepKind.SERVICE, service=one, state=ServiceState.OFFERED)
        rows.begun(actor, row)
    return len(new)


def has(actor: Actor, case_id: UUID, service_id: UUID) -> bool:
    """Whether this service was offered in this case."""
    with acting(actor):
        return SupportService.objects.filter(pk=service_id, case=case_id).exists()


def change(actor: Actor, case_id: UUID, service_id: UUID, state: str, text: str = "") -> None:
    """Record what the person decided about a service, or how it goes on. Raises `UnknownService`, `BadSupportStep`."""
    actor.require(WORK)
    said = step_rows.checked(text, required=False)
    if state not in ServiceState.values:
        raise Invalid("Choose the state.", field="state")
    with acting(actor):
        row = rows.locked_open(case_id)
        service = row.services.filter(pk=service_id).first()
        if service is None:
            raise UnknownService
        if not states.service_may_follow(service.state, state):
            raise BadSupportStep(field="state")
        service.state, service.changed_at = state, clock.now()
        service.save(update_fields=["state", "changed_at"])
        supported = state in (ServiceState.ACCEPTED, ServiceState.RUNNING)
        rows.begun(actor, row, SupportStage.SUPPORTED if supported else SupportStage.BEGUN)
        rows.step(actor, row, SupportStepKind.SERVICE, said, service=service.kind, state=state)
