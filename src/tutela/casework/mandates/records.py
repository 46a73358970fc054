"""Records of mandates: entered by an administrator, confirmed by a second one, withdrawn with a reason. Rows only grow.

An auditor reads the records of every organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.mandates import gate
from tutela.casework.mandates.errors import AlreadyDecided, NotTheSecondPerson
from tutela.casework.models import MandateOrigin, MandatePart, MandateRecord, MandateStep, MandateStepKind
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.people.password_links import require_own_password

PERMISSION = "organisation.manage"
SUBJECT = "mandate"
PAGE = "/desk/mandates/"
# A part is renewed after so long at the latest.
LONGEST = timedelta(days=3 * 366)
MOST_TEXT = 500
# A node opens with what `tutela setup` enters, for so long; until then two people record the real parts.
PROVISIONAL = timedelta(days=30)


@dataclass(frozen=True)
class MandateInput:
    """A part as it is entered."""

    part: str
    text: str
    dated: date
    expires_on: date


@dataclass(frozen=True)
class RecordState:
    """A record with what became of it, and the name of its organisation."""

    row: MandateRecord
    organisation: str
    confirmed: MandateStep | None
    withdrawn: MandateStep | None

    @property
    def pending(self) -> bool:
        """Whether it waits for a second person."""
        return self.confirmed is None and self.withdrawn is None

    @property
    def counts_today(self) -> bool:
        """Whether it counts today."""
        today = clock.now().date()
        return self.confirmed is not None and self.withdrawn is None and self.row.dated <= today <= self.row.expires_on


def add(actor: Actor, given: MandateInput) -> UUID:
    """Record a part of the mandate of the actor's organisation. Raises `Invalid` naming the field."""
    actor.require(PERMISSION)
    _check(given)
    with acting(actor):
        row = MandateRecord.objects.create(
            organisation_id=actor.organisation_id,
            part=given.part,
            text=given.text.strip(),
            dated=given.dated,
            expires_on=given.expires_on,
            **_by(actor),
        )
        record(actor, "mandate.recorded", SUBJECT, row.pk, part=given.part, expires=str(given.expires_on))
    return UUID(str(row.pk))


def confirm(actor: Actor, record_id: UUID) -> None:
    """Confirm what another person recorded. Raises `NotTheSecondPerson`, `AlreadyDecided`, `NotFound`."""
    actor.require(PERMISSION)
    with acting(actor):
        state = _own(actor, record_id)
        if state.row.by == actor.reference:
            raise NotTheSecondPerson
        if not state.pending:
            raise AlreadyDecided
        require_own_password(actor, state.row.created_at)
        _step(actor, state.row, MandateStepKind.CONFIRMED)
        record(actor, "mandate.confirmed", SUBJECT, record_id, part=state.row.part)


def withdraw(actor: Actor, record_id: UUID, reason: str) -> None:
    """Withdraw a record from now on. Raises `Invalid`, `AlreadyDecided`, `NotFound`."""
    actor.require(PERMISSION)
    with acting(actor):
        state = _own(actor, record_id)
        if not 1 <= len(reason.strip()) <= 300:
            raise Invalid("Enter a reason with at most 300 characters.", field="reason")
        _step(actor, state.row, MandateStepKind.WITHDRAWN, reason.strip())
        record(actor, "mandate.withdrawn", SUBJECT, record_id, part=state.row.part)


def records(actor: Actor) -> list[RecordState]:
    """Records of the actor's organisation, or of all for an auditor, newest first."""
    with acting(actor):
        rows = MandateRecord.objects.prefetch_related("steps").order_by("-created_at", "-id")
        found = list(rows if actor.audits else rows.filter(organisation_id=actor.organisation_id))
        names = directory.names({one.organisation_id for one in found})
        return [_state(one, names.get(one.organisation_id, "")) for one in found]


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """Parts that are missing or expire within 30 days, for an administrator's start page."""
    if not (actor.can(PERMISSION) and gate.is_gated(actor.organisation_kind)):
        return None
    count = sum(one.warns for one in gate.parts(actor))
    return (
        {"todos": [(_("Parts of the mandate that are missing or expire soon"), count, PAGE, True)]} if count else None
    )


def seed_provisional(actor: Actor) -> None:
    """Enter every part for `PROVISIONAL`, marked as entered at setup."""
    _seed(actor, MandateOrigin.SETUP, clock.now().date(), clock.now().date() + PROVISIONAL)


def seed_demonstration(actor: Actor, begins: date, ends: date) -> None:
    """Enter every part, marked as a demonstration. For the demonstration and tests."""
    _seed(actor, MandateOrigin.DEMONSTRATION, begins, ends)


def _seed(actor: Actor, origin: MandateOrigin, begins: date, ends: date) -> None:
    if not gate.is_gated(actor.organisation_kind):
        return
    with acting(actor):
        rows = [
            MandateRecord(
                organisation_id=actor.organisation_id,
                part=part,
                origin=origin,
                dated=begins,
                expires_on=ends,
                **_by(actor),
            )
            for part in MandatePart
        ]
        steps = [_new_step(actor, row, MandateStepKind.CONFIRMED) for row in rows]
        insert_all([*rows, *steps])
        record(actor, "mandate.seeded", SUBJECT, actor.organisation_id, origin=str(origin), expires=str(ends))


def _by(actor: Actor) -> dict[str, str]:
    return {"by": actor.reference, "by_name": actor.name[:200]}


def _new_step(actor: Actor, row: MandateRecord, kind: MandateStepKind, reason: str = "") -> MandateStep:
    return MandateStep(organisation_id=row.organisation_id, record=row, kind=kind, reason=reason, **_by(actor))


def _step(actor: Actor, row: MandateRecord, kind: MandateStepKind, reason: str = "") -> None:
    if not insert_ignore(_new_step(actor, row, kind, reason)):
        raise AlreadyDecided


def _state(row: MandateRecord, name: str) -> RecordState:
    steps = {one.kind: one for one in row.steps.all()}
    return RecordState(row, name, steps.get(MandateStepKind.CONFIRMED), steps.get(MandateStepKind.WITHDRAWN))


def _own(actor: Actor, record_id: UUID) -> RecordState:
    row = MandateRecord.objects.filter(organisation_id=actor.organisation_id, pk=record_id).first()
    if row is None:
        raise NotFound
    return _state(row, actor.organisation_name)


def _check(given: MandateInput) -> None:
    today = clock.now().date()
    if given.part not in MandatePart.values:
        raise Invalid("Choose one of: {known}.", field="part", known=", ".join(MandatePart.values))
    if not 1 <= len(given.text.strip()) <= MOST_TEXT:
        raise Invalid("Name the document with at most {most} characters.", field="text", most=MOST_TEXT)
    if given.dated > today:
        raise Invalid("The date of the document must not be in the future.", field="dated")
    if not today < given.expires_on <= today + LONGEST:
        raise Invalid("The expiry must be after today, within three years.", field="expires_on")
