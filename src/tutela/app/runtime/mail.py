"""Mail backend of a node without a mail server: mail is not sent, and its text is written nowhere.

A message may hold a link that sets a new password, or a code. A log is read by more people than a mailbox.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

log = structlog.get_logger("tutela.mail")


class NotSent(BaseEmailBackend):
    """Notes how many messages were not sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send nothing."""
        log.warning("mail not sent: TUTELA_EMAIL_URL is empty", messages=len(email_messages))
        return 0
