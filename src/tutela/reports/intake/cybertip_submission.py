"""CyberTipline reports: submit, upload, file details, and finish or retract.

1. A report is open until it is finished or retracted. An unfinished report is deleted 24 hours after it was opened or
   an hour after its last change, whichever is later, and is unknown from then on. The number of open reports per
   provider is limited.
2. An uploaded file is hashed while it streams, and sealed at the same time to the authority that the document points to
   (`storage`). The recipient is fixed at opening, before a file's first byte. Without an authority's key or a recorded
   legal basis the file is not stored; its digests and its provider's reference stand for it. A report takes as many
   files as the canonical form has room for. The next file is refused, and the report can still be finished.
3. Finishing files the canonical report in the same transaction, with everything that intake does. Data accepted once is
   accepted then, even if the clock was set back meanwhile.
4. A report of another account does not exist for the caller (5001).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import uuid4

from django.db.models import Model
from pydantic import ValidationError

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.identifiers import uuid7
from tutela.events.record import record, rows_of
from tutela.events.transaction import acting
from tutela.exchange.cybertip import (
    BrokenElement,
    Code,
    Details,
    Filed,
    FileSeen,
    Malformed,
    canonical,
    read_details,
    read_tip,
)
from tutela.exchange.cybertip.later_elements import Later, names
from tutela.exchange.cybertip.validation_rules import problem_of_details
from tutela.exchange.message.problem import in_words
from tutela.exchange.report.report import MOST_ITEMS
from tutela.organisations.keys import subject_keys
from tutela.organisations.keys.sealed_files import NoRoom
from tutela.organisations.people import directory
from tutela.reports.evidence import storage
from tutela.reports.evidence.sealing import Stream, Streamed
from tutela.reports.evidence.storage import Origin, Sealed
from tutela.reports.intake import cybertip_session
from tutela.reports.intake import submit as intake_submit
from tutela.reports.intake.cybertip_session import AFTER_CHANGE, AFTER_OPENING, CybertipRefusal, Desk, open_tip
from tutela.reports.jurisdiction import rule
from tutela.reports.models import CyberTip, CyberTipFile, TipState
from tutela.reports.report_encryption import SUBJECT, ReportBox, begin, box

NO_ROOM = "no space; nothing of the file was stored. Send the file again later"
# So many that nobody finished are deleted in one transaction.
MOST_SUBMISSIONS = 100
# Numbers have thirteen digits and say nothing about how many there are.
_LOWEST, _RANGE = 10**12, 9 * 10**12
TOO_MANY = "file: a report has at most {most} files; this file is not stored; open another report for the rest"


def submit(desk: Desk, body: bytes) -> tuple[int, list[str]]:
    """Open a report; return its number and the paths of elements kept without interpretation.

    Raises `Refusal`, also if its provider has too many open. A report that declares urgency is opened despite this
    limit.
    """
    now, report_id = clock.now(), uuid7()
    number = _LOWEST + secrets.randbelow(_RANGE)
    tip = _read(lambda: read_tip(body, now))
    try:  # what could not become a report is refused now, and not at the end
        draft = canonical(tip.root, [], Filed(report_id, number, desk.sender.organisation_name, now, tip.later))
    except ValidationError as error:
        raise CybertipRefusal(Code.VALIDATION_FAILED, in_words(error)) from None
    actor, authority = desk.actor, directory.competent_for(rule.resolve(draft).country)
    with acting(actor):
        if not draft.urgency.urgent and not cybertip_session.has_room(desk.sender.organisation_id):
            raise CybertipRefusal(
                Code.SERVER_ERROR, cybertip_session.TOO_MANY_OPEN.format(most=cybertip_session.MOST_OPEN)
            )
        key, made = begin(actor, report_id)
        row = CyberTip(
            organisation_id=actor.organisation_id,
            number=number,
            provider_id=desk.sender.organisation_id,
            report_id=report_id,
            sealed_document=made.seal("cybertip", number, body),
            batched=tip.batched,
            modified_at=now,
            addressee_id=authority.id if authority else None,
        )
        opened = rows_of(
            actor, "cybertip.opened", "report", report_id, number=number, provider=desk.sender.organisation_id
        )
        _insert([key, row, *opened])
    return number, names(tip.later)


def begin_file(desk: Desk, number: int, name: str) -> Stream:
    """Before a file's first byte: to whom it is sealed. Raises `Refusal`."""
    with acting(desk.actor):
        tip = open_tip(desk, number, locked=False)
        plan = storage.plan(tip.provider_id, tip.addressee_id)
    try:
        return Stream(name, plan)
    except NoRoom:
        raise CybertipRefusal(Code.UPLOAD_FAILED, NO_ROOM) from None


