"""Items that a request names, and what is known of those that show the person who asks, or is represented.

An item is designated by a hash, an address or words (recital 38 of COM(2022) 209, a simulation). A person finds whether
it is own. Facts of any other item are refused: nobody learns of pictures of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import NotOwnItem, UnknownInformationRequest
from tutela.victims.information import rows
from tutela.victims.information.rows import SUBJECT, WORK
from tutela.victims.models import InformationItem, InformationRequest, InformationStepKind, ItemFact, Removed

MOST_ITEMS = 50


@dataclass(frozen=True)
class FactInput:
    """What is known of an item: which provider reported it and when, to whom it was forwarded, and removed or not."""

    place: int
    provider: str
    reported_on: date
    forwarded_to: str = ""
    removed: str = Removed.UNKNOWN.value


def add(actor: Actor, request_id: UUID, text: str) -> int:
    """Add the items of a text, one a line; returns how many. Raises `Invalid`, `RequestAnswered`."""
    actor.require(WORK)
    lines = [line.strip() for line in step_rows.checked(text).splitlines() if line.strip()]
    with acting(actor):
        row = rows.locked_open(request_id)
        before = row.items.count()
        if before + len(lines) > MOST_ITEMS:
            raise Invalid("A request names at most {most} items.", field="text", most=MOST_ITEMS)
        for place, line in enumerate(lines, before + 1):
            made = InformationItem(organisation_id=actor.organisation_id, request=row, place=place, named=line[:1000])
            subject_keys.seal_words(actor, SUBJECT, row.pk, made, "named")
            made.save(force_insert=True)
            rows.step(actor, row, InformationStepKind.ITEM)
    return len(lines)


def decide_own(actor: Actor, request_id: UUID, place: int, *, own: bool) -> None:
    """Record whether an item shows the person whose pictures are asked about. Raises `UnknownInformationRequest`."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked_open(request_id)
        item = _item(row, place)
        item.own = own
        item.save(update_fields=["own"])
        rows.step(actor, row, InformationStepKind.OWN if own else InformationStepKind.NOT_OWN, str(place))


def add_fact(actor: Actor, request_id: UUID, given: FactInput) -> None:
    """Record what is known of an own item. Raises `NotOwnItem`, `Invalid`."""
    actor.require(WORK)
    said = checked(given)
    with acting(actor):
        row = rows.locked_open(request_id)
        store(actor, row, said)
        rows.step(actor, row, InformationStepKind.FACT, str(given.place))


def checked(given: FactInput) -> FactInput:
    """A fact as it is stored. Raises `Invalid`."""
    provider = step_rows.checked(given.provider, "provider")
    forwarded = step_rows.checked(given.forwarded_to, "forwarded_to", required=False)
    if given.removed not in Removed.values:
        raise Invalid("Choose whether it was removed.", field="removed")
    if given.reported_on > clock.now().date():
        raise Invalid("The day is in the future.", field="reported_on")
    return replace(given, provider=provider, forwarded_to=forwarded)


def store(actor: Actor, row: InformationRequest, said: FactInput) -> None:
    """Store a checked fact of an own item. Raises `NotOwnItem`. Call inside `acting(actor)`."""
    item = _item(row, said.place)
    if not item.own:
        raise NotOwnItem(field="place")
    made = ItemFact(
        organisation_id=actor.organisation_id,
        item=item,
        provider=said.provider,
        forwarded_to=said.forwarded_to,
        reported_on=said.reported_on,
        removed=said.removed,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "provider")
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "forwarded_to")
    made.save(force_insert=True)


def opened(row: InformationRequest) -> list[InformationItem]:
    """The items of a request with readable texts; each has its readable facts as `known`. Inside `acting(actor)`."""
    found = list(row.items.all())
    subject_keys.open_words(SUBJECT, row.pk, found, "named")
    for item in found:
        known = list(item.facts.all())
        subject_keys.open_words(SUBJECT, row.pk, known, "provider")
        subject_keys.open_words(SUBJECT, row.pk, known, "forwarded_to")
        item.known = known  # type: ignore[attr-defined]
    return found


def _item(row: InformationRequest, place: int) -> InformationItem:
    item = row.items.filter(place=place).first()
    if item is None:
        raise UnknownInformationRequest(field="place")
    return item
