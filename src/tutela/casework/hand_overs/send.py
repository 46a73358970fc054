"""Hand a need over to another agency: to an organisation with a desk by message, to any other by a letter.

1. A hand-over has codes alone: need, legal ground, day, and an opaque reference. It has no field for a name or a fact.
2. A school learns the protective action alone, whatever else the case needs.
3. An agency without a desk gets a letter (`letter`). A person records its receipt and its steps (`steps`).
4. A refused need stays with the sender until it is handed over again or settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.hand_overs import rows, states
from tutela.casework.hand_overs.errors import NoAgencyKey, NotRefused, StepOutOfOrder
from tutela.casework.hand_overs.rows import PREFIX, SUBJECT, WORK
from tutela.casework.models import (
    ActionKind,
    AgencyHandOver,
    AgencyKind,
    HandOverGround,
    HandOverNeed,
    HandOverState,
    Way,
)
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hand_overs.hand_over import HandOverMessage, HandOverStatus, HandOverStep
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry

KIND, STATUS_KIND = "hand-over", "hand-over-status"
# Kinds of organisation that hand over to each other.
AGENCIES = ("victim_support", "hotline", "authority", "coordinating_authority")


@dataclass(frozen=True)
class HandOverInput:
    """A hand-over as a person enters it. Either `agency_id` or `agency_name` names the addressee."""

    need: str
    ground: str
    due_on: date
    agency_id: UUID | None = None
    agency_name: str = ""
    agency_kind: str = AgencyKind.OTHER.value
    actions: tuple[str, ...] = ()
    urgent: bool = False
    # The own case; the addressee never learns of it.
    subject_kind: str = ""
    subject_id: UUID | None = None


def agencies(actor: Actor) -> list[DirectoryEntry]:
    """Verified organisations that this one can hand over to, those of its country first."""
    known = outbox.peers_with_credential(actor)
    found = [one for kind in AGENCIES for one in directory.list_organisations(kind=kind) if one.id in known]
    return sorted((one for one in found if one.verified), key=lambda one: (one.country != actor.country, one.name))


def hand_over(actor: Actor, given: HandOverInput, replaces: UUID | None = None) -> UUID:
    """Hand a need over; returns the hand-over's ID. Raises `Invalid`, `NoAgencyKey`, `NotRefused`."""
    actor.require(WORK)
    _check(given)

    def work() -> UUID:
        with acting(actor):
            agency = _agency(actor, given)
            before = _refused(replaces) if replaces else None
            row = _stored(actor, _inherited(given, before), agency)
            if before is not None:
                before.replaced_by = row
                rows.move(actor, before, HandOverState.SETTLED)
            if agency is not None:
                _send(actor, row, agency)
            return row.pk

    return redrawn(work)


def settle(actor: Actor, hand_over_id: UUID, text: str) -> None:
    """Settle a refused hand-over without another one, with the reason. Raises `NotRefused`, `Invalid`."""
    actor.require(WORK)
    said = rows.checked(text, required=True)
    with acting(actor):
        rows.move(actor, _refused(hand_over_id), HandOverState.SETTLED, said)


def withdraw(actor: Actor, hand_over_id: UUID, text: str) -> None:
    """Take a hand-over back, and tell its addressee. Raises `StepOutOfOrder`, `Invalid`."""
    actor.require(WORK)
    said = rows.checked(text, required=True)
    with acting(actor):
        row = rows.locked(hand_over_id)
        if row.way != Way.SENT:
            raise StepOutOfOrder(field="state")
        _take_back(actor, row, said)


def take_back(actor: Actor, subject_kind: str, subject_id: UUID) -> int:
    """Take every open hand-over of an own case back; returns how many. Call inside `acting(actor)`."""
    found = AgencyHandOver.objects.select_for_update().filter(way=Way.SENT, subject_kind=subject_kind)
    open_ones = [one for one in found.filter(subject_id=subject_id) if not states.ended(one)]
    for row in open_ones:
        if row.state == HandOverState.REFUSED:
            rows.move(actor, row, HandOverState.SETTLED)
        else:
            _take_back(actor, row)
    return len(open_ones)


def _take_back(actor: Actor, row: AgencyHandOver, text: str = "") -> None:
    rows.move(actor, row, HandOverState.WITHDRAWN, text)
    if row.agency_id is not None:
        # Nobody delivers, or sends again, what was taken back.
        outbox.settle_about(actor, row.agency_id, KIND, row.pk)
        outbox.supersede(actor, row.agency_id, KIND, row.pk)
    send_status(actor, row, HandOverStep.WITHDRAWN)


def send_status(actor: Actor, row: AgencyHandOver, step: HandOverStep, because: str = "") -> None:
    """Tell the other side a step; nothing where it has no desk. Call inside `acting(actor)`, the row locked."""
    if row.agency_id is None:
        return
    message = HandOverStatus.model_validate(
        {
            "message_id": uuid7(),
            "reference": row.reference,
            "sequence": rows.next_sequence(row),
            "step": step,
            "refused_because": because or None,
            "at": clock.now(),
        }
    )
    path = f"/api/v1/organisations/{row.agency_id}/hand-overs/statuses"
    key, body = f"hand-over-status:{message.message_id}", message.to_bytes().decode()
    outbox.send(actor, row.agency_id, STATUS_KIND, path, body, key=key, subject_id=row.pk, urgent=row.urgent)


