"""The CyberTipline interface over HTTP: whole flows, timers, wrong states, other accounts; no file is kept."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files import uploadhandler
from django.db import connections
from django.test import Client
from lxml import etree

from tests.support.cast import Cast
from tests.support.cybertips import BATCHED, RICH, details, report, user
from tests.support.reports_world import Centre
from tests.support.tree import ROOT
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.cybertip.schema import validator
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.people import api_keys, directory
from tutela.reports.intake import cybertip_submission
from tutela.reports.models import CyberTip, CyberTipFile, Report
from tutela.reports.report_detail import report_detail

HOUR = timedelta(hours=1)


class Esp:
    """A provider's client of the interface."""

    def __init__(self, cast: Cast, provider: Actor | None = None, scope: str = "reports:submit") -> None:
        self.provider = provider or cast.pixelpost
        _row, self.key = api_keys.issue_key(
            self.provider, self.provider.organisation_id, name="CyberTip", scopes=[scope]
        )
        self.client = Client()

    def call(
        self, path: str, body: Any = None, *, content_type: str | None = "text/xml", key: str | None = None
    ) -> Any:
        """The answer, read; every one fits the schema."""
        password = self.key if key is None else key
        headers = {"Authorization": "Basic " + base64.b64encode(f"esp:{password}".encode()).decode()}
        if body is None:
            response = self.client.get(f"/ispws/{path}", headers=headers)
        elif content_type is None:
            response = self.client.post(f"/ispws/{path}", body, headers=headers)
        else:
            response = self.client.post(f"/ispws/{path}", body, content_type=content_type, headers=headers)
        assert response["Request-ID"]
        root = etree.fromstring(response.content)
        assert path == "xsd" or validator().validate(root), response.content
        self.status = response.status_code
        return root

    def code(self, *args: Any, **kwargs: Any) -> int:
        return int(self.call(*args, **kwargs).findtext("responseCode"))

    def submit(self, body: bytes | None = None) -> int:
        root = self.call("submit", body or report())
        assert root.findtext("responseCode") == "0", etree.tostring(root)
        return int(root.findtext("reportId"))

    def upload(self, number: int, content: bytes = b"a landscape", name: str = "a.jpg") -> Any:
        from django.core.files.uploadedfile import SimpleUploadedFile

        return self.call("upload", {"id": number, "file": SimpleUploadedFile(name, content)}, content_type=None)

    def finish(self, number: int, *, encoded: bool = False) -> Any:
        if encoded:
            return self.call("finish", f"id={number}", content_type="application/x-www-form-urlencoded")
        return self.call("finish", {"id": number}, content_type=None)

    def ended(self, verb: str, number: int) -> int:
        return self.code(verb, {"id": number}, content_type=None)


@pytest.fixture
def esp(cast: Cast) -> Esp:
    Centre(cast)
    return Esp(cast)


def tip(cast: Cast, number: int) -> CyberTip:
    with acting(cast.centre):
        return CyberTip.objects.get(number=number)


def test_the_samples_of_the_guide_are_accepted(esp: Esp) -> None:
    samples = ROOT / "docs/howto/samples"
    number = esp.submit((samples / "report.xml").read_bytes())
    file = esp.upload(number).findtext("fileId")
    sample = (samples / "details.xml").read_text()
    body = sample.replace("4570000000001", str(number)).replace("0" * 32, file)
    assert esp.code("fileinfo", body.encode()) == 0
    assert esp.finish(number).findtext("responseCode") == "0"


@pytest.mark.parametrize("encoded", [False, True])
def test_a_whole_flow_ends_in_a_report_at_the_desk(cast: Cast, esp: Esp, encoded: bool) -> None:
    assert esp.call("status").findtext("responseDescription").startswith("Remote User : esp, Remote Ip : ")
    assert esp.call("xsd").tag.endswith("schema")
    number = esp.submit(RICH)
    content = b"not really a picture" * 1000
    answer = esp.upload(number, content)
    file = answer.findtext("fileId")
    assert answer.findtext("hash") == hashlib.md5(content, usedforsecurity=False).hexdigest()
    assert esp.code("fileinfo", details("<fileViewedByEsp>true</fileViewedByEsp>", number=number, file=file)) == 0
    done = esp.finish(number, encoded=encoded)
    assert (done.tag, done.findtext("responseCode"), done.findtext("reportId")) == (
        "reportDoneResponse",
        "0",
        str(number),
    )
    assert [f.text for f in done.iter("fileId")] == [file]
    full = report_detail.open_report(cast.actor(cast.centre, "analyst"), tip(cast, number).report_id)
    assert full.body
    assert full.row.urgent
    assert full.row.provider_id == cast.pixelpost.organisation_id
    (item,) = full.body.items
    assert item.sha256 == hashlib.sha256(content).hexdigest()
    assert full.body.confirmation
    page = cast.client(cast.centre, "analyst").get(f"/desk/reports/{full.row.report_id}/")
    assert "18 U.S.C. 2258A" in page.content.decode()


