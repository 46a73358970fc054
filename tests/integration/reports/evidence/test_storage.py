"""Files are sealed while they stream, to whom the document points; nothing clear reaches a disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from tests.integration.reports.intake.test_cybertip_submission import Esp, tip
from tests.support import sealed
from tests.support.cast import Cast
from tests.support.sealed import Addressed, addressed
from tutela import clock
from tutela.app import config
from tutela.events.errors import Forbidden, Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.exchange.referral import age_encryption
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import directory, encryption_recipients
from tutela.reports.evidence import legal_basis, sealing, storage
from tutela.reports.intake import cybertip_submission
from tutela.reports.models import Evidence
from tutela.reports.triage import assess


@pytest.fixture
def world() -> Addressed:
    return addressed()


def test_an_upload_is_sealed_to_the_authority_that_the_document_points_to(cast: Cast, world: Addressed) -> None:
    number, content = world.submit(), os.urandom(300_000)
    answer = world.esp.upload(number, content, "quay.jpg")
    assert answer.findtext("hash") == hashlib.md5(content, usedforsecurity=False).hexdigest()
    (row,) = world.kept(number)
    file = sealed.there(row.name)
    assert file
    assert sealed.opened(file.read_bytes(), world.identity) == content
    assert hashlib.sha256(file.read_bytes()).hexdigest() == row.sha256
    assert file.stat().st_mode & 0o777 == 0o600
    with acting(cast.centre):
        assert storage.inside_of(row) == storage.Inside(
            "quay.jpg",
            len(content),
            hashlib.sha256(content).hexdigest(),
            hashlib.sha1(content).hexdigest(),
            hashlib.md5(content, usedforsecurity=False).hexdigest(),
        )
    assert "evidence.kept" in world.events(number)


def test_nobody_but_the_addressee_opens_it_and_there_is_no_second_key(cast: Cast, world: Addressed) -> None:
    number = world.submit()
    world.esp.upload(number, b"a landscape")
    (row,) = world.kept(number)
    file = sealed.there(row.name)
    assert file
    start = file.read_bytes()
    header = start[: age_encryption.header_size(start)]
    assert header.count(b"\n-> X25519 ") == 1
    other, _ = age_encryption.new_identity()
    with pytest.raises(age_encryption.CannotOpenError, match="another key"):
        sealed.opened(file.read_bytes(), other)


_opened: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _opened is not None and event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _opened.append(os.fsdecode(arguments[0]))


def test_a_big_upload_opens_no_file_for_writing_but_its_own_ciphertext(
    cast: Cast, tmp_path: Path, world: Addressed
) -> None:
    """Every file that this process opens to write is seen by an audit hook, whatever library opens it."""
    global _opened
    number, content = world.submit(), b"CLEAR-MARK-" * 1_000_000
    sys.addaudithook(_watch)
    _opened = []
    try:
        world.esp.upload(number, content)
        opened = _opened
    finally:
        _opened = None
    (row,) = world.kept(number)
    assert [Path(one).name for one in opened] == [f"{row.name}.part"]
    for file in sealed_files.folder().rglob("*"):
        assert not file.is_file() or b"CLEAR-MARK" not in file.read_bytes()


@pytest.mark.parametrize("without", ["key", "basis", "room_of_provider", "size"])
def test_without_key_basis_or_room_it_is_hashed_and_not_kept(
    cast: Cast, world: Addressed, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    number = world.submit()
    limits = {"room_of_provider": {"evidence_provider_bytes": 0}, "size": {"evidence_max_bytes": 10}}.get(without, {})
    monkeypatch.setattr("django.conf.settings.CONFIG", config.load().model_copy(update=limits))
    if without == "key":
        now = encryption_recipients.current(world.authority.machine.organisation_id)
        assert now
        encryption_recipients.revoke(world.authority.machine, now.id)
    elif without == "basis":
        legal_basis.note(cast.actor(cast.centre, "lead"), act="", reason="Test")
    try:
        answer = world.esp.upload(number, b"a landscape")
    finally:
        sealed.basis(cast)
        if without == "key":
            world.identity = sealed.key(world.authority.machine)
    assert answer.findtext("responseCode") == "0"
    assert answer.findtext("hash") == hashlib.md5(b"a landscape", usedforsecurity=False).hexdigest()
    assert "preserve the file" in str(answer.findtext("responseDescription"))
    with acting(cast.centre):
        assert not Evidence.objects.filter(report_id=tip(cast, number).report_id).exists()
        (event,) = [e for e in timeline("report", tip(cast, number).report_id) if e.kind == "evidence.not_kept"]
    assert event.facts
    reason = {"key": "no_key", "basis": "no_basis", "room_of_provider": "too_much", "size": "too_large"}[without]
    assert event.facts["reason"] == reason
    assert not list(sealed_files.folder().rglob("*.part"))


def test_a_file_that_comes_before_its_report_s_number_is_hashed_alone(cast: Cast, world: Addressed) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    number = world.submit()
    assert world.esp.code("upload", {"file": SimpleUploadedFile("a", b"x"), "id": number}, content_type=None) == 0
    assert world.kept(number) == []
    assert world.esp.code("upload", {"file": SimpleUploadedFile("a", b"x"), "id": "one"}, content_type=None) == 4000


def test_a_full_disk_is_refused_by_its_code_and_nothing_is_kept(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, world: Addressed
) -> None:
    number = world.submit()
    monkeypatch.setattr(sealed_files, "RESERVE", 1 << 60)
    assert int(world.esp.upload(number).findtext("responseCode")) == 1111
    assert world.esp.status == 507
    monkeypatch.undo()
    written = []

    def full(self: sealed_files.SealedFileWriter, piece: bytes) -> None:
        written.append(piece)
        raise sealed_files.NoRoom

    monkeypatch.setattr(sealed_files.SealedFileWriter, "write", full)
    assert int(world.esp.upload(number, os.urandom(400_000)).findtext("responseCode")) == 1111
    assert written
    monkeypatch.undo()

    def cannot_sync(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", cannot_sync)
    assert int(world.esp.upload(number).findtext("responseCode")) == 1111
    monkeypatch.undo()
    assert world.kept(number) == []
    assert not list(sealed_files.folder().rglob("*.part"))
    assert world.esp.upload(number).findtext("responseCode") == "0"
    assert len(world.kept(number)) == 1


@pytest.mark.parametrize("cut", [10, 200, 5_000, 90_000])
def test_an_upload_that_breaks_off_leaves_nothing(cast: Cast, world: Addressed, cut: int) -> None:
    number = world.submit()
    content = os.urandom(100_000)
    form = (
        f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    ).encode() + content
    code = world.esp.code("upload", form[:cut], content_type="multipart/form-data; boundary=b")
    assert code == 4200
    assert world.kept(number) == []
    assert not list(sealed_files.folder().rglob("*.part"))


@pytest.mark.parametrize("verb", ["retract", "expire"])
def test_what_is_taken_back_or_never_finished_is_deleted(cast: Cast, world: Addressed, verb: str) -> None:
    number = world.submit()
    world.esp.upload(number)
    (row,) = world.kept(number)
    if verb == "retract":
        assert world.esp.ended("retract", number) == 0
    else:
        with clock.simulate(clock.now() + timedelta(hours=25)):
            cybertip_submission.expire(cast.centre)
    assert sealed.there(row.name) is None
    with acting(cast.centre):
        row.refresh_from_db()
    assert row.gone_as == {"retract": "retracted", "expire": "unfinished"}[verb]


@pytest.mark.parametrize("decision", ["unfounded", "erroneous"])
def test_what_nobody_is_to_open_is_deleted(cast: Cast, world: Addressed, decision: str) -> None:
    number = world.submit()
    world.esp.upload(number)
    (row,) = world.kept(number)
    world.esp.finish(number)
    report_id = tip(cast, number).report_id
    if decision == "unfounded":
        assess.assess(world.centre.analyst, report_id, "unfounded", "It shows a quay.", seen=0, code="not_sexual")
    else:
        assess.declare_erroneous(world.centre.lead, report_id, "It shows a quay.", revoke=False)
    assert sealed.there(row.name) is None


def test_a_rolled_back_upload_leaves_no_row_and_its_file_is_thrown_away(
    cast: Cast, world: Addressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, names = world.submit(), []
    begin = sealed_files.begin

    def noting() -> sealed_files.SealedFileWriter:
        names.append(begin())
        return names[-1]

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(sealing.sealed_files, "begin", noting)
    monkeypatch.setattr(cybertip_submission, "_insert", fails)
    with pytest.raises(RuntimeError):
        world.esp.upload(number)
    monkeypatch.undo()
    assert names
    assert sealed.there(names[0].name) is None
    assert world.kept(number) == []


def test_a_commit_that_got_no_answer_loses_no_file(
    cast: Cast, world: Addressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was cut off after it had committed: the row is there, and so is what it speaks of."""
    number = world.submit()
    commit = connection.commit

    def cut_off() -> None:
        commit()
        raise OperationalError("server closed the connection unexpectedly")

    real = cybertip_submission._add_file

    def add(*given: Any) -> str:
        monkeypatch.setattr(connections["default"], "commit", cut_off)
        return real(*given)

    monkeypatch.setattr(cybertip_submission, "_add_file", add)
    with contextlib.suppress(OperationalError):
        world.esp.upload(number)
    monkeypatch.undo()
    (row,) = world.kept(number)
    assert sealed.there(row.name)


