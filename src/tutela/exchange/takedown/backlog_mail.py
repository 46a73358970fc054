"""Messages of a mailbox: their date, and the addresses in their text parts. Everything else is counted unseen.

Parts are found by their boundaries without decoding: an attachment's bytes are never turned into a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from html import unescape
from typing import BinaryIO

from tutela.exchange.takedown.backlog_text import addresses_in, date_in
from tutela.exchange.takedown.web_address import WebAddress

MOST_MESSAGE_BYTES = 5 * 1024 * 1024
LONGEST_LINE = 100_000
MOST_PART_CHARACTERS = 1_000_000
MOST_PARTS = 200
MOST_BOUNDARIES = 100
# Tags but links. No repeat in them passes another "<", so that a million of these take no longer than one.
_TAG = re.compile(r"<(?!a\s)[^<>]{0,10000}>", re.IGNORECASE)
_PICTURE = re.compile(r"<img\s", re.IGNORECASE)
_TEXT_TYPES = ("text/plain", "text/html", "text/csv")
_ADDRESSES = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,189}")
_HEADERS_OF_PEOPLE = ("from", "to", "cc", "bcc", "sender", "reply-to", "return-path")


@dataclass
class MailCounts:
    """Contents of mailboxes that were left out."""

    attachments: int = 0
    inline_pictures: int = 0
    email_addresses: int = 0
    large_messages: int = 0
    large_parts: int = 0
    deep_parts: int = 0
    charsets: int = 0
    broken_messages: int = 0


def messages_of(file: BinaryIO, counts: MailCounts) -> Iterator[bytes]:
    """The messages of an mbox file. A message that is too large is read away and counted."""
    kept: list[bytes] = []
    size, large, begun, fresh = 0, False, False, True
    while line := file.readline(LONGEST_LINE):
        if fresh and line.startswith(b"From "):
            if begun and not large:
                yield b"".join(kept)
            kept, size, large, begun = [], 0, False, True
        elif begun:
            size += len(line)
            if size > MOST_MESSAGE_BYTES and not large:
                counts.large_messages += 1
                kept, large = [], True
            if not large:
                kept.append(line[1:] if line.startswith(b">From ") else line)
        fresh = line.endswith(b"\n")
    if begun and not large:
        yield b"".join(kept)


def addresses_of_message(
    data: bytes, counts: MailCounts
) -> tuple[datetime | None, list[tuple[WebAddress | None, str]]]:
    """The date of a message and the addresses of its text parts, or the reasons of their refusals."""
    if len(data) > MOST_MESSAGE_BYTES:
        counts.large_messages += 1
        return None, []
    lower = data.lower()
    if lower.count(b"content-type:") > MOST_PARTS or lower.count(b"boundary=") > MOST_BOUNDARIES:
        # A deeply nested message would exhaust the parser's stack.
        counts.deep_parts += 1
        return None, []
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
        at = date_in(str(message.get("Date", "")))
        counts.email_addresses += sum(
            len(_ADDRESSES.findall(str(value)[:10_000]))
            for name in _HEADERS_OF_PEOPLE
            for value in message.get_all(name, [])
        )
        texts = [str(message.get("Subject", ""))[:1000], *_texts(message, counts)]
    except (MessageError, ValueError, LookupError, RecursionError, TypeError, AttributeError):
        # The package has raised each of these for hostile headers; none may stop a backlog of years.
        counts.broken_messages += 1
        return None, []
    counts.email_addresses += sum(len(_ADDRESSES.findall(text)) for text in texts[1:])
    return at, [one for text in texts for one in addresses_in(text)]


def _texts(message: Message | EmailMessage, counts: MailCounts) -> Iterator[str]:
    for place, part in enumerate(message.walk()):
        if place >= MOST_PARTS:
            counts.deep_parts += 1
            return
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        named = part.get_content_disposition() == "attachment" or part.get_filename() is not None
        if named or kind not in _TEXT_TYPES:
            if kind.startswith("image/") and part.get_content_disposition() != "attachment":
                counts.inline_pictures += 1
            else:
                counts.attachments += 1
            continue
        yield from _text(part, kind, counts)


def _text(part: Message | EmailMessage, kind: str, counts: MailCounts) -> Iterator[str]:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        counts.broken_messages += 1
        return
    if len(raw) > MOST_PART_CHARACTERS:
        counts.large_parts += 1
        return
    try:
        text = raw.decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        counts.charsets += 1
        text = raw.decode("latin-1")
    yield _html_text(text, counts) if kind == "text/html" else text


def _html_text(text: str, counts: MailCounts) -> str:
    """Text and links of a page. Other tags go with their addresses: pictures, scripts and name spaces."""
    counts.inline_pictures += len(_PICTURE.findall(text))
    return unescape(_TAG.sub(" ", text))