def test_without_files_and_without_details(esp: Esp) -> None:
    number = esp.submit()
    assert esp.finish(number).findtext("responseCode") == "0"
    other = esp.submit()
    esp.upload(other)
    esp.upload(other)
    assert len(list(esp.finish(other).iter("fileId"))) == 2


def test_a_file_too_many_is_refused_and_the_report_can_be_finished(
    cast: Cast, esp: Esp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cybertip_submission, "MOST_ITEMS", 3)
    number = esp.submit()
    files = [esp.upload(number).findtext("fileId") for _ in range(3)]
    answer = esp.upload(number)
    assert (esp.status, answer.findtext("responseCode"), answer.findtext("fileId")) == (400, "4100", None)
    assert "at most 3 files" in answer.findtext("responseDescription")
    with acting(cast.centre):
        assert CyberTipFile.objects.filter(tip__number=number).count() == 3
    done = esp.finish(number)
    assert (done.findtext("responseCode"), [f.text for f in done.iter("fileId")]) == ("0", files)
    with acting(cast.centre):
        assert Report.objects.get(report_id=tip(cast, number).report_id).items == 3


def test_a_report_takes_as_many_files_as_the_canonical_form_has_items() -> None:
    (bound,) = [one.max_length for one in Wire.model_fields["items"].metadata if hasattr(one, "max_length")]
    assert bound == cybertip_submission.MOST_ITEMS == 1000


def test_ended_reports_say_how_they_ended(cast: Cast, esp: Esp) -> None:
    finished, retracted = esp.submit(), esp.submit()
    file = esp.upload(finished).findtext("fileId")
    esp.finish(finished)
    assert esp.ended("retract", retracted) == 0
    for number, code in ((finished, 5102), (retracted, 5101), (999, 5001)):
        assert int(esp.upload(number).findtext("responseCode")) == code
        assert esp.code("fileinfo", details(number=number, file=file)) == code
        assert esp.ended("finish", number) == code
        assert esp.ended("retract", number) == code
    assert bytes(tip(cast, retracted).sealed_document) == b""
    with acting(cast.centre):
        assert not Report.objects.filter(report_id=tip(cast, retracted).report_id).exists()


def test_details_come_once_and_for_a_file_of_this_report(esp: Esp) -> None:
    number, other = esp.submit(), esp.submit()
    file = esp.upload(number).findtext("fileId")
    assert esp.code("fileinfo", details(number=other, file=file)) == 5002
    assert esp.code("fileinfo", details(number=number, file="f" * 32)) == 5002
    assert esp.code("fileinfo", details(number=number, file=file)) == 0
    assert esp.code("fileinfo", details(number=number, file=file)) == 4100


def test_an_account_reaches_its_own_reports_alone(cast: Cast, esp: Esp) -> None:
    number = esp.submit()
    file = esp.upload(number).findtext("fileId")
    stranger = Esp(cast, cast.other_provider)
    assert stranger.code("fileinfo", details(number=number, file=file)) == 5001
    assert int(stranger.upload(number).findtext("responseCode")) == 5001
    assert stranger.ended("finish", number) == 5001
    assert stranger.ended("retract", number) == 5001
    assert esp.finish(number).findtext("responseCode") == "0"


@pytest.mark.parametrize("path", ["status", "xsd", "submit", "upload", "fileinfo", "finish", "retract"])
def test_nobody_enters_without_a_key_for_it(cast: Cast, esp: Esp, path: str) -> None:
    body = None if path in ("status", "xsd") else {"id": 1}
    for key in ("", "wrong", "tut_0123456789_" + "x" * 43):
        assert esp.code(path, body, content_type=None, key=key) == 2000 or path == "finish"
        assert esp.status == 401
    reader = Esp(cast, scope="releases:read")
    root = reader.call(path, body, content_type=None)
    assert (reader.status, root.findtext("responseCode")) == (403, "3100")


