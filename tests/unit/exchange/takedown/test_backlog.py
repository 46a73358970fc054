"""Backlogs: addresses and dates are found, everything else is skipped and counted, and nothing hostile stops them."""

from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.backlog import (
    LONGEST_LINE,
    BacklogEntry,
    BacklogUnreadableError,
    MailboxReader,
    Skipped,
    TableReader,
)
from tutela.exchange.takedown.backlog_mail import MOST_MESSAGE_BYTES

SCART = b"URL;REFERER;WORKUSER-EMAIL;REFERENCE;SOURCE;TYPE\r\n"
PICTURE = b"\x89PNG" + b"\0" * 50


def table(data: bytes) -> tuple[list[BacklogEntry], Skipped]:
    reader = TableReader()
    return list(reader.read(io.BytesIO(data))), reader.skipped


def mailbox(data: bytes) -> tuple[list[BacklogEntry], Skipped]:
    reader = MailboxReader()
    return list(reader.read_mailbox(io.BytesIO(data))), reader.skipped


def message(text: str, html: str = "") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "A Reporter <reporter@mail.example>", "desk@hotline.example"
    made["Date"], made["Subject"] = "Tue, 10 Feb 2026 15:05:00 +0100", "Report of https://subject.example/s"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def test_a_table_of_scart_gives_addresses_and_counts_the_rest() -> None:
    found, skipped = table(
        SCART
        + b"https://host.example/x/1;https://board.example/;worker@hotline.example;EX-1;web;mainurl\n"
        + b"host.example/y;;;;;\n"
        + b'"hxxps://bad[.]example/a;b";;;;;\n;;;;;\nno address;;;;;\n'
    )
    assert [(one.place, one.address.normal, one.is_referrer) for one in sorted(found, key=lambda one: one.place)] == [
        (2, "https://board.example/", True),
        (2, "https://host.example/x/1", False),
        (3, "http://host.example/y", False),
        (4, "https://bad.example/a;b", False),
    ]
    assert (skipped.cells, skipped.email_addresses, skipped.without_address) == (4, 1, 1)
    assert skipped.invalid == {"syntax": 1}


def test_a_table_of_iccam_has_commas_and_dates() -> None:
    found, _skipped = table(
        b"contentId,urlString,hotlineReceivedDate,memo\n"
        b"7,https://host.example/x,2026-02-10T09:00:00Z,\n"
        b'8,"https://host.example/y,z",11-02-2026,Name of a person\n'
    )
    assert [(one.address.normal, one.at) for one in found] == [
        ("https://host.example/x", datetime(2026, 2, 10, 9, tzinfo=UTC)),
        ("https://host.example/y,z", datetime(2026, 2, 11, tzinfo=UTC)),
    ]


def test_a_list_without_a_header_is_read_from_its_first_line() -> None:
    found, _skipped = table(b"\xef\xbb\xbfhttps://host.example/1\t2026-02-10\nhttps://host.example/2\n")
    assert [(one.address.path, one.at is not None) for one in found] == [("/1", True), ("/2", False)]


@pytest.mark.parametrize("data", [b"PK\3\4", b"\xd0\xcf\x11\xe0", b"!BDN", b"%PDF-1.7"])
def test_a_spreadsheet_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(BacklogUnreadableError, match="CSV"):
        table(data + b"\n")


def test_lines_that_are_too_long_and_other_character_sets_are_counted() -> None:
    found, skipped = table(
        b"url;note\nhttps://host.example/1;" + b"x" * (LONGEST_LINE * 3) + b"\nhttps://host.example/2;caf\xe9\n"
    )
    assert [one.address.path for one in found] == ["/2"]
    assert (skipped.long_lines, skipped.charsets) == (1, 1)


def test_refused_addresses_are_counted_by_their_reason() -> None:
    found, skipped = table(b"url\nhttp://localhost/\nhttp://10.0.0.1/\nhttp://0x7f.1/\n")
    assert not found
    assert skipped.invalid == {"not_public": 2, "odd_ipv4": 1}


