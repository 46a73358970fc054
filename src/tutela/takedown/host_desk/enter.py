"""Notices that reached a host another way: XARF or ARF files of strangers, letters and mails that a person enters.

1. A file is read by its format; media in it is removed unseen. A report in XARF or ARF is taken as made in good faith.
2. The notifier is known by the e-mail address, so that the share of notices acted on counts for strangers too. Nobody
   needs to be named (DSA Art. 16(2)(c)): each notice without a name is one of its own.
3. A reference of a notifier is one notice, as for those that arrive by the API. A notice without one has that of its
   contents and day: what is sent twice is one, and what is reported again later is new.
4. Answers leave by hand, as a file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown import arf, backlog_mail
from tutela.exchange.takedown.notice import Location, Notifier, NotifierKind
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.web_address import for_notice, normalise
from tutela.exchange.takedown.xarf import document as xarf
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import AnotherNotice, PlainEmail
from tutela.takedown.host_desk.notice_rows import DECIDE, SUBJECT, purpose
from tutela.takedown.host_desk.receive import DECIDE_WITHIN, PREFIX
from tutela.takedown.models import IncomingNotice, NoticeOrigin

MOST_BYTES = xarf.MOST_BYTES
MOST_ADDRESSES = 1000
UNNAMED = "Not named"
# What a file says without words of its own.
EXPLANATION = "Reported as child sexual abuse material by a machine-readable report."
ARF_EXPLANATION = "Reported by a message in the ARF format, of type {kind}. The message does not say what is illegal."
ARF_TYPES = ("abuse", "other")
NEITHER = (
    "This is neither an XARF document nor an e-mail with an address. Copy the addresses and the text into the form."
)


@dataclass(frozen=True)
class NoticeEntry:
    """The notice, and whether it is a new one."""

    id: UUID
    new: bool


@dataclass(frozen=True)
class EnteredNotice:
    """A notice as a person enters it. `reference` is the notifier's own; empty makes one of the contents."""

    kind: str
    name: str = ""
    email: str = ""
    reference: str = ""
    explanation: str = EXPLANATION
    addresses: tuple[str, ...] = ()


def enter(actor: Actor, given: EnteredNotice, origin: str = NoticeOrigin.HAND) -> NoticeEntry:
    """Store a notice, or find the one that it is. Raises `Invalid`, `AnotherNotice`."""
    actor.require(DECIDE)
    wire = _wire(given)
    return redrawn(lambda: _stored(actor, given, wire, origin))


def enter_file(actor: Actor, data: bytes, given: EnteredNotice) -> NoticeEntry:
    """Store the notice of an XARF document or an ARF message. What the file names comes first.

    Raises as `enter`, and `PlainEmail` for an e-mail that no machine wrote, with `addresses` of its text as value.
    """
    actor.require(DECIDE)
    if not data.strip():
        raise Invalid("The file is empty.", field="file")
    if len(data) > MOST_BYTES:
        raise Invalid("A file has at most {most} bytes.", field="file", most=MOST_BYTES)
    try:
        is_json = data.lstrip()[:1] == b"{"
        if not is_json and b"feedback-report" not in data:
            raise _plain_email(data)
        read = _of_xarf(xarf.parse(data), given) if is_json else _of_arf(arf.parse_arf(data), data, given)
    except ExchangeError as error:
        raise Invalid("The file cannot be read: {reason}", field="file", reason=str(error)) from None
    return enter(actor, read, NoticeOrigin.XARF if is_json else NoticeOrigin.ARF)


def _plain_email(data: bytes) -> Invalid:
    """Why a file that is neither format is refused."""
    _at, found = backlog_mail.addresses_of_message(data, backlog_mail.MailCounts())
    addresses = list(dict.fromkeys(one.normal for one, _reason in found if one is not None))[:MOST_ADDRESSES]
    return PlainEmail(addresses="\n".join(addresses)) if addresses else Invalid(NEITHER, field="file")


def _of_xarf(parsed: xarf.ParsedXarf, given: EnteredNotice) -> EnteredNotice:
    if parsed.errors:
        raise xarf.XarfInvalidError(parsed.errors)
    said = parsed.document
    reporter: dict[str, Any] = said.get("reporter") or {}
    address = said.get("url")
    if not address:
        raise xarf.XarfUnreadableError("url: is required to find the content.")
    return replace(
        given,
        name=str(reporter.get("org", "")) or given.name,
        email=str(reporter.get("contact", "")) or given.email,
        reference=str(said["report_id"]),
        explanation=_explanation(said.get("description")),
        addresses=(str(address),),
    )


