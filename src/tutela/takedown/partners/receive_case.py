"""Receive cases of partner hotlines, each once, and answer with a receipt.

1. The API key and the signature say who sent it (`organisations.web.api_keys`). The sender must be a partner, or a
   victim support that this hotline gave a key.
2. A reference of a sender is one case. The same case again has the same receipt; another one is refused.
3. Each address opens a case, or is one more report of its known case. All of it in one transaction, or nothing.
4. A case whose addresses are all hosted in other countries is answered with the country, and opens nothing.
5. What the sender assessed gives the priority in the queue, and nothing else: a person here assesses again.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, redrawn, uuid7
from tutela.events.record import record
from tutela.exchange.takedown.hotline_message import Acceptance, HotlineCase, HotlineLocation, HotlineReceipt
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.takedown.case_rows import SUBJECT, locked
from tutela.takedown.errors import AnotherHotlineCase, NotAPartner
from tutela.takedown.intake.open_case import Opened, Reported, open_case
from tutela.takedown.models import IncomingCase, IncomingLocation, Source
from tutela.takedown.partners import partner_list, report_status

# Labels that are final by INTERPOL's baseline come first, then everything that a partner assessed.
BASELINE, ASSESSED = 2, 1
# Somebody in the pictures asks for their removal.
REQUESTED = 3
BASELINE_LABELS = ("interpol:baseline", "iccam:1")


def receive(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a case, once, and answer with its receipt.

    Raises `NotAPartner`, `AnotherHotlineCase`, `Invalid`, or a ValidationError; nothing is stored then.
    """
    return taken(sender, hotline, key, body, HotlineCase.from_bytes(body))


def taken(sender: Actor, hotline: DirectoryEntry, key: str, body: bytes, case: HotlineCase) -> tuple[int, str]:
    """As `receive`, of a case that was read."""
    if not sender.verified or sender.organisation_kind not in ("hotline", "victim_support"):
        raise NotAPartner
    actor = directory.acting_for(hotline, sender.reference, sender.name, frozenset({"takedown.assess"}))

    def once() -> tuple[int, str]:
        if not partner_list.exchanges(sender.organisation_id):
            raise NotAPartner
        return 201, stored(actor, case, sender.organisation_name, sender.organisation_id)

    return redrawn(lambda: inbox.once(actor, sender.organisation_id, key, body, once))


def stored(actor: Actor, case: HotlineCase, sender_name: str, sender_id: UUID | None = None) -> str:
    """Rules 2 to 5; returns the receipt. Call inside `acting(actor)`."""
    digest, name = case.fingerprint(), sender_name[:200]
    of_sender = {"sender_id": sender_id} if sender_id else {"sender_id": None, "sender_name": name}
    known = IncomingCase.objects.filter(reference=case.case_reference, **of_sender).first()
    if known is not None:
        if known.sha256 != digest:
            raise AnotherHotlineCase(field="case_reference")
        return known.receipt
    row = IncomingCase(
        organisation_id=actor.organisation_id,
        sender_id=sender_id,
        sender_name=name,
        reference=case.case_reference,
        sha256=digest,
        locations=len(case.locations),
    )
    # A file was imported by a person, who has seen the country.
    elsewhere = _elsewhere(case, actor.country) if sender_id else ""
    requested = sender_id is not None and partner_list.is_victim_support(sender_id)
    opened = {} if elsewhere else _opened(actor, case, name, Source.VICTIMS if requested else Source.HOTLINE)
    receipt = _receipt(case, opened, elsewhere)
    row.receipt = receipt.to_bytes().decode()
    if not insert_ignore(row):
        # A twin was faster: the next run finds its row.
        raise NumberTaken
    for one in case.locations:
        if one.reference in opened:
            _place(actor, row, case, one, opened[one.reference], REQUESTED if requested else priority(one))
    record(actor, "partner.case_received", partner_list.SUBJECT, row.pk, acceptance=receipt.acceptance.value)
    return row.receipt


def _opened(actor: Actor, case: HotlineCase, sender: str, source: Source) -> dict[str, Opened]:
    """The case of each address, by the sender's reference; in one order, so that two senders never wait in a circle."""
    found = {}
    for one in sorted(case.locations, key=lambda location: location.url):
        said = f"{sender[:60]}: {one.reference}"[:120]
        found[one.reference] = open_case(actor, one.url, Reported(source, reference=said))
    return found


def _place(
    actor: Actor, incoming: IncomingCase, case: HotlineCase, said: HotlineLocation, opened: Opened, weight: int
) -> None:
    """Link an address with its case, and raise the case's priority."""
    mine = locked(opened.id)
    known = not (opened.new or opened.reopened)
    row = IncomingLocation(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        incoming=incoming,
        case=mine,
        reference=said.reference,
        known=known,
    )
    facts = case.model_copy(update={"locations": (said,)})
    row.sealed = subject_keys.seal(actor, SUBJECT, mine.pk, facts.to_bytes(), purpose(row.pk))
    row.save(force_insert=True)
    if weight > mine.priority:
        mine.priority = weight
        mine.save(update_fields=["priority"])
    if known and incoming.sender_id is not None:
        report_status.catch_up(actor, row, mine)


def priority(said: HotlineLocation) -> int:
    """Rule 5: by the newest assessment of the sender."""
    if not said.assessments:
        return 0
    return BASELINE if said.assessments[-1].classification in BASELINE_LABELS else ASSESSED


def purpose(location_id: UUID) -> str:
    """The purpose for which the facts of an address are sealed."""
    return f"takedown:{location_id}:partner"


def _elsewhere(case: HotlineCase, own: str) -> str:
    """Rule 4: a country where the case is hosted, if no address may be hosted here."""
    named = [one.hosting.country if one.hosting else None for one in case.locations]
    return "" if own in named or None in named else str(named[0])


def _receipt(case: HotlineCase, opened: dict[str, Opened], elsewhere: str) -> HotlineReceipt:
    first = opened.get(case.locations[0].reference)
    known = all(not (one.new or one.reopened) for one in opened.values())
    accepted = Acceptance.DUPLICATE if known else Acceptance.ACCEPTED
    return HotlineReceipt(
        message_id=case.message_id,
        case_reference=case.case_reference,
        acceptance=Acceptance.NOT_OUR_COUNTRY if elsewhere else accepted,
        own_reference=first.number if first else None,
        country=elsewhere or None,
        at=clock.now(),
    )