def test_what_a_crash_left_is_swept_and_what_has_a_row_stays(cast: Cast, world: Addressed) -> None:
    number = world.submit()
    world.esp.upload(number)
    (row,) = world.kept(number)
    orphan, part = sealed_files.begin(), sealed_files.begin()
    orphan.write(b"x")
    orphan.finish()
    part.write(b"x")
    young = sealed_files.begin()
    for name in (orphan.name, f"{part.name}.part", row.name):
        os.utime(sealed_files.folder() / name[:2] / name, (0, 0))
    assert storage.expire(cast.centre) >= 2
    assert sealed.there(row.name)
    assert sealed.there(orphan.name) is None
    assert not (sealed_files.folder() / part.name[:2] / f"{part.name}.part").exists()
    assert (sealed_files.folder() / young.name[:2] / f"{young.name}.part").exists()
    part.discard()
    young.discard()


def test_what_nobody_fetched_in_ninety_days_is_deleted(cast: Cast, world: Addressed) -> None:
    number = world.submit()
    world.esp.upload(number)
    (row,) = world.kept(number)
    with clock.simulate(clock.now() + storage.LONGEST_STORAGE - timedelta(hours=1)):
        storage.expire(cast.centre)
        assert sealed.there(row.name)
    with clock.simulate(clock.now() + storage.LONGEST_STORAGE + timedelta(hours=1)):
        storage.expire(cast.centre)
    assert sealed.there(row.name) is None


