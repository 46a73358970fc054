"""The life of a report that comes by the CyberTipline interface: submit, upload and file details, finish or retract.

1. Open until it is finished or retracted; one that is neither is deleted 24 hours after it was opened or an hour after
   its last change, whichever is later, and is unknown from then on.
2. An uploaded file is hashed as it streams, and sealed in the same moment to the authority that the document points to
   (`evidence`): fixed at opening, before a file's first byte. Without an authority's key or a recorded basis the file
   is kept nowhere, and what stands for it is its digests and where its provider holds it.
3. Finishing files the canonical report in the same transaction, with everything that intake does.
4. Another account's report does not exist (5001).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from lxml import etree
from pydantic import ValidationError

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.ids import uuid7
from tutela.events.recording import record
from tutela.exchange.cybertip import (
    Broken,
    Code,
    Filed,
    FileSeen,
    Malformed,
    canonical,
    read_details,
    read_tip,
)
from tutela.exchange.cybertip.rules import problem_of_details
from tutela.exchange.problem import in_words
from tutela.organisations import directory, erasable
from tutela.organisations.errors import Erased
from tutela.organisations.shelf import NoRoom
from tutela.reports import evidence, intake, jurisdiction
from tutela.reports.evidence import Origin, Sealed
from tutela.reports.models import CyberTip, CyberTipFile, TipState
from tutela.reports.sealing import SUBJECT, seal
from tutela.reports.streaming import Stream, Streamed

AFTER_OPENING = timedelta(hours=24)
AFTER_CHANGE = timedelta(hours=1)
# Numbers have thirteen digits and say nothing about how many there are.
NO_ROOM = "there is no room; nothing of the file was kept, send it again later"
_LOWEST, _RANGE = 10**12, 9 * 10**12


class Refusal(Exception):
    """The interface's refusal: its code, and what is wrong with which element."""

    def __init__(self, code: Code, said: str = "") -> None:
        self.code, self.said = code, said
        super().__init__(said or code.words)


@dataclass(frozen=True)
class Desk:
    """Who submits, and at which Centre."""

    sender: Actor
    centre: directory.Entry

    @property
    def actor(self) -> Actor:
        return directory.acting_for(self.centre, self.sender.reference, self.sender.name)


def submit(desk: Desk, body: bytes) -> int:
    """Open a report; returns its number. Raises `Refusal`."""
    now, report_id = clock.now(), uuid7()
    number = _LOWEST + secrets.randbelow(_RANGE)
    tip = _read(lambda: read_tip(body, now))
    try:  # what could not become a report is refused now, and not at the end
        draft = canonical(tip.root, [], Filed(report_id, number, desk.sender.organisation_name, now))
    except ValidationError as error:
        raise Refusal(Code.VALIDATION_FAILED, in_words(error)) from None
    actor, authority = desk.actor, directory.competent_for(jurisdiction.resolve(draft).country)
    with acting(actor):
        CyberTip.objects.create(
            organisation_id=actor.organisation_id, number=number, provider_id=desk.sender.organisation_id,
            report_id=report_id, sealed_document=seal(actor, report_id, "cybertip", number, body),
            batched=tip.batched, modified_at=now, addressee_id=authority.id if authority else None,
        )  # fmt: skip
        record(actor, "cybertip.opened", "report", report_id, number=number, provider=desk.sender.organisation_id)
    return number


def begin_file(desk: Desk, number: int, name: str) -> Stream:
    """Before a file's first byte: to whom it is sealed. Raises `Refusal`."""
    with acting(desk.actor):
        tip = _open(desk, number)
    try:
        return Stream(name, evidence.plan(desk.actor, tip.provider_id, tip.addressee_id))
    except NoRoom:
        raise Refusal(Code.UPLOAD_FAILED, NO_ROOM) from None


def add_file(desk: Desk, number: int, streamed: Streamed) -> str:
    """Note an uploaded file; returns its id. Raises `Refusal`; then nothing of it is kept."""
    try:
        with acting(desk.actor):
            return _add_file(desk, _open(desk, number), streamed)
    except NoRoom:
        streamed.discard()
        raise Refusal(Code.UPLOAD_FAILED, NO_ROOM) from None
    except BaseException:
        streamed.discard()
        raise


def _add_file(desk: Desk, tip: CyberTip, streamed: Streamed) -> str:
    actor, file, inside = desk.actor, uuid4().hex, streamed.inside
    CyberTipFile.objects.create(
        organisation_id=actor.organisation_id, tip=tip, file_id=file, size=inside.size, md5=inside.md5,
        sha1=inside.sha1, sha256=inside.sha256,
        sealed_name=seal(actor, tip.report_id, "cybertip-file", file, inside.name.encode()),
    )  # fmt: skip
    _changed(tip)
    kept, why = None, streamed.why_not
    if streamed.part is not None and streamed.recipient is not None:
        origin, why = Origin(tip.report_id, tip.provider_id, "cybertip", file), "revoked"
        kept = evidence.keep(actor, origin, Sealed(streamed.part, streamed.recipient, inside))
    if kept is None:
        evidence.not_kept(actor, tip.report_id, file, why)
    record(actor, "cybertip.file", "report", tip.report_id, number=tip.number, file=file, size=inside.size)
    return file


