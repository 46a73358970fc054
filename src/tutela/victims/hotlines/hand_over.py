"""Hand addresses of a request over to a hotline, as a case; and take them back.

1. The hotline assesses what is at the addresses, sends notices, rechecks them to verified absence, and watches for 90
   days whether something reappears. It reports each change (`statuses`). Nothing of this is done twice here.
2. A case has the addresses and a reference: no fingerprint, no text of a person, and no name.
3. A pause and a withdrawal take the case back: the hotline reports nothing more, and closes what only this request
   named and nobody has assessed yet.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ContentKind, HotlineCase, HotlineLocation
from tutela.exchange.takedown.victim_support import CaseWithdrawn
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.victims.errors import NoHotlineKey, NothingToHandOver, RequestPaused
from tutela.victims.models import (
    AddressState,
    AddressStep,
    HotlineHandover,
    RemovalRequest,
    RequestedAddress,
    RequestStage,
    StepKind,
)
from tutela.victims.removal import addresses, rows

KIND, WITHDRAWN_KIND = "removal-case", "removal-case-withdrawn"


def hotlines(actor: Actor) -> list[DirectoryEntry]:
    """Verified hotlines of which this organisation has a key, those of its country first."""
    known = outbox.peers_with_credential(actor)
    found = [one for one in directory.list_organisations(kind="hotline") if one.verified and one.id in known]
    return sorted(found, key=lambda one: (one.country != actor.country, one.name))


def hand_over(actor: Actor, request_id: UUID, hotline_id: UUID) -> UUID:
    """Hand every new address of a request over; returns the hand-over's ID.

    Raises `RequestEnded`, `RequestPaused`, `NothingToHandOver`, `NoHotlineKey`.
    """
    actor.require(rows.WORK)
    with acting(actor):
        request = rows.locked_open(request_id)
        if request.stage == RequestStage.PAUSED:
            raise RequestPaused
        hotline = require_key(actor, hotline_id)
        waiting = list(request.addresses.filter(state=AddressState.NEW, handover=None))
        if not waiting:
            raise NothingToHandOver
        made = send_case(actor, request, hotline, waiting)
        rows.begun(actor, request, StepKind.ADDRESSES)
        record(actor, "removal.handed_over", rows.SUBJECT, request.pk, hotline=hotline.id, addresses=len(waiting))
    return made.pk


def require_key(actor: Actor, hotline_id: UUID) -> DirectoryEntry:
    """A hotline that this organisation can reach. Raises `NoHotlineKey`."""
    found = next((one for one in hotlines(actor) if one.id == hotline_id), None)
    if found is None:
        raise NoHotlineKey(field="hotline")
    return found


def new_row(actor: Actor, request: RemovalRequest, hotline: DirectoryEntry) -> HotlineHandover:
    """A hand-over with the next reference of a locked request, not stored yet."""
    return HotlineHandover(
        organisation_id=actor.organisation_id,
        request=request,
        hotline_id=hotline.id,
        hotline_name=hotline.name[:200],
        reference=f"{request.number}/{request.handovers.count() + 1}",
    )


def send_case(
    actor: Actor, request: RemovalRequest, hotline: DirectoryEntry, waiting: list[RequestedAddress]
) -> HotlineHandover:
    """Send addresses of a locked request as one case. Rules 1 and 2."""
    row = new_row(actor, request, hotline)
    row.save(force_insert=True)
    now, locations = clock.now(), []
    for one in waiting:
        one.handover, one.reference = row, f"{row.reference}/{one.place}"
        text = addresses.text_of(one, request)
        locations.append(HotlineLocation(reference=one.reference, url=text, kind=ContentKind.WEBSITE))
        step(actor, one, AddressState.SENT)
    wire = HotlineCase(
        message_id=uuid7(),
        case_reference=row.reference,
        sender=actor.organisation_name,
        recipient=hotline.name,
        sent_at=now,
        received_at=now,
        locations=tuple(locations),
    )
    path = f"/api/v1/organisations/{hotline.id}/takedown/hotline-cases"
    body, key = wire.to_bytes().decode(), f"removal-case:{row.pk}"
    outbox.send(actor, hotline.id, KIND, path, body, key=key, subject_id=row.pk, urgent=True)
    return row


def take_back(actor: Actor, request: RemovalRequest) -> int:
    """Rule 3; returns how many hotlines are told. Call inside `acting(actor)`, the request locked."""
    open_ones = list(request.handovers.filter(withdrawn_at=None))
    for row in open_ones:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        message = CaseWithdrawn(message_id=uuid7(), case_reference=row.reference, at=row.withdrawn_at)
        path = f"/api/v1/organisations/{row.hotline_id}/takedown/hotline-cases/withdrawals"
        key, body = f"removal-case-withdrawn:{row.pk}", message.to_bytes().decode()
        outbox.send(actor, row.hotline_id, WITHDRAWN_KIND, path, body, key=key, subject_id=row.pk, urgent=True)
        for one in row.addresses.all():
            step(actor, one, AddressState.WITHDRAWN)
    return len(open_ones)


def hand_over_again(actor: Actor, request: RemovalRequest) -> int:
    """Hand the addresses of a resumed request over again, to the hotline that had them; returns how many."""
    taken_back: dict[UUID, list[RequestedAddress]] = {}
    for one in request.addresses.filter(state=AddressState.WITHDRAWN).select_related("handover"):
        if one.handover is not None and one.sealed:
            taken_back.setdefault(one.handover.hotline_id, []).append(one)
    known = {one.id: one for one in hotlines(actor)}
    for hotline_id, waiting in taken_back.items():
        if hotline_id in known:
            send_case(actor, request, known[hotline_id], waiting)
    return sum(map(len, taken_back.values()))


def take_receipt(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Note a hotline's receipt of a case. Subscribed to the outbox; in the answer's transaction."""
    row = HotlineHandover.objects.filter(pk=UUID(answer.subject_id)).first()
    if row is None:
        return
    rows.locked(row.request_id)
    accepted = answer.accepted and answer.body.get("acceptance") in ("accepted", "duplicate")
    row.hotline_reference = str(answer.body.get("own_reference") or "")[:100]
    row.save(update_fields=["hotline_reference"])
    for one in row.addresses.filter(state=AddressState.SENT):
        state = AddressState.RECEIVED if accepted else AddressState.REFUSED
        step(actor, one, state, by_name=row.hotline_name)


def step(actor: Actor, row: RequestedAddress, state: AddressState, **more: object) -> bool:
    """Add a step to an address of a locked request; False if its number is known. Call inside `acting(actor)`."""
    said = {"at": clock.now(), "by_name": actor.name[:200], **more}
    made = AddressStep(
        organisation_id=actor.organisation_id,
        address=row,
        handover=row.handover,
        state=state,
        by=actor.reference,
        **said,
    )
    if not insert_ignore(made):
        return False
    row.state = state
    row.save(update_fields=["state", "handover", "reference"])
    record(actor, "removal.address", rows.SUBJECT, row.request_id, state=str(state))
    return True