def test_a_suspended_provider_submits_nothing(cast: Cast, esp: Esp) -> None:
    administrator = cast.actor(cast.centre, "administrator")
    directory.set_status(administrator, cast.pixelpost.organisation_id, "suspended", "Test")
    assert esp.code("submit", report()) == 3100


@pytest.mark.parametrize(
    ("path", "body", "content_type", "code"),
    [
        ("submit", b"<report", "text/xml", 4110),
        ("submit", b"<report/>", "text/xml", 4100),
        ("submit", report(), "application/json", 4000),
        ("submit", b"x" * (5 << 20), "text/xml", 4100),
        ("fileinfo", b"", "text/xml", 4110),
        ("fileinfo", b" ", "text/xml", 4110),
        ("upload", b"id=1", "application/x-www-form-urlencoded", 4000),
        ("upload", b"no parts", "multipart/form-data; boundary=x", 4200),
        ("upload", b"no parts", "multipart/form-data", 4200),
        ("retract", b"id=one", "application/x-www-form-urlencoded", 4000),
        ("retract", b"", "application/x-www-form-urlencoded", 4000),
        ("retract", b"{}", "application/json", 4000),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_code(
    esp: Esp, path: str, body: bytes, content_type: str, code: int
) -> None:
    assert esp.code(path, body, content_type=content_type) == code


def test_a_part_that_is_missing_or_doubled_is_refused(esp: Esp) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    number = esp.submit()
    two = [SimpleUploadedFile("a", b"1"), SimpleUploadedFile("b", b"2")]
    assert esp.code("upload", {"id": number}, content_type=None) == 4200
    assert esp.code("upload", {"id": number, "file": two}, content_type=None) == 4200
    assert esp.code("upload", {"id": number, "other": two[0]}, content_type=None) == 4200
    assert esp.code("nothing/here", None) == 1210 or esp.status == 404


@pytest.mark.parametrize(("wait", "code"), [(23 * HOUR, 0), (25 * HOUR, 5001)])
def test_an_unfinished_report_lapses_after_a_day(cast: Cast, esp: Esp, wait: timedelta, code: int) -> None:
    number = esp.submit()
    with clock.simulate(clock.now() + wait):
        cybertip_submission.expire(cast.centre)
        assert esp.ended("finish", number) == code


def test_or_an_hour_after_its_last_change_whichever_is_later(cast: Cast, esp: Esp) -> None:
    began, number = clock.now(), esp.submit()
    with clock.simulate(began + 23.5 * HOUR):
        esp.upload(number)
    with clock.simulate(began + 24.4 * HOUR):
        assert cybertip_submission.expire(cast.centre) == 0
        esp.upload(number)
    with clock.simulate(began + 25.3 * HOUR):
        assert esp.finish(number).findtext("responseCode") == "0"


@pytest.mark.parametrize("back", [timedelta(minutes=10), timedelta(days=400)])
def test_what_was_accepted_is_finished_though_the_clock_was_set_back(cast: Cast, esp: Esp, back: timedelta) -> None:
    began = clock.now()
    with clock.simulate(began + HOUR):
        number = esp.submit(report().replace(b"2026-02-10T14:05:00Z", (began + HOUR).isoformat().encode()))
    with clock.simulate(began + 2 * HOUR):
        file = esp.upload(number).findtext("fileId")
        at = f"<uploadedToEspTimestamp>{clock.now().isoformat()}</uploadedToEspTimestamp>"
        assert esp.code("fileinfo", details(at, number=number, file=file)) == 0
    with clock.simulate(began + HOUR - back):
        esp.upload(number)
        done = esp.finish(number)
    assert (done.findtext("responseCode"), len(list(done.iter("fileId")))) == ("0", 2)
    with acting(cast.centre):
        assert Report.objects.get(report_id=tip(cast, number).report_id).items == 2


def test_what_lapsed_is_deleted(cast: Cast, esp: Esp) -> None:
    number = esp.submit()
    file = esp.upload(number).findtext("fileId")
    with clock.simulate(clock.now() + 25 * HOUR):
        assert cybertip_submission.expire(cast.centre) >= 1
    with acting(cast.centre):
        assert not CyberTip.objects.filter(number=number).exists()
        assert not CyberTipFile.objects.filter(file_id=file).exists()


def test_what_lapsed_is_deleted_a_part_at_a_time_and_never_read(
    cast: Cast, esp: Esp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cybertip_submission, "MOST_SUBMISSIONS", 2)
    numbers = [esp.submit() for _ in range(5)]
    parts, unread = list[int](), list[bool]()
    forget, expire = cybertip_submission._forget, cybertip_submission._expire

    def forgotten(tip: CyberTip) -> None:
        unread.append("sealed_document" in tip.get_deferred_fields())
        forget(tip)

    def part(actor: Actor) -> int:
        parts.append(expire(actor))
        return parts[-1]

    monkeypatch.setattr(cybertip_submission, "_forget", forgotten)
    monkeypatch.setattr(cybertip_submission, "_expire", part)
    with clock.simulate(clock.now() + 25 * HOUR):
        assert cybertip_submission.expire(cast.centre) >= 5
    assert max(parts) == 2
    assert all(unread)
    with acting(cast.centre):
        assert not CyberTip.objects.filter(number__in=numbers).exists()


def test_an_account_has_so_many_open_and_an_urgent_one_is_opened_all_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutela.reports.intake.cybertip_session.MOST_OPEN", 2)
    esp = Esp(cast, cast.organisation("Full", "provider", "IE"))
    other = Esp(cast, cast.organisation("Empty", "provider", "IE"))
    first, _second = esp.submit(), esp.submit()
    refused = esp.call("submit", report())
    assert (esp.status, refused.findtext("responseCode")) == (503, "1000")
    assert "2 open reports" in (refused.findtext("responseDescription") or "")
    other.submit()
    urgent = esp.submit(RICH)
    for one in (first, urgent):
        assert esp.ended("retract", one) == 0
    esp.submit()


def test_a_batched_report_has_one_file_that_spreads(esp: Esp) -> None:
    body = report(first=BATCHED, after=user("<espIdentifier>a</espIdentifier>") * 3)
    number = esp.submit(body)
    root = esp.finish(number)
    assert (root.tag, root.findtext("responseCode"), esp.status) == ("reportDoneResponse", "4100", 400)
    file = esp.upload(number).findtext("fileId")
    assert esp.code("fileinfo", details(number=number, file=file)) == 4100
    viral = "<fileAnnotations><viral/></fileAnnotations>"
    assert esp.code("fileinfo", details(viral, number=number, file=file)) == 0
    assert esp.finish(number).findtext("responseCode") == "0"
    two = esp.submit(body)
    for _ in range(2):
        esp.upload(two)
    assert esp.finish(two).findtext("responseCode") == "4100"


def test_twins_finish_a_report_once(cast: Cast, esp: Esp) -> None:
    number = esp.submit()

    def finish(_: int) -> str:
        try:
            other = Client()
            headers = {"Authorization": "Basic " + base64.b64encode(f"esp:{esp.key}".encode()).decode()}
            answer = other.post("/ispws/finish", {"id": number}, headers=headers)
            return etree.fromstring(answer.content).findtext("responseCode") or ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(finish, range(4))) == ["0", "5102", "5102", "5102"]
    with acting(cast.centre):
        assert Report.objects.filter(report_id=tip(cast, number).report_id).count() == 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files that must stay empty, and no handler that keeps a file in memory or on a disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a handler that keeps what was uploaded")

    monkeypatch.setattr(uploadhandler.TemporaryFileUploadHandler, "new_file", refuse)
    monkeypatch.setattr(uploadhandler.MemoryFileUploadHandler, "receive_data_chunk", refuse)
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


def test_an_upload_touches_no_disk(cast: Cast, esp: Esp, watched: Path) -> None:
    number, content = esp.submit(), secret_bytes()
    answer = esp.upload(number, content)
    assert answer.findtext("hash") == hashlib.md5(content, usedforsecurity=False).hexdigest()
    with acting(cast.centre):
        assert CyberTipFile.objects.get(file_id=answer.findtext("fileId")).size == len(content)


def secret_bytes() -> bytes:
    return bytes(range(256)) * (4 << 12)


@pytest.mark.parametrize(
    "content_type", ["text/xml", "application/xml; charset=utf-8", "text/plain", "text/plain; charset=utf-8"]
)
def test_a_document_is_taken_however_known_clients_label_it(esp: Esp, content_type: str) -> None:
    assert esp.code("submit", report(), content_type=content_type) == 0


def test_an_answer_names_what_is_kept_without_being_understood(esp: Esp) -> None:
    root = esp.call("submit", report(summary="<comingPart>words</comingPart>"))
    assert root.findtext("responseCode") == "0"
    said = root.findtext("responseDescription")
    assert said == "Success: stored as text, because this version does not know them: report/incidentSummary/comingPart"
    esp.finish(int(root.findtext("reportId")))