def _of_arf(report: arf.Feedback, data: bytes, given: EnteredNotice) -> EnteredNotice:
    if not report.addresses:
        raise arf.MailInvalidError("reported-uri: is required to find the content.")
    if report.feedback_type not in ARF_TYPES:
        raise arf.MailInvalidError("feedback-type: must be abuse or other; this one reports something else.")
    return replace(
        given,
        # The same message is the same notice, and another message about the same address is not.
        reference=given.reference or hashlib.sha256(data).hexdigest()[:16],
        explanation=ARF_EXPLANATION.format(kind=report.feedback_type),
        addresses=tuple(dict.fromkeys(report.addresses)),
    )


def _explanation(text: object) -> str:
    said = str(text or "").strip()
    return said if len(said) >= len(EXPLANATION) else f"{EXPLANATION} {said}".strip()


def _wire(given: EnteredNotice) -> Wire:
    """The notice as message. Raises `Invalid` naming the field."""
    if given.kind not in list(NotifierKind):
        raise Invalid("Choose the kind of notifier.", field="kind")
    if given.email and not given.name:
        raise Invalid("Enter the name, or neither name nor e-mail address.", field="name")
    addresses = list(dict.fromkeys(one.strip() for one in given.addresses if one.strip()))
    if not 1 <= len(addresses) <= MOST_ADDRESSES:
        raise Invalid("Enter 1 to {most} addresses.", field="addresses", most=MOST_ADDRESSES)
    for number, one in enumerate(addresses, 1):
        try:
            for_notice(normalise(one))
        except ExchangeError as error:
            raise Invalid("Line {n}: {reason}", field="addresses", n=number, reason=str(error)) from None
    try:
        named = given.name and given.email
        return Wire(
            reference=_plain(given.reference) or _reference(given, addresses),
            submitted_at=clock.now(),
            notifier=Notifier(kind=NotifierKind(given.kind), name=given.name, email=given.email) if named else None,
            explanation=given.explanation,
            locations=tuple(Location(url=one) for one in addresses),
            good_faith=True,
            language="en",
        )
    except ValidationError as error:
        raise Invalid("{reason}", field=_field(error), reason=in_words(error)) from None


def _plain(reference: str) -> str:
    """A reference as messages may have it: signs that they may not have become hyphens."""
    return re.sub(r"[^A-Za-z0-9._:/-]+", "-", reference).strip("-._:/")[:100]


def _reference(given: EnteredNotice, addresses: list[str]) -> str:
    """Rule 3."""
    said = [given.name, given.explanation, clock.now().date().isoformat(), *sorted(addresses)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def _field(error: ValidationError) -> str:
    place = error.errors()[0]["loc"]
    names = {"locations": "addresses", "url": "addresses", "email": "email", "name": "name"}
    return names.get(str(place[0]) if place else "", "explanation")


def _stored(actor: Actor, given: EnteredNotice, wire: Wire, origin: str) -> NoticeEntry:
    named = (given.email or given.name).casefold()
    # Without a name only the contents tell whether it is the same notice.
    notifier = uuid5(actor.organisation_id, named or f"{UNNAMED} {wire.reference} {_contents(wire)}")
    with acting(actor):
        known = IncomingNotice.objects.filter(notifier_id=notifier, reference=wire.reference).first()
        if known is not None:
            if known.sha256 != _contents(wire):
                raise AnotherNotice(field="reference")
            return NoticeEntry(known.pk, new=False)
        now = clock.now()
        row = IncomingNotice(
            organisation_id=actor.organisation_id,
            number=case_number(PREFIX),
            reference=wire.reference,
            notifier_id=notifier,
            notifier_name=(given.name or UNNAMED)[:200],
            notifier_kind=given.kind,
            origin=origin,
            sha256=_contents(wire),
            addresses=len(wire.locations),
            received_at=now,
            due_at=now + DECIDE_WITHIN,
        )
        row.sealed = subject_keys.seal(actor, SUBJECT, row.pk, wire.to_bytes(), purpose(row.pk))
        if not insert_ignore(row):
            raise NumberTaken
        record(actor, "hosting.entered", SUBJECT, row.pk, number=row.number, addresses=row.addresses, origin=origin)
    return NoticeEntry(row.pk, new=True)


def _contents(wire: Wire) -> str:
    """Digest of what was reported. The time of the entry is no part of it."""
    return hashlib.sha256(wire.model_dump_json(exclude={"submitted_at"}).encode()).hexdigest()