def test_a_key_that_is_revoked_while_a_file_streams_gets_nothing(cast: Cast, world: Addressed) -> None:
    authority = world.authority.machine
    number = world.submit()
    stream = cybertip_submission.begin_file(_desk(world.cast), number, "a")
    stream.write(b"x")
    now = encryption_recipients.current(authority.organisation_id)
    assert now
    encryption_recipients.revoke(authority, now.id)
    cybertip_submission.add_file(_desk(world.cast), number, stream.close())
    assert world.kept(number) == []
    world.identity = sealed.key(authority)


def _desk(cast: Cast) -> cybertip_submission.Desk:
    sender = directory.acting_for(
        directory.entry(cast.pixelpost.organisation_id), "key:test", "ESP", frozenset({"reports.submit"})
    )
    return cybertip_submission.Desk(sender, directory.entry(cast.centre.organisation_id))


def test_twins_upload_side_by_side(cast: Cast, world: Addressed) -> None:
    number = world.submit()

    def upload(which: int) -> str:
        try:
            esp = Esp(cast, world.cast.pixelpost)
            return str(esp.upload(number, bytes([which]) * 200_000).findtext("responseCode"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(upload, range(4))) == {"0"}
    contents = {
        sealed.opened(file.read_bytes(), world.identity)[:1]
        for row in world.kept(number)
        if (file := sealed.there(row.name))
    }
    assert contents == {bytes([n]) for n in range(4)}


def test_a_basis_is_recorded_by_a_lead_with_a_reason_and_can_end(cast: Cast) -> None:
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(Forbidden):
        legal_basis.note(cast.actor(cast.centre, "analyst"), act="Act", reason="x")
    with pytest.raises(Invalid):
        legal_basis.note(lead, act="Act", reason=" ")
    with pytest.raises(Invalid):
        legal_basis.note(lead, act="Act", reason="x", until=clock.now().date() - timedelta(days=1))
    sealed.basis(cast)
    browser = cast.client(cast.centre, "lead")
    assert "Act, Art. 1" in browser.get("/desk/reports/evidence/").content.decode()
    assert browser.post("/desk/reports/evidence/", {"act": "", "reason": "Decided otherwise"}).status_code == 302
    with acting(cast.centre):
        assert legal_basis.standing() is None
    sealed.basis(cast)
    with acting(cast.centre):
        assert legal_basis.standing()