def add_file(desk: Desk, number: int, streamed: Streamed) -> tuple[str, str]:
    """Record an uploaded file. Returns its id, and why it was only hashed; empty if the file is stored.

    Raises `Refusal`; then nothing of it is kept.
    """
    try:
        with acting(desk.actor):
            return _add_file(desk, open_tip(desk, number), streamed)
    except NoRoom:
        streamed.discard()
        raise CybertipRefusal(Code.UPLOAD_FAILED, NO_ROOM) from None
    except BaseException as error:
        streamed.give_up(error)
        raise


def _add_file(desk: Desk, tip: CyberTip, streamed: Streamed) -> tuple[str, str]:
    actor, file, inside, key = desk.actor, uuid4().hex, streamed.inside, box(tip.report_id)
    row = CyberTipFile(
        organisation_id=actor.organisation_id,
        tip=tip,
        file_id=file,
        size=inside.size,
        md5=inside.md5,
        sha1=inside.sha1,
        sha256=inside.sha256,
        sealed_name=key.seal("cybertip-file", file, inside.name.encode()),
    )
    kept, why = list[Model](), streamed.why_not
    if streamed.part is not None and streamed.recipient is not None:
        origin, why = Origin(tip.report_id, tip.provider_id, "cybertip", file), "revoked"
        kept = storage.kept(actor, origin, Sealed(streamed.part, streamed.recipient, inside), key)
    noted = rows_of(actor, "cybertip.file", "report", tip.report_id, number=tip.number, file=file, size=inside.size)
    _insert([row, *(kept or storage.not_kept(actor, tip.report_id, file, why)), *noted])
    _changed(tip, clock.now())
    if tip.files.count() > MOST_ITEMS:
        raise CybertipRefusal(Code.VALIDATION_FAILED, TOO_MANY.format(most=MOST_ITEMS))
    return file, "" if kept else why


def add_details(desk: Desk, body: bytes) -> tuple[int, list[str]]:
    """Note the details of an uploaded file, once; returns the report's number and paths as `submit`.

    Raises `Refusal`.
    """
    now = clock.now()
    details = _read(lambda: read_details(body, now))
    actor = desk.actor
    with acting(actor):
        tip = open_tip(desk, details.report)
        row = tip.files.filter(file_id=details.file).first()
        if row is None:
            raise CybertipRefusal(Code.NO_SUCH_FILE)
        if row.sealed_details is not None:
            raise CybertipRefusal(Code.VALIDATION_FAILED, "fileDetails/fileId: this file already has details")
        if tip.batched and (problem := problem_of_details(details.root, now, batched=True)):
            raise CybertipRefusal(Code.VALIDATION_FAILED, problem)
        row.sealed_details = box(tip.report_id).seal("cybertip-details", details.file, body)
        row.save(update_fields=["sealed_details"])
        _changed(tip, now)
        record(actor, "cybertip.details", "report", tip.report_id, number=tip.number, file=details.file)
    return details.report, names(details.later)