def add_details(desk: Desk, body: bytes) -> int:
    """Note the details of an uploaded file, once; returns the report's number. Raises `Refusal`."""
    now = clock.now()
    details = _read(lambda: read_details(body, now))
    actor = desk.actor
    with acting(actor):
        tip = _open(desk, details.report)
        row = CyberTipFile.objects.select_for_update().filter(tip=tip, file_id=details.file).first()
        if row is None:
            raise Refusal(Code.NO_SUCH_FILE)
        if row.sealed_details is not None:
            raise Refusal(Code.VALIDATION_FAILED, "fileDetails/fileId: this file has its details already")
        if tip.batched and (problem := problem_of_details(details.root, now, batched=True)):
            raise Refusal(Code.VALIDATION_FAILED, problem)
        row.sealed_details = seal(actor, tip.report_id, "cybertip-details", details.file, body)
        row.save(update_fields=["sealed_details"])
        _changed(tip)
        record(actor, "cybertip.details", "report", tip.report_id, number=tip.number, file=details.file)
    return details.report


def finish(desk: Desk, number: int) -> list[str]:
    """File the report; returns the ids of its files. Raises `Refusal`."""
    actor, now = desk.actor, clock.now()
    with acting(actor):
        tip = _open(desk, number)
        files = list(tip.files.all())
        if tip.batched and (len(files) != 1 or files[0].sealed_details is None):
            raise Refusal(Code.VALIDATION_FAILED, "a batched report has exactly one file, with its details")
        document, seen = _opened(tip, files)
        root = _read(lambda: read_tip(document, now)).root
        try:
            report = canonical(root, seen, Filed(tip.report_id, number, desk.sender.organisation_name, now))
        except ValidationError as error:
            raise Refusal(Code.VALIDATION_FAILED, in_words(error)) from None
        intake.receive(desk.sender, desk.centre, f"cybertip:{number}", report.to_bytes(), keyed=True)
        tip.state, tip.ended_at = TipState.FINISHED, now
        tip.save(update_fields=["state", "ended_at"])
        record(actor, "cybertip.finished", "report", tip.report_id, number=number, files=len(files))
    return [one.file_id for one in files]


def retract(desk: Desk, number: int) -> None:
    """Take an open report back: what was sent is erased. Raises `Refusal`."""
    actor = desk.actor
    with acting(actor):
        tip = _open(desk, number)
        evidence.drop_of(actor, [tip.report_id], "retracted")
        _forget(tip)
        tip.state, tip.ended_at = TipState.RETRACTED, clock.now()
        tip.save(update_fields=["state", "ended_at", "sealed_document"])
        record(actor, "cybertip.retracted", "report", tip.report_id, number=number)


def expire(actor: Actor) -> int:
    """Delete what was neither finished nor retracted in its time; returns how many. For the job of every minute."""
    now, count = clock.now(), 0
    with acting(actor):
        late = CyberTip.objects.select_for_update(skip_locked=True).filter(
            state=TipState.OPEN, created_at__lte=now - AFTER_OPENING, modified_at__lte=now - AFTER_CHANGE
        )
        for tip in late:
            record(actor, "cybertip.expired", "report", tip.report_id, number=tip.number)
            evidence.drop_of(actor, [tip.report_id], "unfinished")
            _forget(tip)
            tip.delete()
            count += 1
    return count


def _open(desk: Desk, number: int) -> CyberTip:
    """The account's own open report, locked."""
    rows = CyberTip.objects.select_for_update()
    tip = rows.filter(number=number, provider_id=desk.sender.organisation_id).first()
    if tip is None or (tip.state == TipState.OPEN and _expired(tip)):
        raise Refusal(Code.NO_SUCH_REPORT)
    if tip.state == TipState.FINISHED:
        raise Refusal(Code.ALREADY_FINISHED)
    if tip.state == TipState.RETRACTED:
        raise Refusal(Code.ALREADY_RETRACTED)
    return tip


def _expired(tip: CyberTip) -> bool:
    return clock.now() >= max(tip.created_at + AFTER_OPENING, tip.modified_at + AFTER_CHANGE)


def _changed(tip: CyberTip) -> None:
    tip.modified_at = clock.now()
    tip.save(update_fields=["modified_at"])


def _forget(tip: CyberTip) -> None:
    tip.files.all().delete()
    tip.sealed_document = b""
    erasable.erase(SUBJECT, tip.report_id)


def _opened(tip: CyberTip, files: Sequence[CyberTipFile]) -> tuple[bytes, list[FileSeen]]:
    """The document and its files; all that is sealed has one key, which is asked for once. Raises `Erased`."""
    asked: list[tuple[object, bytes, str]] = [(tip.report_id, bytes(tip.sealed_document), f"cybertip:{tip.number}")]
    for row in files:
        asked.append((tip.report_id, bytes(row.sealed_name), f"cybertip-file:{row.file_id}"))
        if row.sealed_details is not None:
            asked.append((tip.report_id, bytes(row.sealed_details), f"cybertip-details:{row.file_id}"))
    clear = iter(erasable.unseal_all(SUBJECT, asked))

    def following() -> bytes:
        if (body := next(clear)) is None:
            raise Erased
        return body

    document, seen = following(), list[FileSeen]()
    for row in files:
        name, details = following().decode(), None
        if row.sealed_details is not None:
            details = _details(following())
        seen.append(FileSeen(row.file_id, name, row.size, row.md5, row.sha1, row.sha256, details))
    return document, seen


def _details(stored: bytes) -> etree._Element:
    return _read(lambda: read_details(stored, clock.now())).root


def _read[T](read: Callable[[], T]) -> T:
    try:
        return read()
    except Malformed as error:
        raise Refusal(Code.MALFORMED_XML, str(error)) from None
    except Broken as error:
        raise Refusal(Code.VALIDATION_FAILED, str(error)) from None
