"""Report every change of a partner's case back to the partner, in order, through the outbox.

1. A change of a case is a status for each partner that sent its address (`case_changes`), in the same transaction.
2. A kind that may not follow the earlier ones (`hotline_message.may_follow`) is not sent.
3. The number of a status counts the changes of the partner's case. The outbox keeps their order.
4. A case that was known here reports at once what was done before.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.exchange.takedown.hotline_message import Action, ActionKind, HotlineStatus, may_follow
from tutela.organisations.messages import outbox
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.models import (
    Availability,
    IncomingCase,
    IncomingLocation,
    PoliceStepKind,
    SentStatus,
    TakedownCase,
)
from tutela.takedown.partners import compose_case, partner_list

KIND = "hotline-status"
# Stated where the message needs a reason. No text of a person leaves.
REASONS = {ActionKind.NOT_ILLEGAL: "Assessed as not illegal under the law of the hosting country."}


def take_change(actor: Actor, case_id: UUID, kind: ActionKind) -> None:
    """Report a change to every partner that sent the address. Subscribed to `case_changes`."""
    for location in IncomingLocation.objects.filter(case_id=case_id, incoming__sender_id__isnull=False).order_by("pk"):
        _report(actor, location, kind, clock.now())


def catch_up(actor: Actor, location: IncomingLocation, case: TakedownCase) -> None:
    """Rule 4. Call inside `acting(actor)`, the case locked."""
    done: list[tuple[datetime, ActionKind]] = []
    if told := case.police_steps.filter(kind=PoliceStepKind.REPORTED).order_by("created_at").first():
        done.append((told.created_at, ActionKind.REPORTED_TO_POLICE))
    sent = case.notices.filter(sent_at__isnull=False).order_by("sent_at")
    if first := sent.values_list("sent_at", flat=True).first():
        done.append((first, ActionKind.REPORTED_TO_HOST))
    if case.availability == Availability.HOST_SAYS:
        done.append((clock.now(), ActionKind.HOST_SAYS_REMOVED))
    for at, kind in sorted(done):
        _report(actor, location, kind, at)


def _report(actor: Actor, location: IncomingLocation, kind: ActionKind, at: datetime) -> None:
    incoming = IncomingCase.objects.select_for_update().get(pk=location.incoming_id)
    before = location.statuses.order_by("sequence").values_list("kind", flat=True)
    if incoming.sender_id is None or incoming.withdrawn_at is not None:
        return
    if not may_follow(tuple(ActionKind(one) for one in before), kind):
        return
    case = TakedownCase.objects.get(pk=location.case_id)
    hosting = compose_case.hosting_of(case) if kind is ActionKind.MOVED else None
    if kind is ActionKind.MOVED and hosting is None:
        return
    if not partner_list.exchanges(incoming.sender_id):
        return
    incoming.sequence += 1
    incoming.save(update_fields=["sequence"])
    row = SentStatus(
        id=uuid7(), organisation_id=actor.organisation_id, location=location, sequence=incoming.sequence, kind=kind
    )
    row.at = at
    row.save(force_insert=True)
    status = HotlineStatus(
        message_id=row.pk,
        case_reference=incoming.reference,
        own_reference=case.number,
        location=location.reference,
        sequence=row.sequence,
        action=Action(kind=kind, at=at, reason=REASONS.get(kind)),
        hosting=hosting,
    )
    desk = "removal/statuses" if partner_list.is_victim_support(incoming.sender_id) else "takedown/hotline-statuses"
    path = f"/api/v1/organisations/{incoming.sender_id}/{desk}"
    key = f"hotline-status:{incoming.pk}:{row.sequence}"
    body = status.to_bytes().decode()
    outbox.send(actor, incoming.sender_id, KIND, path, body, key=key, subject_id=incoming.pk)
    record(actor, "takedown.status_reported", SUBJECT, case.pk, step=str(kind), sequence=row.sequence)