def finish(desk: Desk, number: int) -> list[str]:
    """File the report; returns the ids of its files. Raises `Refusal`."""
    actor, now = desk.actor, clock.now()
    with acting(actor):
        tip = open_tip(desk, number)
        files = list(tip.files.order_by("created_at", "id"))
        if tip.batched and (len(files) != 1 or files[0].sealed_details is None):
            raise CybertipRefusal(
                Code.VALIDATION_FAILED, "a batched report must have exactly one file, with its details"
            )
        key = box(tip.report_id)
        document, seen = _opened(key, tip, files)
        read = _read(lambda: read_tip(document, _as_of(tip)))
        filed = Filed(tip.report_id, number, desk.sender.organisation_name, now, read.later)
        try:
            report = canonical(read.root, seen, filed)
        except ValidationError as error:
            raise CybertipRefusal(Code.VALIDATION_FAILED, in_words(error)) from None
        intake_submit.receive(desk.sender, desk.centre, f"cybertip:{number}", report.to_bytes(), box=key)
        tip.state, tip.ended_at = TipState.FINISHED, now
        tip.save(update_fields=["state", "ended_at"])
        record(actor, "cybertip.finished", "report", tip.report_id, number=number, files=len(files))
    return [one.file_id for one in files]


def retract(desk: Desk, number: int) -> None:
    """Take an open report back: what was sent is erased. Raises `Refusal`."""
    actor = desk.actor
    with acting(actor):
        tip = open_tip(desk, number)
        storage.drop_of(actor, [tip.report_id], "retracted")
        _forget(tip)
        tip.state, tip.ended_at = TipState.RETRACTED, clock.now()
        tip.save(update_fields=["state", "ended_at", "sealed_document"])
        record(actor, "cybertip.retracted", "report", tip.report_id, number=number)


def expire(actor: Actor) -> int:
    """Delete what was neither finished nor retracted in its time; returns how many. For the job of every minute.

    A part at a time, each in a transaction of its own, and without what was sent: of thousands that would be gigabytes.
    """
    count = 0
    while done := _expire(actor):
        count += done
    return count


def _expire(actor: Actor) -> int:
    now = clock.now()
    with acting(actor):
        late = CyberTip.objects.select_for_update(skip_locked=True).filter(
            state=TipState.OPEN, created_at__lte=now - AFTER_OPENING, modified_at__lte=now - AFTER_CHANGE
        )
        found = list(late.defer("sealed_document").order_by("modified_at", "id")[:MOST_SUBMISSIONS])
        for tip in found:
            record(actor, "cybertip.expired", "report", tip.report_id, number=tip.number)
            storage.drop_of(actor, [tip.report_id], "unfinished")
            _forget(tip)
            tip.delete()
    return len(found)


def _insert(rows: list[Model]) -> None:
    if insert_all(rows):
        raise RuntimeError("The number of a new submission or the ID of a new file already exists.")


def _changed(tip: CyberTip, now: datetime) -> None:
    """Note a change. Never back: what was accepted is read again as of this moment (`_as_of`)."""
    tip.modified_at = max(tip.modified_at, now)
    tip.save(update_fields=["modified_at"])


def _forget(tip: CyberTip) -> None:
    tip.files.all().delete()
    tip.sealed_document = b""
    subject_keys.erase(SUBJECT, tip.report_id)


def _opened(key: ReportBox, tip: CyberTip, files: Sequence[CyberTipFile]) -> tuple[bytes, list[FileSeen]]:
    """The document and its files. Raises `Erased`."""
    seen = list[FileSeen]()
    for row in files:
        name, root, later = (
            key.unseal("cybertip-file", row.file_id, row.sealed_name).decode(),
            None,
            tuple[Later, ...](),
        )
        if row.sealed_details is not None:
            details = _details(key.unseal("cybertip-details", row.file_id, row.sealed_details), _as_of(tip))
            root, later = details.root, details.later
        seen.append(FileSeen(row.file_id, name, row.size, row.md5, row.sha1, row.sha256, root, later))
    return key.unseal("cybertip", tip.number, tip.sealed_document), seen


def _details(stored: bytes, as_of: datetime) -> Details:
    return _read(lambda: read_details(stored, as_of))


def _as_of(tip: CyberTip) -> datetime:
    """The latest moment that is known to have been: what had passed when it came has passed."""
    return max(tip.created_at, tip.modified_at, clock.now())


def _read[T](read: Callable[[], T]) -> T:
    try:
        return read()
    except Malformed as error:
        raise CybertipRefusal(Code.MALFORMED_XML, str(error)) from None
    except BrokenElement as error:
        raise CybertipRefusal(Code.VALIDATION_FAILED, str(error)) from None
