"""Classification of what was typed: number, ID, digest, e-mail address, IP address, account, reference or words.

A text may be of several kinds: `AZ 17` may be a file reference or a title. Accounts, e-mail addresses and IP addresses
identify a person. The same function reads what is stored and what is typed, so that equal values have equal keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.casework.search.errors import NotAValue
from tutela.exchange.message.text_cleanup import storable, typed

MOST_CHARACTERS = 300
# Hexadecimal digits of MD5, SHA-1, and SHA-256 or PDQ.
DIGEST_DIGITS = (32, 40, 64)
# A number like R-7K3M-Q9TD-X, of a report, referral, draft, indicator or bundle.
CASE_NUMBER = re.compile(r"[A-Z]-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
_HEX = re.compile(r"[0-9a-f]+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_ADDRESS = re.compile(r"[a-z*]{3,6}(?::|\[:\]|\(:\)|\[://\])\S", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-/]{5,}[0-9]")


class ValueKind(StrEnum):
    """Kind of a value. `ACCOUNT`, `EMAIL` and `IP` identify a person."""

    NUMBER = "number"
    ID = "id"
    DIGEST = "digest"
    EMAIL = "email"
    IP = "ip"
    ACCOUNT = "account"
    FILE_REFERENCE = "file_reference"
    WORDS = "words"
    # Web address, also in a defanged spelling, in the letters in which it was typed.
    ADDRESS = "address"


LABELS = {
    ValueKind.NUMBER: _("number"),
    ValueKind.ID: _("ID"),
    ValueKind.DIGEST: _("digest"),
    ValueKind.EMAIL: _("e-mail address"),
    ValueKind.IP: _("IP address"),
    ValueKind.ACCOUNT: _("account"),
    ValueKind.FILE_REFERENCE: _("file reference"),
    ValueKind.WORDS: _("words of a title"),
    ValueKind.ADDRESS: _("web address"),
}
PERSONAL = frozenset({ValueKind.ACCOUNT, ValueKind.EMAIL, ValueKind.IP})
# Values by which any record may be known, whatever they look like.
_REFERENCES = (ValueKind.NUMBER, ValueKind.FILE_REFERENCE)


@dataclass(frozen=True)
class Value:
    """A value in the one form in which it is compared. Its text is never shown in a log: `repr` leaves it out."""

    kind: ValueKind
    text: str

    def __repr__(self) -> str:
        return f"Value({self.kind})"

    @property
    def personal(self) -> bool:
        return self.kind in PERSONAL


def classify(text: str) -> tuple[Value, ...]:
    """Every kind that a typed text may be. Raises `NotAValue` for nothing, for too much and for wildcards."""
    said = cleaned(text)
    if "*" in said or said[0] in "%?" or said[-1] in "%?":
        raise NotAValue("Enter the whole value. Wildcards are not allowed.")
    if CASE_NUMBER.fullmatch(said.upper()):
        return (value(ValueKind.NUMBER, said),)
    if (known := _uuid(said)) is not None:
        return (Value(ValueKind.ID, known), value(ValueKind.FILE_REFERENCE, said), value(ValueKind.ACCOUNT, said))
    if is_digest(said):
        return (value(ValueKind.DIGEST, said), value(ValueKind.FILE_REFERENCE, said))
    person = personal(said)
    if person.kind is not ValueKind.ACCOUNT:
        return (person,)
    address = (Value(ValueKind.ADDRESS, said),) if _ADDRESS.match(said) else ()
    return (*address, *(value(kind, said) for kind in _REFERENCES), value(ValueKind.WORDS, said), person)


def cleaned(text: str) -> str:
    """What was typed, in its one form. Raises `NotAValue` for nothing and for too much.

    The length is checked first: the normal form of a long text of combining marks takes minutes.
    """
    if len(text) > MOST_CHARACTERS:
        raise NotAValue("Enter at most {most} characters.", most=MOST_CHARACTERS)
    said = plain(typed(text)) if storable(text) else ""
    if not said:
        raise NotAValue
    if len(said) > MOST_CHARACTERS:
        raise NotAValue("Enter at most {most} characters.", most=MOST_CHARACTERS)
    return said


def value(kind: ValueKind, text: str) -> Value:
    """A value of a known kind, in its one form."""
    said = plain(text)
    if kind is ValueKind.NUMBER:
        return Value(kind, said.upper())
    return personal(said) if kind in PERSONAL else Value(kind, said.casefold())


def personal(text: str) -> Value:
    """Read a value that identifies a person, by its form: IP address, e-mail address, otherwise an account."""
    said = plain(text)
    if (address := _ip(said)) is not None:
        return Value(ValueKind.IP, address)
    if _EMAIL.fullmatch(said) and "/" not in said:
        return Value(ValueKind.EMAIL, said.casefold())
    if _PHONE.fullmatch(said):
        return Value(ValueKind.ACCOUNT, re.sub(r"[^+0-9]", "", said))
    return Value(ValueKind.ACCOUNT, said.casefold())


def plain(text: str) -> str:
    """A text on one line with single spaces, in the characters that Unicode holds equal (NFKC), without invisible
    ones."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")
    return " ".join(seen.split())


def is_digest(text: str) -> bool:
    """Whether a text is a whole digest or PDQ hash, in hexadecimal digits."""
    return len(text) in DIGEST_DIGITS and _HEX.fullmatch(text.lower()) is not None


def of_kinds(values: Iterable[Value], *kinds: ValueKind) -> list[str]:
    """The texts of those values that are of these kinds."""
    return [one.text for one in values if one.kind in kinds]


def _uuid(text: str) -> str | None:
    """An ID with its hyphens; without them, 32 digits are an MD5."""
    try:
        return str(UUID(text)) if len(text) == 36 else None
    except ValueError:
        return None


def _ip(text: str) -> str | None:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return str((found.ipv4_mapped if isinstance(found, IPv6Address) else None) or found)
