"""Backlogs of hotlines: addresses and dates out of old tables and mailboxes, and nothing else.

    read_table     CSV and TSV, also of SCART and ICCAM; columns with known names, or any cell with an address
    read_mailbox   mbox, message by message             read_message   one message (EML)

1. Names, e-mail addresses, attachments and pictures are never returned, stored or decoded. They are counted.
2. Memory is bounded: a line, a message and a part have a largest size. What is longer is skipped and counted.
3. Nothing raises for broken content: an unknown character set, a bad boundary or an odd quotation mark is counted.
4. A refused address is counted by the reason (`AddressFault`), and its text is dropped.

Spreadsheets (.xlsx) and mailboxes of one vendor (.pst) are not read: export them as CSV and as mbox.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.backlog_mail import MailCounts, addresses_of_message, messages_of
from tutela.exchange.takedown.backlog_text import addresses_in, date_in
from tutela.exchange.takedown.web_address import AddressInvalidError, WebAddress, normalise

LONGEST_LINE = 100_000
MOST_COLUMNS = 200
_DATE_COLUMNS = frozenset(
    {
        "date",
        "received",
        "received_at",
        "receivedat",
        "hotlinereceiveddate",
        "firstseen",
        "first seen",
        "first_seen",
        "reported",
        "reported_at",
        "created",
        "created_at",
        "datum",
        "classificationdate",
    }
)
# The page that led to an address is not reported itself.
_REFERRER_COLUMNS = frozenset({"referer", "referrer", "referrerurl", "sourceurlreferrer", "referer_url"})
_ADDRESS_COLUMNS = frozenset({"url", "address", "link", "urlstring", "sourceurl", "source_url", "mainurl", "imageurl"})
_KNOWN_BINARY = (b"PK\3\4", b"\xd0\xcf\x11\xe0", b"!BDN", b"%PDF")


class BacklogUnreadableError(ExchangeError):
    """The backlog file cannot be read."""


@dataclass(frozen=True, slots=True)
class BacklogEntry:
    """One address, and the date that stood next to it. `place` is its line or message, from 1.

    `is_referrer`: the page that led to a reported one, by its column. It is not reported itself.
    """

    place: int
    address: WebAddress
    at: datetime | None = None
    is_referrer: bool = False


@dataclass
class Skipped(MailCounts):
    """Contents that were left out, by kind; nothing of them is kept.

    `cells` had neither an address nor a date; `without_address` counts lines and messages without any address;
    `invalid` counts refused addresses by their reason.
    """

    cells: int = 0
    long_lines: int = 0
    without_address: int = 0
    invalid: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count one refused address."""
        self.invalid[reason] = self.invalid.get(reason, 0) + 1


class TableReader:
    """Reads one table; `skipped` counts what was left out."""

    def __init__(self) -> None:
        self.skipped = Skipped()

    def read(self, file: BinaryIO) -> Iterator[BacklogEntry]:
        """Every address. Raises `BacklogUnreadableError` for a spreadsheet or another binary file."""
        lines = _lines(file, self.skipped)
        first = next(lines, None)
        if first is None:
            return
        number, text = first
        separator = max(";,\t", key=text.count)
        header = [cell.strip().lower().lstrip("\ufeff") for cell in _cells(text, separator)]
        named = bool(set(header) & (_ADDRESS_COLUMNS | _DATE_COLUMNS)) and "://" not in text
        columns = header if named else []
        if not named:
            yield from self._line(number, text, separator, columns)
        for number, text in lines:
            yield from self._line(number, text, separator, columns)

    def _line(self, number: int, text: str, separator: str, columns: list[str]) -> Iterator[BacklogEntry]:
        found: list[tuple[WebAddress, bool]] = []
        at: datetime | None = None
        cells = _cells(text, separator)
        for place, cell in enumerate(cells):
            column = columns[place] if place < len(columns) else ""
            said = date_in(cell) if column in _DATE_COLUMNS or not columns else None
            if said is not None:
                at = at or said
                continue
            before, refused = len(found), sum(self.skipped.invalid.values())
            found += [(one, column in _REFERRER_COLUMNS) for one in self._addresses(cell, column)]
            if cell.strip() and len(found) == before and sum(self.skipped.invalid.values()) == refused:
                self.skipped.cells += 1
                self.skipped.email_addresses += "@" in cell
        if not found and any(cell.strip() for cell in cells):
            self.skipped.without_address += 1
        # The same page in two columns of one line is one entry.
        for address, is_referrer in {one.normal: (one, other) for one, other in reversed(found)}.values():
            yield BacklogEntry(number, address, at, is_referrer)

    def _addresses(self, cell: str, column: str) -> Iterator[WebAddress]:
        some = False
        for address, reason in addresses_in(cell):
            some = True
            if address is None:
                self.skipped.refuse(reason)
            else:
                yield address
        if not some and column in _ADDRESS_COLUMNS and cell.strip():
            # Old tables leave the scheme out; a browser would have asked for http.
            try:
                yield normalise(f"http://{cell.strip()}")
            except AddressInvalidError as error:
                self.skipped.refuse(error.fault.value)


class MailboxReader:
    """Reads one mailbox or one message; `skipped` counts what was left out."""

    def __init__(self) -> None:
        self.skipped = Skipped()

    def read_mailbox(self, file: BinaryIO) -> Iterator[BacklogEntry]:
        """Every address of an mbox file, message by message."""
        for number, data in enumerate(messages_of(file, self.skipped), 1):
            yield from self._message(number, data)

    def read_message(self, data: bytes) -> Iterator[BacklogEntry]:
        """Every address of one message (EML)."""
        yield from self._message(1, data)

    def _message(self, number: int, data: bytes) -> Iterator[BacklogEntry]:
        at, found = addresses_of_message(data, self.skipped)
        some = dict[str, WebAddress]()
        for address, reason in found:
            if address is None:
                self.skipped.refuse(reason)
            else:
                some.setdefault(address.normal, address)
        if not some:
            self.skipped.without_address += 1
        for address in some.values():
            yield BacklogEntry(number, address, at)


def _lines(file: BinaryIO, skipped: Skipped) -> Iterator[tuple[int, str]]:
    """Lines with their numbers. A line that is too long is read away piece by piece, and counted."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1 and raw.startswith(_KNOWN_BINARY):
            raise BacklogUnreadableError("A spreadsheet or another binary file must be exported as CSV in UTF-8.")
        if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
            skipped.long_lines += 1
            while (rest := file.readline(LONGEST_LINE + 1)) and not rest.endswith(b"\n"):
                pass
            continue
        yield number, _text(raw, skipped)


def _text(raw: bytes, skipped: Skipped) -> str:
    try:
        return raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        # Addresses are ASCII in either case; only names are lost, and those are not wanted.
        skipped.charsets += 1
        return raw.decode("latin-1").rstrip("\r\n")


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text.replace("\0", " ")], delimiter=separator), [])[:MOST_COLUMNS]
    except csv.Error:
        return text.split(separator)[:MOST_COLUMNS]
