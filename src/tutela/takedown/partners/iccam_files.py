"""Cases as ICCAM JSON, for partners without an interface: export of one case, import of a file after its preview.

1. A file has one report in the form of `POST rest/reports`, or a list of them, in UTF-8. It is read as a whole.
2. A report that cannot be used is named with its reason in the preview; the others can be imported.
3. Until the import the file is kept sealed. The import opens each case once, by sender and reference; then it is empty.
4. ICCAM is reconstructed: no conformance is claimed (`exchange.takedown.iccam`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from pydantic import ValidationError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, TutelaError
from tutela.events.identifiers import redrawn, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import loaded
from tutela.exchange.takedown.hotline_message import HotlineCase, HotlineReceipt
from tutela.exchange.takedown.iccam import reports as iccam
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.takedown import case_rows as rows
from tutela.takedown.errors import (
    BacklogTooLarge,
    CaseFileUnreadable,
    NoIccam,
    TooManyAddresses,
    TooManyReports,
    UnknownCaseFile,
)
from tutela.takedown.intake.address_keys import address_key
from tutela.takedown.intake.open_case import checked
from tutela.takedown.models import CaseFile, IncomingCase, TakedownCase
from tutela.takedown.partners import compose_case, receive_case, send_case

SUBJECT = "case_file"
ASSESS, NOTIFY = "takedown.assess", "takedown.notify"
MOST_REPORTS, MOST_LOCATIONS, MOST_BYTES = 200, 2_000, 5_000_000
MOST_NAME = 160


@dataclass(frozen=True)
class ReportLine:
    """One report of a file: its addresses, how many are known, or why it cannot be used."""

    place: int
    reference: str
    addresses: tuple[str, ...] = ()
    known: int = 0
    imported: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Preview:
    """A file before its import."""

    row: CaseFile
    lines: list[ReportLine]

    @property
    def usable(self) -> int:
        """How many reports can be imported."""
        return sum(not one.fault and not one.imported for one in self.lines)


def export(actor: Actor, case_id: UUID) -> tuple[str, bytes]:
    """Number of a case, and the case as an ICCAM report; the download is recorded. Raises `NoIccam`,
    `NotIllegal`, `Held`, `WithPartner`.
    """
    actor.require(NOTIFY)
    with acting(actor):
        case = rows.locked(case_id)
        send_case.require_open(case)
        own = directory.entry(actor.organisation_id)
        named = sorted(compose_case.countries(case))
        country = case.hosting_country or (named[0] if len(named) == 1 else "")
        try:
            wire = compose_case.compose(case, uuid7(), case.number, (own.name, "ICCAM"), country, clock.now())
            report = iccam.to_report(wire, own.name, iccam.SiteFacts())
        except (ExchangeError, ValidationError) as error:
            raise NoIccam(reason=str(error) if isinstance(error, ExchangeError) else "") from None
        record(actor, "takedown.viewed", rows.SUBJECT, case.pk, form="iccam")
    return case.number, (json.dumps(report, indent=2) + "\n").encode()


def upload(actor: Actor, name: str, sender: str, pieces: Iterable[bytes]) -> UUID:
    """Keep a file for its preview; the same file again is the same one. Raises `CaseFileUnreadable` and others."""
    actor.require(ASSESS)
    sender = " ".join(sender.split())
    if not 1 <= len(sender) <= MOST_NAME or not sender.isprintable():
        raise Invalid("Enter the hotline that sent the file, in at most {most} characters.", field="sender", most=160)
    body = _body(pieces)
    reports = _reports(body)
    row = CaseFile(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        name=_shown(name),
        sender_name=sender,
        file_key=_file_key(actor.organisation_id, sender, body),
        cases=len(reports),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    with acting(actor):
        before = CaseFile.objects.filter(file_key=row.file_key).values_list("pk", flat=True).first()
        if before is not None:
            return before
        row.sealed = subject_keys.seal(actor, SUBJECT, row.pk, body, _purpose(row.pk))
        if not insert_ignore(row):
            return CaseFile.objects.get(file_key=row.file_key).pk
        record(actor, "case_file.uploaded", SUBJECT, row.pk, cases=row.cases)
    return row.pk


def preview(actor: Actor, file_id: UUID) -> Preview:
    """A file with the result of each report. Raises `UnknownCaseFile`. The view is recorded."""
    actor.require(ASSESS)
    with acting(actor):
        row = _file(file_id)
        record(actor, "case_file.viewed", SUBJECT, row.pk)
        if row.imported_at is not None:
            return Preview(row, [])
        return Preview(row, list(_lines(actor, row)))


def import_cases(actor: Actor, file_id: UUID) -> list[HotlineReceipt]:
    """Open the cases of a file, all usable reports in one transaction. Raises `UnknownCaseFile` if done before."""
    actor.require(ASSESS)

    def work() -> list[HotlineReceipt]:
        with acting(actor):
            row = CaseFile.objects.select_for_update().filter(pk=file_id, imported_at=None).first()
            if row is None:
                raise UnknownCaseFile
            receipts = []
            for one in _kept(row):
                case = _read(actor, row, one)
                if isinstance(case, HotlineCase) and not _imported(row, case.case_reference):
                    receipts.append(receive_case.stored(actor, case, row.sender_name))
            row.imported_at, row.sealed = clock.now(), b""
            row.save(update_fields=["imported_at", "sealed"])
            subject_keys.erase(SUBJECT, row.pk)
            record(actor, "case_file.imported", SUBJECT, row.pk, cases=len(receipts))
            return [HotlineReceipt.from_bytes(one.encode()) for one in receipts]

    return redrawn(work)


def discard(actor: Actor, file_id: UUID) -> None:
    """Delete a file that is not to be imported. Raises `UnknownCaseFile`."""
    actor.require(ASSESS)
    with acting(actor):
        row = CaseFile.objects.select_for_update().filter(pk=file_id, imported_at=None).first()
        if row is None:
            raise UnknownCaseFile
        subject_keys.erase(SUBJECT, row.pk)
        record(actor, "case_file.discarded", SUBJECT, row.pk)
        row.delete()


def list_files(actor: Actor) -> list[CaseFile]:
    """The newest files."""
    actor.require("takedown.read")
    with acting(actor):
        return list(CaseFile.objects.defer("sealed").order_by("-created_at")[:50])


def exists(actor: Actor, file_id: UUID) -> bool:
    """Whether the actor's organisation has this file."""
    with acting(actor):
        return CaseFile.objects.filter(pk=file_id).exists()


