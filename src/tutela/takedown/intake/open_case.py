"""Open the case of an address, or add a report to the case that it already has.

1. The address is normalised (`exchange.takedown.web_address`): equal addresses have one key, and one case.
2. A new address opens a case to assess. A known one counts one more report.
3. A closed case whose address is reported again is reopened, with its history.
4. What a public report leaves has the time of the hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.alerts import escalation
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.exchange.takedown.web_address import AddressInvalidError, WebAddress, normalise
from tutela.organisations.keys import subject_keys
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.errors import BadAddress
from tutela.takedown.intake.address_keys import address_key, host_key
from tutela.takedown.models import CaseReport, Stage, TakedownCase
from tutela.takedown.models import Source as Source

PREFIX = "T"


@dataclass(frozen=True)
class Reported:
    """How an address was reported. `reference` is a partner's number, or file and line of an import."""

    source: Source
    urgent: bool = False
    reference: str = ""
    conversation_id: UUID | None = None

    @property
    def hourly(self) -> bool:
        """Whether nothing may say when exactly somebody was there."""
        return self.source is Source.PUBLIC


@dataclass(frozen=True)
class Opened:
    """The case of an address, and whether this report opened or reopened it."""

    id: UUID
    number: str
    new: bool = False
    reopened: bool = False


def open_case(actor: Actor, text: str, reported: Reported) -> Opened:
    """Open the case of an address, or add this report to it. Raises `BadAddress`; nothing is stored then."""
    address = checked(text)

    def work() -> Opened:
        with acting(actor):
            return _opened(actor, address, reported)

    return redrawn(work)


def checked(text: str) -> WebAddress:
    """An address in its normal form. Raises `BadAddress` with the reason."""
    try:
        return normalise(text)
    except AddressInvalidError as error:
        raise BadAddress(reason=str(error), field="address") from None


def address_of(case: TakedownCase) -> WebAddress:
    """The address of a case. Raises `Erased`. Call inside `acting(actor)`."""
    return address_in(subject_keys.unseal(SUBJECT, case.pk, bytes(case.sealed_address), address_purpose(case.pk)))


def address_in(body: bytes) -> WebAddress:
    """The address in the opened body of a case."""
    return normalise(json.loads(body)["original"])


def _opened(actor: Actor, address: WebAddress, reported: Reported) -> Opened:
    key, at = address_key(actor.organisation_id, address), _moment(reported)
    row = TakedownCase.objects.select_for_update().filter(address_key=key).first()
    if row is None:
        row = _insert(actor, address, key, reported, at)
    if row is None:
        row = TakedownCase.objects.select_for_update().filter(address_key=key).first()
        if row is None:
            raise NumberTaken
        return _added(actor, row, address, reported, at)
    if row.sources.exists():
        return _added(actor, row, address, reported, at)
    _note(actor, row, reported, at, "opened")
    return Opened(row.pk, row.number, new=True)


def _insert(actor: Actor, address: WebAddress, key: bytes, reported: Reported, at: datetime) -> TakedownCase | None:
    pk = _id(reported)
    row = TakedownCase(
        id=pk,
        created_at=at,
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        address_key=key,
        host_key=host_key(actor.organisation_id, address),
        kind=address.kind,
        source=reported.source,
        reported_at=at,
        urgent=reported.urgent,
    )
    _seal(actor, row, address, reported)
    if insert_ignore(row):
        return row
    subject_keys.erase(SUBJECT, pk)  # of a row that there is not
    return None


def _seal(actor: Actor, row: TakedownCase, address: WebAddress, reported: Reported) -> None:
    """Seal the address by a new key of the case. The key of a public report has the time of the hour too."""
    key, box = subject_keys.begin(actor, SUBJECT, row.pk)
    if reported.hourly:
        key.id, key.created_at = uuid7_of_hour(), clock.this_hour()
    if insert_all([key]):
        raise NumberTaken
    row.sealed_since = _moment(reported)
    said = json.dumps({"original": address.original, "normal": address.normal})
    row.sealed_address = box.seal(said.encode(), address_purpose(row.pk))


def _added(actor: Actor, row: TakedownCase, address: WebAddress, reported: Reported, at: datetime) -> Opened:
    """One more report of a known address. The address of an erased case is sealed again, by a new key."""
    if row.erased_at:
        _seal(actor, row, address, reported)
        row.erased_at = None
    row.reports += 1
    row.urgent = row.urgent or reported.urgent
    reopened = row.stage == Stage.CLOSED
    if reopened:
        reopen(row, at)
    row.save()
    _note(actor, row, reported, at, "reopened" if reopened else "reported_again")
    return Opened(row.pk, row.number, reopened=reopened)


def reopen(row: TakedownCase, at: datetime) -> None:
    """Let a closed case begin a new round, with its history. The caller saves it.

    What was found before says nothing of the new round: a person looks first.
    """
    row.stage, row.reopened_at, row.closed_at, row.verdict = Stage.ASSESS, at, None, ""
    row.availability, row.next_check_at = "", None
    row.round += 1


def _note(actor: Actor, row: TakedownCase, reported: Reported, at: datetime, event: str) -> None:
    said = CaseReport(
        id=_id(reported),
        created_at=at,
        at=at,
        organisation_id=actor.organisation_id,
        case=row,
        source=reported.source,
        conversation_id=reported.conversation_id,
        urgent=reported.urgent,
        reference=reported.reference[:120],
    )
    if insert_all([said]):
        raise NumberTaken
    source, urgent = str(reported.source), reported.urgent
    if reported.hourly:
        record_of_hour(actor, f"takedown.{event}", SUBJECT, row.pk, source=source, urgent=urgent)
    else:
        record(actor, f"takedown.{event}", SUBJECT, row.pk, source=source, urgent=urgent)
    if reported.urgent:
        escalation.raise_first(actor, SUBJECT, row.pk)


def _id(reported: Reported) -> UUID:
    return uuid7_of_hour() if reported.hourly else uuid7()


def _moment(reported: Reported) -> datetime:
    return clock.this_hour() if reported.hourly else clock.now()


def address_purpose(case_id: UUID) -> str:
    """What the key of a case seals its address for."""
    return f"takedown:{case_id}:address"
