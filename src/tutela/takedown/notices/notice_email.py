"""The e-mail of a notice: text for people, and the same for machines.

1. A plain e-mail has the notice as JSON and, where XARF has a word for its label, as XARF.
2. An ARF report (RFC 5965) is for hosts that read nothing else. It has no attachments.
3. The Message-ID names the notice and its state: a copy after a crash is known as one.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage as Mime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from tutela import clock
from tutela.exchange.takedown.arf import Feedback, Mail, arf_report
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.takedown.models import Notice
from tutela.takedown.notices import compose, host_link, xarf


def email(wire: Wire, to: str, row: Notice) -> EmailMessage:
    """Rule 1. Call inside `acting(actor)`."""
    headers = {"Message-ID": _message_id(row), "Auto-Submitted": "auto-generated"}
    sender = settings.DEFAULT_FROM_EMAIL
    made = EmailMessage(compose.subject_line(wire, row.language), _body(wire, row), sender, [to], headers=headers)
    made.attach(f"{wire.reference}.json", wire.model_dump_json(exclude_none=True), "application/json")
    if (found := xarf.document(row, wire)) is not None:
        made.attach(xarf.FILE_NAME, found.decode(), "application/json")
    return made


def arf_email(wire: Wire, to: str, row: Notice) -> EmailMessage:
    """Rule 2. Raises `MailInvalidError` if the recipient's address has no form in the format."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = Mail(
        sender=sender,
        recipients=(to,),
        subject=compose.subject_line(wire, row.language),
        body=_body(wire, row),
        language=row.language,
        message_id=_message_id(row),
        at=clock.now(),
        reference=wire.reference,
    )
    return _Built(arf_report(mail, Feedback(tuple(one.url for one in wire.locations))), sender, [to])


class _Built(EmailMessage):
    """An e-mail whose parts are built already."""

    def __init__(self, data: bytes, sender: str, to: list[str]) -> None:
        super().__init__(from_email=sender, to=to)
        self._data = data

    def message(self, *, policy: Any = policy.SMTP) -> Mime:
        made: Mime = message_from_bytes(self._data, Mime, policy=policy)
        return made


def _body(wire: Wire, row: Notice) -> str:
    return compose.as_text(wire, row.language, row.level, host_link.link_of(row))


def _message_id(row: Notice) -> str:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{row.pk}.{row.state}@{domain}>"
