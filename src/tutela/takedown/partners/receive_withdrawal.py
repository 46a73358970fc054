"""Take back cases that victim support sent: the person withdrew or paused the request.

1. Only the sender of a case takes it back. For everybody else it does not exist.
2. Nothing is reported about it any more. A search that was asked for ends.
3. A case that only this sender named, and that nobody has assessed, is closed. What others reported, or what was
   assessed as illegal, stays the hotline's own.
"""

from __future__ import annotations

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.exchange.takedown.victim_support import CaseWithdrawn
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import UnknownTransfer
from tutela.takedown.intake import search_mandates
from tutela.takedown.models import IncomingCase, IncomingLocation, Source, Stage
from tutela.takedown.partners import partner_list


def receive(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Take a case back, once. Raises `UnknownTransfer`, or a ValidationError."""
    message = CaseWithdrawn.from_bytes(body)
    actor = directory.acting_for(hotline, sender.reference, sender.organisation_name)

    def work() -> tuple[int, str]:
        found = IncomingCase.objects.select_for_update()
        row = found.filter(sender_id=sender.organisation_id, reference=message.case_reference).first()
        if row is None or not sender.verified:
            raise UnknownTransfer
        if row.withdrawn_at is None:
            row.withdrawn_at = clock.now()
            row.save(update_fields=["withdrawn_at"])
            record(actor, "partner.case_withdrawn", partner_list.SUBJECT, row.pk)
            search_mandates.end_of(actor, row.pk)
            for place in row.places.order_by("case_id"):
                _close(actor, place)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _close(actor: Actor, place: IncomingLocation) -> None:
    """Rule 3."""
    case = rows.locked(place.case_id)
    others = case.sources.exclude(source=Source.VICTIMS).exists()
    waiting = case.from_partners.filter(incoming__withdrawn_at=None).exists()
    if case.stage != Stage.ASSESS or others or waiting or case.assessments.filter(round=case.round).exists():
        return
    case.stage, case.closed_at, case.next_check_at = Stage.CLOSED, clock.now(), None
    case.save(update_fields=["stage", "closed_at", "next_check_at"])
    claim.decided(actor, rows.SUBJECT, case.pk)
    record(actor, "takedown.withdrawn", rows.SUBJECT, case.pk)