def test_a_message_gives_its_date_and_addresses_alone() -> None:
    made = message(
        "See (https://host.example/a). Write to victim@family.example, or hxxp://host[.]example/b!",
        '<html xmlns="http://www.w3.org/1999/xhtml"><a href="https://host.example/c?x=1&amp;y=2">here</a>'
        '<img src="https://host.example/pixel.png"></html>',
    )
    made.add_attachment(PICTURE, maintype="image", subtype="png", filename="x.png")
    made.add_attachment(b"https://host.example/attached", maintype="text", subtype="plain", filename="a.txt")
    reader = MailboxReader()
    found = list(reader.read_message(made.as_bytes()))
    assert [one.address.normal for one in found] == [
        "https://subject.example/s",
        "https://host.example/a",
        "http://host.example/b",
        "https://host.example/c?x=1&y=2",
    ]
    assert {one.at for one in found} == {datetime(2026, 2, 10, 14, 5, tzinfo=UTC)}
    assert (reader.skipped.attachments, reader.skipped.inline_pictures) == (2, 1)
    assert reader.skipped.email_addresses == 3


def test_an_inline_picture_is_counted_and_never_decoded() -> None:
    made = message("Text", "<p>x</p>")
    made.get_payload()[1].add_related(PICTURE, "image", "png", cid="<1>")  # type: ignore[index,union-attr]
    reader = MailboxReader()
    assert [one.address.host for one in reader.read_message(made.as_bytes())] == ["subject.example"]
    assert reader.skipped.inline_pictures == 1


def test_a_mailbox_is_read_message_by_message() -> None:
    one = b"From a@b.example Tue Feb 10\n" + message("https://host.example/1\n").as_bytes() + b"\n"
    large = b"From x\nSubject: s\n\n" + b"https://host.example/2 \n" * (MOST_MESSAGE_BYTES // 24 + 1)
    found, skipped = mailbox(one + large + one.replace(b"/1", b"/3") + b"From y\nSubject: x\n\n>From here\n")
    assert [(one.place, one.address.path) for one in found if one.address.host == "host.example"] == [
        (1, "/1"),
        (2, "/3"),
    ]
    assert (skipped.large_messages, skipped.without_address) == (1, 1)


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"Content-Type: text/plain; charset=nonsense\n\nhttps://host.example/1", "charsets"),
        (b"Content-Type: text/plain; charset=utf-8\n\n\xff https://host.example/1", "charsets"),
        (b"Content-Type: multipart/mixed; boundary=a\n" * 300 + b"\n", "deep_parts"),
        (b"Content-Type: message/rfc822\n\n" * 5000, "deep_parts"),
        (b"x" * (MOST_MESSAGE_BYTES + 1), "large_messages"),
        (b"Content-Type: text/plain\n\n" + b"x" * 1_000_001, "large_parts"),
    ],
)
def test_hostile_messages_are_counted(data: bytes, count: str) -> None:
    reader = MailboxReader()
    list(reader.read_message(data))
    assert getattr(reader.skipped, count) == 1


@pytest.mark.parametrize("piece", ["<", "<a ", "http:", "https://a.example/(", "&", "<img ", "h**p:", "[", "@", "a@b."])
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    text = (piece * 1_000_000)[:900_000]
    data = b"Content-Type: text/html\n\n" + text.encode()
    begin = time.process_time()
    list(MailboxReader().read_message(data))
    table(text.encode())
    assert time.process_time() - begin < 120


def test_an_address_that_is_too_long_is_not_read_from_its_middle() -> None:
    found, skipped = table(b"https://host.example/" + b"x" * 3000 + b"https://other.example/ \n")
    assert not found
    assert skipped.invalid == {"too_long": 1}


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_counted(data: bytes) -> None:
    mailbox(b"From x\n" + data)
    list(MailboxReader().read_message(data))
    table(b"url;date\n" + data)
