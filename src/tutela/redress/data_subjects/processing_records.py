"""Records of processing activities (GDPR Art. 30, LED Art. 24), and the hand-over when an organisation closes.

1. A record is changed by a new row with its code. The newest counts; earlier ones stay.
2. A hand-over names who continues the open work. Without a successor nothing may be open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.redress.data_subjects.requests import MANAGE, MOST_CHARACTERS, READ
from tutela.redress.errors import OpenWork
from tutela.redress.models import Complaint, ComplaintStage, DataRequest, HandOver, ProcessingRecord, Regime
from tutela.redress.models import Reversal as ReversalRow
from tutela.redress.reversals import hops

FIELDS = ("code", "purpose", "persons", "categories", "recipients", "erasure", "security")
OPTIONAL = ("transfers", "legal_basis")
HANDED = "hand_over"


@dataclass(frozen=True)
class RecordInput:
    """A record with the fields of the acts."""

    code: str
    regime: str
    purpose: str
    persons: str
    categories: str
    recipients: str
    erasure: str
    security: str
    transfers: str = ""
    legal_basis: str = ""
    profiling: bool = False


def add(actor: Actor, given: RecordInput) -> None:
    """Enter a record, or its newer version. Raises `Invalid` naming the field."""
    actor.require(MANAGE)
    if given.regime not in Regime.values:
        raise Invalid("Choose the act.", field="regime")
    if given.regime == Regime.LED and not given.legal_basis.strip():
        raise Invalid("Enter the legal basis (LED Art. 24(1)(g)).", field="legal_basis")
    for name in (*FIELDS, *OPTIONAL):
        said, most = getattr(given, name).strip(), 40 if name == "code" else 300
        if name in FIELDS and not said:
            raise Invalid("Enter a text.", field=name)
        if len(said) > most:
            raise Invalid("Enter at most {most} characters.", field=name, most=most)
    with acting(actor):
        made = ProcessingRecord.objects.create(
            organisation_id=actor.organisation_id, **vars(given), by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "processing_record.entered", "processing_record", made.pk, code=given.code)


def list_records(actor: Actor) -> list[ProcessingRecord]:
    """The newest version of every record, by code."""
    actor.require(READ)
    with acting(actor):
        return list(ProcessingRecord.objects.order_by("code", "-created_at", "-id").distinct("code"))


def hand_over(actor: Actor, closes_on: date, successor: UUID | None, text: str) -> None:
    """Record that the organisation closes. Raises `OpenWork` without a successor, `Invalid`."""
    actor.require(MANAGE)
    if closes_on < clock.now().date():
        raise Invalid("The day is in the past.", field="closes_on")
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise Invalid("Enter what happens to the data, at most {most} characters.", field="text", most=MOST_CHARACTERS)
    entry = directory.entry(successor) if successor else None
    if entry is not None and (not entry.verified or entry.id == actor.organisation_id):
        raise Invalid("Choose another verified organisation.", field="successor")
    with acting(actor):
        counts = open_work()
        if entry is None and any(counts.values()):
            raise OpenWork(open=sum(counts.values()), field="successor")
        made = HandOver(
            organisation_id=actor.organisation_id,
            successor_id=entry.id if entry else None,
            successor_name=entry.name[:200] if entry else "",
            closes_on=closes_on,
            text=text.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
            **counts,
        )
        subject_keys.seal_words(actor, HANDED, made.pk, made, "text")
        made.save()
        record(actor, "hand_over.recorded", HANDED, made.pk, successor=made.successor_id, **counts)


def list_hand_overs(actor: Actor) -> list[HandOver]:
    """Recorded hand-overs, newest first."""
    actor.require(READ)
    with acting(actor):
        rows = list(HandOver.objects.order_by("-created_at")[:50])
        for one in rows:
            subject_keys.open_words(HANDED, one.pk, [one], "text")
        return rows


def open_work() -> dict[str, Any]:
    """Open complaints, reversals and requests. Call inside `acting(actor)`."""
    return {
        "open_complaints": Complaint.objects.exclude(stage=ComplaintStage.CLOSED).count(),
        "open_reversals": ReversalRow.objects.filter(ended_at=None).exclude(hops.TEST).count(),
        "open_requests": DataRequest.objects.filter(stage="open").count(),
    }
