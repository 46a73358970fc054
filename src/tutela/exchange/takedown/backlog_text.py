"""Addresses and dates inside free text of a backlog, in plain or defanged spelling, with bounded work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from tutela.exchange.takedown.web_address import AddressInvalidError, WebAddress, normalise

# A begin of an address, plain or defanged. What follows is read up to white space or a closing sign.
_BEGIN = re.compile(r"(?:h(?:tt|xx|\*\*|tx|xt)ps?|ipfs|ipns|magnet)(?=:|\[:|\(:)", re.IGNORECASE)
_END = re.compile(r"[\s<>\"`\x00-\x20]")
# Signs at the end of a sentence that no address ends with when it is inside a text.
_AFTER = ".,;:!?'|"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
LONGEST_ADDRESS = 2083
_DATES = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d")
_DAY = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{8}")


def addresses_in(text: str) -> Iterator[tuple[WebAddress | None, str]]:
    """Each address of a text, or None with the reason of its refusal. Nothing else of the text is returned."""
    at = 0
    while (begin := _BEGIN.search(text, at)) is not None:
        end = _END.search(text, begin.end())
        at = end.start() if end else len(text)
        found = _trimmed(text[begin.start() : min(at, begin.start() + LONGEST_ADDRESS + 1)])
        try:
            yield normalise(found), ""
        except AddressInvalidError as error:
            yield None, error.fault.value


def date_in(text: str) -> datetime | None:
    """The moment that a cell or a header states, in UTC; None for any other text.

    A date without a time is midnight UTC. Day comes before month where the year is last, as in SCART's tables.
    """
    said = text.strip()[:60]
    if not said:
        return None
    for read in (datetime.fromisoformat, _mailed, _day):
        try:
            found = read(said)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _mailed(text: str) -> datetime:
    return parsedate_to_datetime(text)


def _day(text: str) -> datetime:
    found = _DAY.match(text)
    if found is None:
        raise ValueError("no date")
    for form in _DATES:
        try:
            day = datetime.strptime(found[0], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return datetime.combine(day, datetime.min.time(), UTC) if day > date.min else datetime.min.replace(tzinfo=UTC)
    raise ValueError("no date")


def _trimmed(text: str) -> str:
    """Without the signs of the sentence around it: `(see https://example.org/a).`"""
    while text:
        last = text[-1]
        if last in _AFTER or (last in _BRACKETS and text.count(last) > text.count(_BRACKETS[last])):
            text = text[:-1]
        else:
            break
    return text