def _lines(actor: Actor, row: CaseFile) -> Iterable[ReportLine]:
    """The result of each report. Of several with one reference the first is imported."""
    references = set[str]()
    for place, report in enumerate(_kept(row), 1):
        line = _line(actor, row, place, report)
        if not line.fault and line.reference in references:
            yield ReportLine(place, line.reference, fault="A report above has this reference.")
        else:
            references.add(line.reference)
            yield line


def _line(actor: Actor, row: CaseFile, place: int, report: Any) -> ReportLine:
    case = _read(actor, row, report)
    if isinstance(case, str):
        said = report.get("hotlineReference") if isinstance(report, dict) else ""
        return ReportLine(place, str(said or "")[:100], fault=case)
    keys = [address_key(actor.organisation_id, checked(one.url)) for one in case.locations]
    known = TakedownCase.objects.filter(address_key__in=keys).count()
    addresses = tuple(one.url for one in case.locations[:20])
    return ReportLine(place, case.case_reference, addresses, known, _imported(row, case.case_reference))


def _read(actor: Actor, row: CaseFile, report: Any) -> HotlineCase | str:
    """The case of a report, or why it is none. Its ID follows from sender and contents: a copy has the same."""
    if not isinstance(report, dict):
        return "A report must be an object."
    number = uuid5(row.pk, json.dumps(report, sort_keys=True))
    who = iccam.Addressees(number, row.sender_name, actor.organisation_name, row.created_at)
    try:
        return iccam.from_report(report, who)
    except (ExchangeError, ValidationError, TutelaError) as error:
        return str(error)[:500]


def _imported(row: CaseFile, reference: str) -> bool:
    return IncomingCase.objects.filter(sender_id=None, sender_name=row.sender_name, reference=reference).exists()


def _body(pieces: Iterable[bytes]) -> bytes:
    body = bytearray()
    for one in pieces:
        body += one
        if len(body) > MOST_BYTES:
            raise BacklogTooLarge(most=MOST_BYTES // 1_000_000)
    return bytes(body)


def _reports(body: bytes) -> list[Any]:
    try:
        found = loaded(body.removeprefix(b"\xef\xbb\xbf"))
    except (ExchangeError, ValueError, RecursionError):
        raise CaseFileUnreadable from None
    reports = found if isinstance(found, list) else [found]
    if not 1 <= len(reports) <= MOST_REPORTS:
        raise TooManyReports(most=MOST_REPORTS)
    lists = [one["urls"] for one in reports if isinstance(one, dict) and isinstance(one.get("urls"), list)]
    if sum(map(len, lists)) > MOST_LOCATIONS:
        raise TooManyAddresses(most=MOST_LOCATIONS)
    return reports


def _kept(row: CaseFile) -> list[Any]:
    return _reports(subject_keys.unseal(SUBJECT, row.pk, bytes(row.sealed), _purpose(row.pk)))


def _file(file_id: UUID) -> CaseFile:
    row = CaseFile.objects.filter(pk=file_id).first()
    if row is None:
        raise UnknownCaseFile
    return row


def _shown(name: str) -> str:
    return "".join(one for one in name.rpartition("/")[2] if one.isprintable())[:80] or "iccam.json"


def _file_key(organisation_id: UUID, sender: str, body: bytes) -> bytes:
    said = f"takedown:case-file:{organisation_id}:{sender}:{hashlib.sha256(body).hexdigest()}"
    return hmac.digest(settings.BLIND_KEY, said.encode(), "sha256")


def _purpose(file_id: UUID) -> str:
    return f"takedown:case-file:{file_id}"