def take_receipt(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Note the receipt of a hand-over. Subscribed to the outbox; in the answer's transaction."""
    row = AgencyHandOver.objects.select_for_update().filter(pk=UUID(answer.subject_id)).first()
    if row is None or not answer.accepted:
        return
    row.agency_reference = str(answer.body.get("own_reference") or "")[:100]
    if states.may_follow(row.state, HandOverState.RECEIVED):
        rows.move(actor, row, HandOverState.RECEIVED)
    else:
        row.save(update_fields=["agency_reference"])


def letter(row: AgencyHandOver) -> str:
    """The letter to an agency without a desk. A school reads the protective action, the day and the reference alone."""
    said = [
        _("Reference: {reference}. Answer with this reference.").format(reference=row.reference),
        _("Please begin by {day}.").format(day=row.due_on.isoformat()),
        *(str(ActionKind(one).label) for one in row.actions),
    ]
    if row.agency_kind != AgencyKind.SCHOOL:
        said.insert(1, _("Needed: {need}.").format(need=row.get_need_display()))
        said.append(_("Legal ground: {ground}.").format(ground=row.get_ground_display()))
    return "\n".join(said)


def _check(given: HandOverInput) -> None:
    if given.need not in HandOverNeed.values:
        raise Invalid("Choose what is needed.", field="need")
    if given.ground not in HandOverGround.values:
        raise Invalid("Choose the legal ground.", field="ground")
    if any(one not in ActionKind.values for one in given.actions):
        raise Invalid("Choose known protective actions.", field="actions")
    protects = given.need == HandOverNeed.PROTECTIVE_ACTION
    if protects != bool(given.actions):
        raise Invalid("Choose protective actions for a protective action, and only then.", field="actions")
    if given.due_on < clock.now().date():
        raise Invalid("The day is in the past.", field="due_on")
    if (given.agency_id is None) == (not given.agency_name.strip()):
        raise Invalid("Choose an organisation, or enter the name of an agency.", field="agency_id")
    if given.agency_id is None and (given.agency_kind not in AgencyKind.values or given.agency_kind == AgencyKind.DESK):
        raise Invalid("Choose the kind of agency.", field="agency_kind")
    if given.agency_id is None and given.agency_kind == AgencyKind.SCHOOL and not protects:
        raise Invalid("A school learns the protective action alone. Choose it.", field="need")


def _agency(actor: Actor, given: HandOverInput) -> DirectoryEntry | None:
    if given.agency_id is None:
        return None
    found = next((one for one in agencies(actor) if one.id == given.agency_id), None)
    if found is None:
        raise NoAgencyKey(field="agency_id")
    return found


def _refused(hand_over_id: UUID) -> AgencyHandOver:
    row = rows.locked(hand_over_id)
    if row.state != HandOverState.REFUSED or row.way != Way.SENT:
        raise NotRefused
    return row


def _inherited(given: HandOverInput, before: AgencyHandOver | None) -> HandOverInput:
    """A need that is handed over again stays with its case."""
    if before is None:
        return given
    said = {**vars(given), "subject_kind": before.subject_kind, "subject_id": before.subject_id}
    return HandOverInput(**said)


def _stored(actor: Actor, given: HandOverInput, agency: DirectoryEntry | None) -> AgencyHandOver:
    number = case_number(PREFIX)
    row = AgencyHandOver(
        organisation_id=actor.organisation_id,
        number=number,
        way=Way.SENT,
        reference=number,
        subject_kind=given.subject_kind,
        subject_id=given.subject_id,
        agency_id=agency.id if agency else None,
        agency_name=(agency.name if agency else given.agency_name.strip())[:200],
        agency_kind=AgencyKind.DESK if agency else given.agency_kind,
        need=given.need,
        actions=list(given.actions),
        ground=given.ground,
        due_on=given.due_on,
        urgent=given.urgent,
        state=HandOverState.SENT,
        owner=actor.reference,
        owner_name=actor.name[:200],
        changed_at=clock.now(),
    )
    if not insert_ignore(row):
        raise NumberTaken
    rows.add_step(actor, row, HandOverState.SENT)
    record(actor, "hand_over.sent", SUBJECT, row.pk, number=number, need=given.need, ground=given.ground)
    return row


def _send(actor: Actor, row: AgencyHandOver, agency: DirectoryEntry) -> None:
    message = HandOverMessage.model_validate(
        {
            "message_id": uuid7(),
            "reference": row.reference,
            "sender": actor.organisation_name,
            "recipient": agency.name,
            "need": row.need,
            "actions": tuple(row.actions),
            "ground": row.ground,
            "due_on": row.due_on,
            "urgent": row.urgent,
            "sent_at": clock.now(),
        }
    )
    path, body = f"/api/v1/organisations/{agency.id}/hand-overs", message.to_bytes().decode()
    outbox.send(actor, agency.id, KIND, path, body, key=f"hand-over:{row.pk}", subject_id=row.pk, urgent=row.urgent)
