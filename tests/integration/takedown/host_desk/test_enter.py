"""Notices of strangers: XARF and ARF files as others write them, and what a person enters from a letter."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.cast import Cast
from tests.support.hosting_world import HostDesk
from tutela import clock
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.exchange.takedown.arf import Feedback, Mail, arf_report
from tutela.takedown.errors import AnotherNotice
from tutela.takedown.host_desk import answers, decide, detail, enter, flaggers, notice_rows
from tutela.takedown.host_desk.decide import HostJudgement
from tutela.takedown.host_desk.enter import EnteredNotice, NoticeEntry
from tutela.takedown.models import IncomingNotice

ADDRESS = "https://pixelpost.example/p/1"
LETTER = EnteredNotice(
    "individual", "A. Person", "a@person.example", "L 1 (b)", "I saw this and it is not lawful.", (ADDRESS,)
)


@pytest.fixture
def desk(cast: Cast) -> HostDesk:
    return HostDesk(cast)


def row(desk: HostDesk, pk: object) -> IncomingNotice:
    with acting(desk.lead):
        return IncomingNotice.objects.get(pk=pk)


def xarf(**change: Any) -> bytes:
    """A report as the format's own examples have it."""
    party = {"org": "Other Hotline", "contact": "desk@hotline.example", "domain": "hotline.example"}
    said: dict[str, Any] = {
        "xarf_version": "4.2.0",
        "report_id": "0b4a4f1c-6b56-4bd2-9d0f-f2b1f1c5c0aa",
        "timestamp": "2026-02-10T14:05:00Z",
        "reporter": party,
        "sender": party,
        "source_identifier": "193.0.6.139",
        "category": "content",
        "type": "csam",
        "url": ADDRESS,
        "verified_at": "2026-02-10T14:05:00Z",
        "verification_method": "manual",
        "classification": "baseline",
        "detection_method": "manual_review",
        "media_type": "image",
        "evidence_source": "analyst_assessment",
    }
    return json.dumps({name: value for name, value in (said | change).items() if value is not None}).encode()


def mail(*addresses: str, number: int = 1, kind: str = "abuse") -> bytes:
    at = datetime(2026, 2, 10, tzinfo=UTC)
    letter = Mail(
        "desk@hotline.example", ["abuse@pixelpost.example"], "Report", "Text", "en", "<1@hotline.example>", at
    )
    return arf_report(letter, Feedback(addresses, feedback_type=kind))


def test_a_letter_is_decided_as_any_notice_and_answered_by_hand(desk: HostDesk) -> None:
    pk = enter.enter(desk.lead, LETTER).id
    full = detail.load_notice(desk.lead, pk)
    assert [one.url for one in full.notice.locations] == [ADDRESS]
    assert (full.row.notifier_name, full.row.origin, full.row.trusted) == ("A. Person", "hand", False)
    with acting(desk.lead):
        assert not answers.takes_answers(full.row)
    decide.decide(desk.lead, pk, HostJudgement(("removed",), redress="Write to us."))
    number, body = decide.answer_file(desk.lead, pk)
    assert number == full.row.number
    assert json.loads(body)["decision"]["action"] == "removed"


def test_a_stranger_is_known_by_address_and_priority_is_a_persons_decision(desk: HostDesk) -> None:
    first = enter.enter(desk.lead, LETTER).id
    flaggers.set_status(desk.lead, first, trusted=True, source="Coordinator of Ireland")
    assert row(desk, first).trusted
    again = enter.enter(desk.lead, EnteredNotice(**{**vars(LETTER), "reference": "L 2"})).id
    assert row(desk, again).notifier_id == row(desk, first).notifier_id
    assert not row(desk, again).trusted, "an address in a file can be forged"


def test_the_same_notice_is_stored_once_and_another_one_is_refused(desk: HostDesk) -> None:
    first = enter.enter(desk.lead, LETTER)
    assert enter.enter(desk.lead, LETTER) == NoticeEntry(first.id, new=False)
    with pytest.raises(AnotherNotice):
        enter.enter(desk.lead, EnteredNotice(**{**vars(LETTER), "addresses": ("https://pixelpost.example/p/2",)}))
    unnamed = EnteredNotice("individual", explanation=LETTER.explanation, addresses=(ADDRESS,))
    once = enter.enter(desk.lead, unnamed).id
    assert enter.enter(desk.lead, unnamed).id == once
    assert row(desk, once).notifier_name == enter.UNNAMED
    with clock.simulate(clock.now() + timedelta(days=1)):
        assert enter.enter(desk.lead, unnamed).new, "somebody reports it again"
    other = replace(unnamed, reference="1")
    assert enter.enter(desk.lead, other).new
    assert enter.enter(desk.lead, replace(other, addresses=("https://pixelpost.example/p/9",))).new


