"""Files that a provider seals itself before it sends them: whom to seal to, and taking the ciphertext.

What can be judged without opening is judged: that it is one age file for one recipient, that its length fits the clear
size that is stated, that the key is still the addressee's, that the item is one of the report. The digests are the
provider's word, and the addressee checks them when it opens the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.exchange import age
from tutela.organisations import directory, shelf
from tutela.organisations.errors import Erased
from tutela.organisations.recipients import Recipient
from tutela.reports import evidence, jurisdiction, standing
from tutela.reports.errors import EvidenceNotWanted, FileTooLarge, OtherKey
from tutela.reports.evidence import Inside, Origin, Plan, Sealed
from tutela.reports.models import Evidence, Report, State
from tutela.reports.triage import body_of, locked

PIECE = 64 * 1024
UNWANTED = (State.UNFOUNDED, State.ERRONEOUS)


@dataclass(frozen=True)
class Stated:
    """What the provider says: which item, what is inside, and to which key it sealed."""

    item: UUID
    inside: Inside
    key_id: str


@dataclass(frozen=True)
class Whom:
    """To whom files of a report are sealed; or nobody, and why."""

    authority: str
    plan: Plan


def whom(sender: Actor, centre: Actor, report_id: UUID) -> Whom:
    """To whom a provider seals the files of its own report. Raises `NotFound`."""
    with acting(centre):
        row = Report.objects.filter(report_id=report_id, provider_id=sender.organisation_id).first()
        if row is None:
            raise NotFound
        entry = addressee_of(row)
        return Whom(entry.name if entry else "", evidence.plan(row.provider_id, entry.id if entry else None))


def addressee_of(row: Report) -> directory.Entry | None:
    """Who has the report or will get it: of the leading referral, else as resolved. Call inside `acting(actor)`.

    What repeats a report goes where that one goes.
    """
    row = row.duplicate_of or row
    sent = standing.lead_of(row)
    if sent is not None:
        return directory.entry(sent.authority_id)
    found = row.jurisdictions.order_by("-created_at", "-id").first()
    try:
        country = found.country if found else jurisdiction.resolve(body_of(row)).country
    except Erased:
        return None
    return directory.competent_for(country)


def take(
    sender: Actor, centre: Actor, report_id: UUID, stated: Stated, read: Callable[[int], bytes]
) -> tuple[Evidence, bool]:
    """Keep a sealed file; the same item twice is one file. Returns the row and whether it is new.

    Raises `Invalid` naming the field, `NotFound`, `OtherKey`, `EvidenceNotWanted`, `FileTooLarge`, `NoRoom`.
    """
    if stated.inside.size > settings.CONFIG.evidence_max_bytes:
        raise FileTooLarge(most=settings.CONFIG.evidence_max_bytes)
    to = _recipient(sender, centre, report_id, stated.key_id)
    part = received(read, stated.inside.size)
    try:
        with acting(centre):
            row = locked(report_id)
            _check(row, sender, stated)
            there = evidence.of_reports([report_id]).filter(
                file_id=str(stated.item), addressee_id=to.organisation_id
            ).first()  # fmt: skip
            if there is not None:
                part.discard()
                return there, False
            origin = Origin(report_id, sender.organisation_id, "native", str(stated.item))
            kept = evidence.keep(centre, origin, Sealed(part, to, stated.inside))
            if kept is None:
                raise OtherKey
            return kept, True
    except BaseException as error:
        part.give_up(error)
        raise


def received(read: Callable[[int], bytes], clear: int) -> shelf.Part:
    """The body of a request, written as it comes and judged without being opened. Raises `Invalid`, `NoRoom`."""
    part = shelf.begin()
    try:
        start = b""
        while len(start) <= age.LONGEST_HEADER and (piece := read(PIECE)):
            start += piece
        expected = age.header_size(start) + age.payload_size(clear)
        part.write(start)
        while part.size <= expected and (piece := read(PIECE)):
            part.write(piece)
        if part.size != expected:
            raise Invalid(
                "A sealed file of {clear} clear bytes has {expected} bytes; {found} or more came.", field="size",
                clear=clear, expected=expected, found=part.size,
            )  # fmt: skip
    except age.NotSealedError as error:
        part.discard()
        raise Invalid("{reason}", field="body", reason=str(error)) from None
    except BaseException:
        part.discard()
        raise
    return part


def _recipient(sender: Actor, centre: Actor, report_id: UUID, key_id: str) -> Recipient:
    found = whom(sender, centre, report_id).plan
    if found.recipient is None:
        raise Conflict("Nothing is kept for this report now ({why}). Preserve the file.", why=found.why_not)
    if found.recipient.key_id != key_id:
        raise OtherKey
    return found.recipient


def _check(row: Report, sender: Actor, stated: Stated) -> None:
    if row.provider_id != sender.organisation_id:
        raise NotFound
    if row.erased_at or row.state in UNWANTED:
        raise EvidenceNotWanted
    item = next((one for one in body_of(row).items if one.item_id == stated.item), None)
    if item is None:
        raise Invalid("The report has no item of this id.", field="item")
    for name in ("sha256", "sha1", "md5", "size"):
        said, known = getattr(stated.inside, name), getattr(item, name)
        if said and known is not None and said != known:
            raise Invalid("The report says otherwise of this item.", field=name)
