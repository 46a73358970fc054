"""E-mails about notifications: the number of new ones and a link. Nothing of a case, no name, no number.

A person chooses none (the default), at once, or once a day. A notification that was read, or that its person wants no
e-mail about, is never sent. If sending fails, the next run tries again: twice is better than not at all.
"""

from __future__ import annotations

import smtplib
from datetime import timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tutela import clock
from tutela.casework.models import MailChoice, MailTime, Notification
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.people import members

PAGE = "/desk/notifications/"
# A little less than a day, so that the time of the daily e-mail does not drift.
DAY = timedelta(hours=23, minutes=55)
FAILURES = (OSError, smtplib.SMTPException)
log = structlog.get_logger("tutela.notifications")


def send_due(organisation: Actor) -> int:
    """Send the e-mails of an organisation's people that are due; returns how many. For a job."""
    counts, choices = _waiting(organisation)
    if not counts:
        return 0
    addresses = {f"person:{one.id}": one.email for one in members.members(organisation) if one.active}
    sent, now = 0, clock.now()
    for person, count in counts.items():
        choice = choices.get(person)
        wanted = MailTime(choice.choice) if choice and person in addresses else MailTime.NONE
        if wanted == MailTime.DAILY and choice and choice.last_mail_at and choice.last_mail_at > now - DAY:
            continue
        if wanted != MailTime.NONE and count:
            if not _sent(addresses[person], count):
                continue
            sent += 1
        _note(organisation, person, mailed=wanted != MailTime.NONE and count > 0)
    return sent


def _waiting(organisation: Actor) -> tuple[dict[str, int], dict[str, MailChoice]]:
    """How many unread notifications each person has of whom some are unsent, and the choices."""
    counts: dict[str, int] = {}
    with acting(organisation):
        rows = Notification.objects.filter(organisation_id=organisation.organisation_id, mailed_at=None)
        for person, read in rows.order_by("to").values_list("to", "read_at"):
            counts[person] = counts.get(person, 0) + (read is None)
        choices = {one.person: one for one in MailChoice.objects.filter(person__in=list(counts))} if counts else {}
    return counts, choices


def _sent(address: str, count: int) -> bool:
    text = ngettext(
        "You have %(count)s new notification in Tutela.", "You have %(count)s new notifications in Tutela.", count
    )
    body = f"{text % {'count': count}}\n\n{settings.PUBLIC_URL}{PAGE}"
    try:
        EmailMessage(_("Tutela: new notifications"), body, settings.DEFAULT_FROM_EMAIL, [address]).send()
    except FAILURES as error:
        log.warning("notification not mailed", error=type(error).__name__)
        return False
    return True


def _note(organisation: Actor, person: str, *, mailed: bool) -> None:
    now = clock.now()
    with acting(organisation):
        Notification.objects.filter(to=person, mailed_at=None).update(mailed_at=now)
        if mailed:
            MailChoice.objects.filter(person=person).update(last_mail_at=now)