def test_another_message_about_the_same_address_is_a_notice_of_its_own(desk: HostDesk) -> None:
    message = mail(ADDRESS)
    first = enter.enter_file(desk.lead, message, EnteredNotice("hotline"))
    decide.decide(desk.lead, first.id, HostJudgement(("removed",), redress="Write to us."))
    assert not enter.enter_file(desk.lead, message, EnteredNotice("hotline")).new
    second = enter.enter_file(desk.lead, mail(ADDRESS, number=2), EnteredNotice("hotline"))
    assert second.new
    assert row(desk, second.id).state == "open"


def test_a_xarf_file_is_read_and_its_media_goes_unseen(desk: HostDesk) -> None:
    piece = {"content_type": "image/png", "payload": base64.b64encode(b"\x89PNG").decode(), "description": "x"}
    pk = enter.enter_file(
        desk.lead, xarf(evidence=[piece], description="Please remove it."), EnteredNotice("hotline")
    ).id
    made = row(desk, pk)
    assert (made.origin, made.notifier_name, made.reference) == (
        "xarf",
        "Other Hotline",
        "0b4a4f1c-6b56-4bd2-9d0f-f2b1f1c5c0aa",
    )
    with acting(desk.lead):
        wire = notice_rows.wire_of(made)
    assert [one.url for one in wire.locations] == [ADDRESS]
    assert "Please remove it." in wire.explanation
    assert b"iVBOR" not in wire.to_bytes()


def test_an_arf_message_is_read_with_every_address(desk: HostDesk) -> None:
    pk = enter.enter_file(
        desk.lead, mail(ADDRESS, "https://pixelpost.example/p/2"), EnteredNotice("hotline", "H", "h@h.example")
    ).id
    assert (row(desk, pk).origin, row(desk, pk).addresses) == ("arf", 2)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"{", "JSON"),
        (b"\xff\xfe{", "neither"),
        (xarf(url=None), "url"),
        (xarf(type="spam"), "type"),
        (xarf(reporter="x"), "reporter"),
        (mail(ADDRESS, kind="fraud"), "type"),
        (b"From: a@b.example\r\n\r\nHello", "neither"),
        (b"{" + b" " * enter.MOST_BYTES, "most"),
    ],
)
def test_a_file_that_says_no_notice_is_refused_with_the_reason(desk: HostDesk, data: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=f"(?i){said}") as error:
        enter.enter_file(desk.lead, data, EnteredNotice("hotline"))
    assert error.value.field in ("file", "addresses")
    with acting(desk.lead):
        assert not IncomingNotice.objects.filter(origin__in=("xarf", "arf")).exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "nobody"}, "kind"),
        ({"addresses": ()}, "addresses"),
        ({"addresses": ("not an address",)}, "addresses"),
        ({"explanation": "short"}, "explanation"),
        ({"email": "x"}, "email"),
        ({"name": ""}, "name"),
    ],
)
def test_each_wrong_field_is_named(desk: HostDesk, change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        enter.enter(desk.lead, EnteredNotice(**{**vars(LETTER), **change}))
    assert error.value.field == field


def test_only_a_lead_enters_notices(desk: HostDesk) -> None:
    with pytest.raises(Forbidden):
        enter.enter(desk.reviewer, LETTER)


def test_a_large_file_is_read_through_the_page(desk: HostDesk, cast: Cast) -> None:
    client = cast.client(desk.provider, "lead")
    media = base64.b64encode(b"\x89PNG" * 900_000).decode()
    body = xarf(evidence=[{"content_type": "image/png", "payload": media, "description": "x"}])
    fields = {"kind": "hotline", "name": "", "email": "", "reference": "", "addresses": "", "explanation": ""}
    answer = client.post("/desk/hosting/new/", {**fields, "file": SimpleUploadedFile("a.json", body)}, follow=True)
    assert "XARF file" in answer.content.decode()
    again = client.post("/desk/hosting/new/", {**fields, "file": SimpleUploadedFile("x.json", body)}, follow=True)
    assert "entered already" in again.content.decode()
    empty = client.post("/desk/hosting/new/", fields)
    assert empty.status_code == 422
    assert "Enter addresses, or choose a file" in empty.content.decode()


def test_an_email_of_a_person_fills_in_its_addresses(desk: HostDesk, cast: Cast) -> None:
    client = cast.client(desk.provider, "lead")
    letter = f"From: a@person.example\r\nSubject: Please look\r\n\r\nI saw {ADDRESS} yesterday.\r\n".encode()
    fields = {"kind": "individual", "name": "", "email": "", "reference": "", "addresses": "", "explanation": ""}
    answer = client.post("/desk/hosting/new/", {**fields, "file": SimpleUploadedFile("a.eml", letter)})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert ADDRESS in shown
    assert "no part for machines" in shown
    said = {**fields, "addresses": ADDRESS, "explanation": "I saw this and it is not lawful."}
    assert "Notice" in client.post("/desk/hosting/new/", said, follow=True).content.decode()
