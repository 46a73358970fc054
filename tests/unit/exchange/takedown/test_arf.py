"""E-mail to providers: headers exactly once, no injected header, and a report that comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.arf import Feedback, Mail, MailInvalidError, arf_report, parse_arf

MAIL = Mail(
    sender="notices@hotline.example",
    recipients=("abuse@host.example",),
    subject="Hinweis EX-2026-000123: Grüße",
    body="Bitte entfernen Sie https://host.example/x/1\nund bestätigen Sie das.",
    language="de",
    message_id="<ex-2026-000123@hotline.example>",
    at=datetime(2026, 2, 10, 14, 5, tzinfo=UTC),
    answers_to="<earlier@hotline.example>",
    reference="EX-2026-000123",
)
LONG = "https://host.example/" + "a" * 1500
FEEDBACK = Feedback(("https://host.example/x/1", LONG), "192.0.2.44", ("host.example",))
HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type")


def parsed(data: bytes) -> EmailMessage:
    found = message_from_bytes(data, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_report_is_a_mail_with_a_text_and_every_header_once() -> None:
    found = parsed(arf_report(MAIL, FEEDBACK))
    assert all(len(found.get_all(name, [])) == 1 for name in HEADERS)
    assert found["Subject"] == MAIL.subject
    text = found.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip().replace("\r\n", "\n") == MAIL.body
    assert (text.get_content_type(), text["Content-Language"]) == ("text/plain", "de")


def test_a_report_has_three_parts_and_its_fields_once() -> None:
    data = arf_report(MAIL, FEEDBACK)
    found = parsed(data)
    assert found.get_content_type() == "multipart/report"
    assert found.get_param("report-type") == "feedback-report"
    kinds = [part.get_content_type() for part in found.iter_parts()]
    assert kinds == ["text/plain", "message/feedback-report", "text/rfc822-headers"]
    for field in (b"Feedback-Type: abuse", b"User-Agent: Tutela/1", b"Version: 1", b"Source-IP: 192.0.2.44"):
        assert data.count(b"\r\n" + field + b"\r\n") == 1
    assert data.count(b"\nReported-URI: ") == 2


def test_every_byte_is_ascii_and_no_line_is_longer_than_smtp_carries() -> None:
    addresses = (LONG, "https://host.example/" + "ä" * 300, "https://host.example/?a[]=1&b={x|y}")
    mail = replace(MAIL, subject=" ".join(["Grüße"] * 49), body="ä" * 5000)
    data = arf_report(mail, replace(FEEDBACK, addresses=addresses))
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    found = parsed(data)
    assert found["Subject"] == mail.subject
    headers = list(found.iter_parts())[2]
    assert headers["Content-Transfer-Encoding"] == "7bit"
    inner = message_from_bytes(headers.get_payload(decode=True), policy=policy.default)  # type: ignore[arg-type]
    assert inner["Subject"] == mail.subject
    long, escaped, signs = parse_arf(data).addresses
    assert (long, escaped) == (LONG, "https://host.example/" + "%C3%A4" * 300)
    assert signs == "https://host.example/?a%5B%5D=1&b=%7Bx%7Cy%7D"


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300), st.text(max_size=400))
def test_whatever_is_written_is_ascii_in_short_lines(subject: str, body: str, path: str) -> None:
    try:
        data = arf_report(
            replace(MAIL, subject=subject, body=body), replace(FEEDBACK, addresses=(f"https://host.example/{path}",))
        )
    except MailInvalidError:
        return
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_a_report_comes_back_as_it_was() -> None:
    found = parse_arf(arf_report(MAIL, FEEDBACK))
    assert (tuple(found.addresses), found.source_ip, tuple(found.domains)) == (
        tuple(FEEDBACK.addresses),
        "192.0.2.44",
        ("host.example",),
    )
    assert found.feedback_type == "abuse"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "a\r\nBcc: x@evil.example"}, "subject"),
        ({"subject": "a\nBcc: x@evil.example"}, "subject"),
        ({"subject": "a\u2028b"}, "subject"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 301}, "subject"),
        ({"sender": "a@b.example\r\nBcc: x@evil.example"}, "sender"),
        ({"sender": "A <a@b.example>"}, "sender"),
        ({"recipients": ("a@b.example, c@evil.example",)}, "recipients"),
        ({"recipients": ()}, "recipients"),
        ({"message_id": "<a@b.example>\r\nX: y"}, "message_id"),
        ({"answers_to": "a"}, "answers_to"),
        ({"reference": "a\nb"}, "reference"),
        ({"language": "d\re"}, "language"),
        ({"body": ""}, "body"),
        ({"body": "a\0b"}, "body"),
        ({"body": "\ud800"}, "body"),
        ({"at": datetime(2026, 2, 10)}, "at"),  # noqa: DTZ001 - the missing zone is what is refused
    ],
)
def test_a_field_that_could_add_a_header_is_refused(change: dict[str, object], field: str) -> None:
    with pytest.raises(MailInvalidError, match=field):
        arf_report(replace(MAIL, **change), FEEDBACK)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"addresses": ()}, "addresses"),
        ({"addresses": ("https://u:p@host.example/",)}, "addresses"),
        ({"addresses": ("https://host.example/\r\nSource-IP: 192.0.2.1",)}, "addresses"),
        ({"source_ip": "192.0.2.44\nX: y"}, "source_ip"),
        ({"domains": ("a\nb",)}, "domains"),
        ({"domains": ("exämple.org",)}, "domains"),
        ({"feedback_type": "spam"}, "feedback_type"),
    ],
)
def test_a_field_of_the_report_that_is_wrong_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(MailInvalidError, match=field):
        arf_report(MAIL, replace(FEEDBACK, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"Version: 1\r\n", b"", "version"),
        (b"Version: 1\r\n", b"Version: 2\r\n", "version"),
        (b"Version: 1\r\n", b"Version: 1\r\nVersion: 1\r\n", "version"),
        (b"Feedback-Type: abuse\r\n", b"", "feedback-type"),
        (b"message/feedback-report", b"text/plain", "feedback-report"),
        (b"Reported-URI: https://host.example/x/1", b"Reported-URI: ftp://host.example/", "addresses"),
        (b"Source-IP: 192.0.2.44", b"Source-IP: x", "source_ip"),
    ],
)
def test_a_report_that_breaks_a_rule_is_refused_by_its_field(old: bytes, new: bytes, field: str) -> None:
    data = arf_report(MAIL, FEEDBACK)
    assert old in data
    with pytest.raises(MailInvalidError, match=field):
        parse_arf(data.replace(old, new))


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_adds_a_header(subject: str, body: str) -> None:
    try:
        data = arf_report(replace(MAIL, subject=subject, body=body), FEEDBACK)
    except MailInvalidError:
        data = arf_report(MAIL, FEEDBACK)
    found = parsed(data)
    assert len(found.keys()) == len(set(found.keys())) == 11
    assert found["Bcc"] is None


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    whole = arf_report(MAIL, FEEDBACK)
    for one in (data, whole[:400] + data + whole[400:]):
        try:
            found = parse_arf(one)
        except MailInvalidError:
            continue
        assert found.feedback_type
