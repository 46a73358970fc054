"""Receive hand-overs of other organisations, and the steps that the other side takes.

1. A hand-over is stored and acknowledged at once. A person accepts or refuses it afterwards.
2. Only the two organisations of a hand-over speak about it. For everybody else it does not exist.
3. A number is one step. The same message again changes nothing; another one with its number is refused.
4. An older step that arrives late is kept and changes no state; so is one that cannot follow.
"""

from __future__ import annotations

from tutela import clock
from tutela.casework.hand_overs import rows, states
from tutela.casework.hand_overs.errors import ReferenceTaken, StepOutOfOrder, UnknownHandOver
from tutela.casework.hand_overs.rows import PREFIX, SUBJECT
from tutela.casework.models import AgencyHandOver, AgencyKind, HandOverState, Way
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.exchange.hand_overs.hand_over import HandOverMessage, HandOverReceipt, HandOverStatus
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry


def receive(sender: Actor, agency: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a hand-over, once, and answer with its receipt. Raises a ValidationError, `ReferenceTaken`."""
    message = HandOverMessage.from_bytes(body)
    sender.require_verified()
    actor = directory.acting_for(agency, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        row = _known(sender, message) or _stored(actor, sender, message)
        receipt = HandOverReceipt(reference=message.reference, own_reference=row.number, at=clock.now())
        return 201, receipt.to_bytes().decode()

    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, work))


def receive_status(sender: Actor, agency: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Record a step of the other side, once. Raises `UnknownHandOver`, `StepOutOfOrder`, or a ValidationError."""
    status = HandOverStatus.from_bytes(body)
    actor = directory.acting_for(agency, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        _take(actor, _of(sender, status), status)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _known(sender: Actor, message: HandOverMessage) -> AgencyHandOver | None:
    rows_known = AgencyHandOver.objects.filter(way=Way.RECEIVED, agency_id=sender.organisation_id)
    row = rows_known.filter(reference=message.reference).first()
    if row is not None and any(getattr(row, name) != value for name, value in _said(message).items()):
        raise ReferenceTaken(field="reference")
    return row


def _said(message: HandOverMessage) -> dict[str, object]:
    return {
        "need": message.need.value,
        "actions": [one.value for one in message.actions],
        "ground": message.ground.value,
        "due_on": message.due_on,
        "urgent": message.urgent,
    }


def _stored(actor: Actor, sender: Actor, message: HandOverMessage) -> AgencyHandOver:
    row = AgencyHandOver(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        way=Way.RECEIVED,
        reference=message.reference,
        agency_id=sender.organisation_id,
        agency_name=sender.organisation_name[:200],
        agency_kind=AgencyKind.DESK,
        state=HandOverState.RECEIVED,
        changed_at=clock.now(),
        **_said(message),
    )
    if not insert_ignore(row):
        raise NumberTaken
    rows.add_step(actor, row, HandOverState.RECEIVED)
    record(actor, "hand_over.received", SUBJECT, row.pk, number=row.number, need=row.need)
    return row


def _of(sender: Actor, status: HandOverStatus) -> AgencyHandOver:
    """Rule 2."""
    found = AgencyHandOver.objects.select_for_update().filter(agency_id=sender.organisation_id)
    way = Way.RECEIVED if status.step.value == HandOverState.WITHDRAWN else Way.SENT
    row = found.filter(way=way, reference=status.reference).first()
    if row is None or not sender.verified:
        raise UnknownHandOver
    return row


def _take(actor: Actor, row: AgencyHandOver, status: HandOverStatus) -> None:
    """Rules 3 and 4."""
    known = row.steps.filter(sequence=status.sequence).first()
    if known is not None:
        if known.sha256 != status.fingerprint():
            raise StepOutOfOrder(field="sequence")
        return
    state = HandOverState(status.step.value)
    because = status.refused_because.value if status.refused_because else ""
    late = status.sequence < rows.newest_sequence(row)
    step = rows.add_step if late or not states.may_follow(row.state, state) else rows.move
    step(actor, row, state, because=because, sequence=status.sequence, sha256=status.fingerprint())
