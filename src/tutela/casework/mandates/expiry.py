"""Warnings before a mandate expires: a line in the log each day, and an e-mail to people on call on some days."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.mandates import gate, records
from tutela.organisations.people import directory

log = structlog.get_logger("tutela.mandates")
# Days before the last day on which an e-mail is sent; afterwards the log and the start page say it every day.
EMAIL_DAYS = frozenset({30, 14, 7, 3, 1, 0})


def warn() -> int:
    """Warn of every part that expires within 30 days, in every organisation of the node; returns how many."""
    count, lines, today = 0, list[str](), clock.now().date()
    for entry in directory.list_organisations():
        if not (entry.verified and gate.is_gated(entry.kind)):
            continue
        for one in gate.parts(directory.acting_for(entry, "system:mandates", "Mandates")):
            if one.expires_on is None or not one.warns:
                continue
            count, days = count + 1, (one.expires_on - today).days
            log.warning("mandate expires", organisation=str(entry.id), part=one.part.value, days=days)
            if days in EMAIL_DAYS:
                lines.append(f"{entry.name}: {one.part.label}, {one.expires_on.isoformat()}")
    if lines and settings.ALERT_EMAILS:
        body = "\n".join([*lines, "", f"{settings.PUBLIC_URL}{records.PAGE}"])
        subject = _("A mandate expires soon")
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, bcc=list(settings.ALERT_EMAILS)).send()
    return count
