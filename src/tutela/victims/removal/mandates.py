"""Mandates of representatives: limited, with a last day, and withdrawn at any time. The person's own word beats them.

1. A trusted adult, lawyer, hotline or organisation may open a request for somebody. The mandate begins with it, for
   `BEGINS_WITH`; staff may record a longer one with its document.
2. The representative reads the progress while the mandate counts. Adding and pausing are part of it, or not. Only a
   longer mandate of the same kind goes on by the same conversation. Once a mandate was ended, or somebody else has the
   newer one, the conversation that opened the request has none for good.
3. It ends by its last day, or when the person, the representative or staff end it. Then the request is paused, unless
   the person has access of their own.
4. What the person in the pictures withdraws is withdrawn, whatever a mandate says (`withdraw`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record, record_of_hour
from tutela.organisations.keys import subject_keys
from tutela.victims.errors import MandateOver, NoMandate
from tutela.victims.models import (
    AccessRole,
    ActsFor,
    MandateEnd,
    MandateEndReason,
    RemovalMandate,
    RemovalRequest,
    StepKind,
)
from tutela.victims.removal import rows

BEGINS_WITH = timedelta(days=30)
LONGEST = timedelta(days=366)
# Who ended a mandate so does not want its representative any more.
FOR_GOOD = (MandateEndReason.PERSON, MandateEndReason.REPRESENTATIVE, MandateEndReason.DESK)


@dataclass(frozen=True)
class RemovalMandateInput:
    """A mandate as staff enter it, with the document that they saw."""

    kind: str
    last_day: date
    document: str
    may_add: bool = True
    may_pause: bool = True


def begin(actor: Actor, request: RemovalRequest) -> None:
    """The mandate with which a representative opens a request. Call inside `acting(actor)`."""
    last_day = clock.now().date() + BEGINS_WITH
    _store(actor, request, RemovalMandateInput(request.acts_for, last_day, ""), hourly=True)


def add(actor: Actor, request: RemovalRequest, given: RemovalMandateInput) -> None:
    """Record a mandate; the one before ends. Raises `Invalid`. Call inside `acting(actor)`, the request locked."""
    today = clock.now().date()
    if given.kind not in ActsFor.values or given.kind == ActsFor.SELF:
        raise Invalid("Choose who has the mandate.", field="kind")
    if not today <= given.last_day <= today + LONGEST:
        raise Invalid("The last day must be today or later, within a year.", field="last_day")
    rows.checked(given.document, "document")
    for one in counting(request):
        end_one(actor, request, one, MandateEndReason.REPLACED)
    _store(actor, request, given)
    request.acts_for = given.kind
    request.save(update_fields=["acts_for"])


def counting(request: RemovalRequest) -> list[RemovalMandate]:
    """The mandates that count today."""
    return list(request.mandates.filter(end=None, last_day__gte=clock.now().date()))


def covering(request: RemovalRequest) -> list[RemovalMandate]:
    """The mandates by which the representative who opened the request acts today. Rule 2."""
    return [] if over_for_good(request) else counting(request)


def over_for_good(request: RemovalRequest) -> bool:
    """Whether the representative who opened the request has lost its mandate, and not only by its last day. Rule 2."""
    kinds = set(request.mandates.values_list("kind", flat=True))
    return len(kinds) > 1 or request.mandates.filter(end__reason__in=FOR_GOOD).exists()


def require(request: RemovalRequest, role: str, what: str = "") -> None:
    """Raise `NoMandate` unless somebody with this role may do it.

    `what` is may_add, may_pause, or empty to read. What no mandate covers is the person's own: contact, and mandates.
    """
    if role == AccessRole.PERSON:
        return
    if not any(getattr(one, what, False) if what else True for one in covering(request)):
        raise NoMandate


def end(actor: Actor, request: RemovalRequest, mandate_id: UUID, reason: MandateEndReason) -> None:
    """End a mandate. Raises `MandateOver`. Call inside `acting(actor)`, the request locked."""
    row = request.mandates.filter(pk=mandate_id, end=None).first()
    if row is None:
        raise MandateOver
    end_one(actor, request, row, reason)


def end_one(actor: Actor, request: RemovalRequest, row: RemovalMandate, reason: MandateEndReason) -> None:
    """End a mandate that has not ended."""
    hourly = reason in (MandateEndReason.PERSON, MandateEndReason.REPRESENTATIVE)
    made = MandateEnd(
        organisation_id=actor.organisation_id,
        created_at=clock.this_hour() if hourly else clock.now(),
        mandate=row,
        reason=reason,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    if not insert_ignore(made):
        raise MandateOver
    rows.step(actor, request, StepKind.MANDATE_ENDED, hourly=hourly)


def expired(actor: Actor) -> list[RemovalMandate]:
    """Mandates whose last day is over and that have no end yet. Call inside `acting(actor)`."""
    rows_over = RemovalMandate.objects.filter(end=None, last_day__lt=clock.now().date())
    return list(rows_over.select_related("request").order_by("last_day", "pk"))


def has_own_access(request: RemovalRequest) -> bool:
    """Whether the person in the pictures has a conversation of their own."""
    return request.accesses.filter(role=AccessRole.PERSON).exists()


def _store(actor: Actor, request: RemovalRequest, given: RemovalMandateInput, *, hourly: bool = False) -> None:
    made = RemovalMandate(
        organisation_id=actor.organisation_id,
        created_at=clock.this_hour() if hourly else clock.now(),
        request=request,
        kind=given.kind,
        may_add=given.may_add,
        may_pause=given.may_pause,
        last_day=given.last_day,
        document=given.document.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, rows.SUBJECT, request.pk, made, "document")
    made.save(force_insert=True)
    rows.step(actor, request, StepKind.MANDATE, hourly=hourly)
    note = record_of_hour if hourly else record
    note(actor, "removal.mandate", rows.SUBJECT, request.pk, kind=given.kind, last_day=str(given.last_day))
