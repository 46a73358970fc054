"""Canonical form of identifiers: the same thing has the same value wherever it was typed.

An account is `service/name`; both are compared without regard to case or width. An e-mail address is compared in lower
case, and a phone number as E.164. An IP address is compared in its shortest form, and a digest as lower-case
hexadecimal digits.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address

import phonenumbers

from tutela.events.errors import Invalid

KINDS = ("account", "email", "phone", "ip", "digest")
MOST_CHARACTERS = 300
_DIGEST = {32: "md5", 40: "sha1", 64: "sha256"}


def canonical(kind: str, value: str) -> str:
    """The one form of an identifier. Raises `Invalid` naming the field and the reason."""
    if kind not in KINDS:
        raise Invalid("Choose one of: {known}.", field="kind", known=", ".join(KINDS))
    text = unicodedata.normalize("NFKC", value).strip()
    if not text or len(text) > MOST_CHARACTERS or any(unicodedata.category(c) == "Cc" for c in text):
        raise Invalid(
            "An identifier must have 1 to {most} characters on one line.", field="value", most=MOST_CHARACTERS
        )
    return {"account": _account, "email": _email, "phone": _phone, "ip": _ip, "digest": _digest}[kind](text)


def item_of(kind: str, form: str) -> bytes:
    """Input of a value's computation: the kind and the canonical form, kept separate."""
    return b"tutela-identifier/1\0" + kind.encode() + b"\0" + form.encode()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text.strip().casefold()).strip()


def _account(text: str) -> str:
    service, slash, name = text.partition("/")
    service, name = _folded(service), _folded(name)
    if not slash or not service or not name:
        raise Invalid("Enter the service, a slash and the account's name.", field="value")
    return f"{service}/{name}"


def _email(text: str) -> str:
    folded = _folded(text)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", folded):
        raise Invalid("An e-mail address must have one @ and no spaces.", field="value")
    return folded


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise Invalid("Enter the number with its country prefix, such as +49.", field="value") from None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _ip(text: str) -> str:
    try:
        found = ip_address(text)
    except ValueError:
        raise Invalid("Enter a valid IP address.", field="value") from None
    inner = getattr(found, "ipv4_mapped", None)
    return (inner or found).compressed


def _digest(text: str) -> str:
    plain = text.lower()
    if len(plain) not in _DIGEST or not re.fullmatch(r"[0-9a-f]+", plain):
        raise Invalid("A digest must be an MD5, SHA-1 or SHA-256 in hex digits.", field="value")
    return f"{_DIGEST[len(plain)]}:{plain}"
