"""ARF report (RFC 5965) as an e-mail to a provider, with `Reported-URI`.

Use ARF only where a host insists: its fields are made for e-mail abuse. Reports are built and parsed by the `email`
package. Every header value is one line of printable text, so that a case cannot add a header or a recipient. A report
has no attachments, and of one from outside no third part is kept.

Every byte is ASCII and no line has more than 998 characters, as SMTP wants. A longer address is folded, and whoever
reads it drops the white space in it (RFC 3986, appendix C).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime
from ipaddress import ip_address

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.fields import email_address
from tutela.exchange.takedown.web_address import AddressInvalidError, WebAddress, as_uri, for_notice, normalise

VERSION = "1"
USER_AGENT = "Tutela/1"
TYPES = ("abuse", "fraud", "virus", "other", "not-spam")
MOST_BYTES = 1024 * 1024
MOST_ADDRESSES = 1000
MOST_BODY_CHARACTERS = 200_000
LONGEST_LINE = 300
# An address with white space where it was folded.
LONGEST_FIELD = 8_000
# RFC 5965: these occur once; all others may be repeated.
_ONCE = (
    "feedback-type",
    "user-agent",
    "version",
    "original-envelope-id",
    "original-mail-from",
    "arrival-date",
    "reporting-mta",
    "source-ip",
    "incidents",
)
_REQUIRED = _ONCE[:3]
# Encoded words have at most 75 characters, and lines of quoted-printable 76.
_POLICY = policy.SMTP.clone(max_line_length=76)
# SMTP wants at most 998 characters in a line, and an address may be longer when escaped.
_LONGEST_FOLD = 900
_DOMAIN = re.compile(r"[!-~]{1,253}")
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,100}@[A-Za-z0-9.-]{1,150}>")


class MailInvalidError(ExchangeError):
    """The e-mail cannot be built or read."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A notice as e-mail: text in the provider's language, made by the caller.

    `message_id` is `<unique@domain>`; `answers_to` is the Message-ID of an earlier notice.
    """

    sender: str
    recipients: Sequence[str]
    subject: str
    body: str
    language: str
    message_id: str
    at: datetime
    answers_to: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """The machine-readable part of an ARF report."""

    addresses: Sequence[str]
    source_ip: str = ""
    domains: Sequence[str] = ()
    feedback_type: str = "abuse"
    arrival: datetime | None = None
    further: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def arf_report(mail: Mail, feedback: Feedback) -> bytes:
    """The notice as `multipart/report` with its machine-readable part. Raises `MailInvalidError`."""
    if feedback.feedback_type not in TYPES:
        raise MailInvalidError(f"feedback_type: must be one of {', '.join(TYPES)}.")
    if not 1 <= len(feedback.addresses) <= MOST_ADDRESSES:
        raise MailInvalidError(f"addresses: must be 1 to {MOST_ADDRESSES}.")
    message = _headed(mail)
    message.make_mixed()
    message.set_type("multipart/report")
    message.set_param("report-type", "feedback-report")
    text = EmailMessage(policy=_POLICY)
    text.set_content(_body(mail.body), charset="utf-8", cte="quoted-printable")
    text["Content-Language"] = _line("language", mail.language)
    message.attach(text)
    message.attach(_feedback_part(feedback))
    # RFC 5965 wants the message that is reported. There is none: the headers of this notice name its case.
    named = EmailMessage(policy=_POLICY)
    named["Subject"] = _line("subject", mail.subject)
    headers = EmailMessage(policy=_POLICY)
    headers.set_content(named.as_bytes().decode("ascii"), subtype="rfc822-headers", charset="us-ascii", cte="7bit")
    message.attach(headers)
    return message.as_bytes(policy=_POLICY)


def parse_arf(data: bytes) -> Feedback:
    """The machine-readable part of an ARF report. Raises `MailInvalidError`, naming the field.

    Addresses are in their normal form. The other parts are not read.
    """
    if len(data) > MOST_BYTES:
        raise MailInvalidError(f"The message has more than {MOST_BYTES} bytes.")
    if data.lower().count(b"content-type:") > 50:
        raise MailInvalidError("The message has too many parts.")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(data)
        fields = _fields(message)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
        raise MailInvalidError("The message is not valid e-mail.") from None
    for name in _REQUIRED:
        if name not in fields:
            raise MailInvalidError(f"{name}: is required.")
    if twice := [name for name in _ONCE if len(fields.get(name, ())) > 1]:
        raise MailInvalidError(f"{twice[0]}: must occur once.")
    if fields["version"][0].strip() != VERSION:
        raise MailInvalidError("version: must be 1.")
    known = (*_ONCE, "reported-uri", "reported-domain")
    return Feedback(
        addresses=tuple(
            for_notice(_address("".join(one.split()))) for one in fields.get("reported-uri", ())[:MOST_ADDRESSES]
        ),
        source_ip=_ip(fields.get("source-ip", ("",))[0]),
        domains=tuple(one.strip()[:253] for one in fields.get("reported-domain", ())[:MOST_ADDRESSES]),
        feedback_type=fields["feedback-type"][0].strip().lower()[:40],
        further={name: values for name, values in fields.items() if name not in known},
    )


def _headed(mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = _email("sender", mail.sender)
    if not mail.recipients or len(mail.recipients) > 20:
        raise MailInvalidError("recipients: must be 1 to 20.")
    message["To"] = ", ".join(_email("recipients", one) for one in mail.recipients)
    message["Subject"] = _line("subject", mail.subject)
    if mail.at.tzinfo is None:
        raise MailInvalidError("at: must have a time zone.")
    message["Date"] = format_datetime(mail.at.astimezone(UTC))
    message["Message-ID"] = _message_id("message_id", mail.message_id)
    if mail.answers_to:
        message["In-Reply-To"] = message["References"] = _message_id("answers_to", mail.answers_to)
    if mail.reference:
        message["X-Tutela-Reference"] = _line("reference", mail.reference)
    # An answer by a machine must not be answered by another.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _feedback_part(feedback: Feedback) -> EmailMessage:
    lines = [("Feedback-Type", feedback.feedback_type), ("User-Agent", USER_AGENT), ("Version", VERSION)]
    if feedback.source_ip:
        lines.append(("Source-IP", _ip(feedback.source_ip)))
    if feedback.arrival is not None:
        lines.append(("Arrival-Date", format_datetime(feedback.arrival.astimezone(UTC))))
    lines += [("Reported-Domain", _domain(one)) for one in feedback.domains]
    lines += [("Reported-URI", _folded(as_uri(_address(one)))) for one in feedback.addresses]
    part = EmailMessage(policy=_POLICY)
    part["Content-Type"] = "message/feedback-report"
    part.set_payload("".join(f"{name}: {value}\r\n" for name, value in lines))
    return part


def _fields(message: Message) -> dict[str, tuple[str, ...]]:
    part = next((one for one in message.walk() if one.get_content_type() == "message/feedback-report"), None)
    if part is None:
        raise MailInvalidError("message/feedback-report: is required.")
    inner = part.get_payload()
    # The package reads a part of type `message` as messages; other producers send it as text.
    block = inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None
    if block is None:
        block = BytesParser(policy=policy.compat32).parsebytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
    found: dict[str, tuple[str, ...]] = {}
    for name, value in list(block.items())[: MOST_ADDRESSES * 2]:
        text = " ".join(str(value).split())[:LONGEST_FIELD]
        found[name.lower()[:60]] = (*found.get(name.lower()[:60], ()), text)
    return found


def _line(name: str, text: str) -> str:
    if not text.strip() or len(text) > LONGEST_LINE or not _PRINTABLE.fullmatch(text):
        raise MailInvalidError(f"{name}: must be one line of 1 to {LONGEST_LINE} printable characters.")
    return text


def _email(name: str, text: str) -> str:
    try:
        return email_address(text)
    except ValueError as error:
        raise MailInvalidError(f"{name}: {error}.") from None


def _message_id(name: str, text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise MailInvalidError(f"{name}: must be <unique@domain>.")
    return text


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise MailInvalidError("domains: must be a domain name in ASCII.")
    return text


def _folded(address: str) -> str:
    return "\r\n ".join(address[at : at + _LONGEST_FOLD] for at in range(0, len(address), _LONGEST_FOLD))


def _address(text: str) -> WebAddress:
    try:
        for_notice(address := normalise(text))
        return address
    except AddressInvalidError as error:
        raise MailInvalidError(f"addresses: {error.fault.value}.") from None


def _ip(text: str) -> str:
    try:
        return str(ip_address(text.strip())) if text.strip() else ""
    except ValueError:
        raise MailInvalidError("source_ip: must be an IP address.") from None


def _body(text: str) -> str:
    if not text.strip() or len(text) > MOST_BODY_CHARACTERS:
        raise MailInvalidError(f"body: must have 1 to {MOST_BODY_CHARACTERS} characters.")
    if any(ord(char) < 32 and char not in "\n\t" for char in text) or not _encodable(text):
        raise MailInvalidError("body: must not contain control characters.")
    return text


def _encodable(text: str) -> bool:
    try:
        return text.encode() is not None
    except UnicodeEncodeError:
        return False
