"""Tickets of public forms: signed, for one form and one use, without a cookie.

A ticket is in each form and names the form, the time and a nonce. It replaces the token against forged requests: pages
without a cookie carry no authority that somebody could borrow. Without JavaScript a ticket alone admits a form, once it
is `MATURE` old.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing

from tutela import clock
from tutela.casework.anonymous.errors import FormExpired
from tutela.casework.models import SpentTicket
from tutela.events.bulk_insert import insert_ignore

MATURE = timedelta(seconds=20)
LIFETIME = timedelta(hours=2)
_SALT = "tutela.anonymous.ticket"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it was read; `text` is its signed form."""

    text: str
    form: str
    nonce: str
    issued_at: datetime


def issue(form: str) -> Ticket:
    """A new ticket for a form."""
    now, nonce = clock.now(), secrets.token_hex(16)
    text = signing.dumps([form, nonce, int(now.timestamp())], salt=_SALT)
    return Ticket(text, form, nonce, now)


def read(text: str, form: str) -> Ticket:
    """The ticket of a form that was sent. Raises `FormExpired` for a forged or old one, or one of another form."""
    try:
        of, nonce, issued = signing.loads(text[:500], salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise FormExpired from None
    issued_at = datetime.fromtimestamp(issued, UTC)
    if of != form or clock.now() > issued_at + LIFETIME:
        raise FormExpired
    return Ticket(text, form, nonce, issued_at)


def seconds_to_wait(ticket: Ticket) -> int:
    """Seconds until the ticket alone admits its form; 0 if it does."""
    return max(0, math.ceil((ticket.issued_at + MATURE - clock.now()).total_seconds()))


def is_spent(ticket: Ticket) -> bool:
    """Whether the ticket was used."""
    return SpentTicket.objects.filter(pk=_digest(ticket)).exists()


def spend(ticket: Ticket) -> bool:
    """Use the ticket, in a transaction; False if it was used before. A second use waits for the end of the first.

    A used ticket is remembered until it would have expired, rounded up to the hour.
    """
    SpentTicket.objects.filter(expires_at__lt=clock.now()).delete()
    ends = (ticket.issued_at + LIFETIME + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    return insert_ignore(SpentTicket(digest=_digest(ticket), expires_at=ends))


def secret_of(ticket: Ticket) -> bytes:
    """A secret that only this ticket gives, and only on this node. Nothing stored leads to it."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"tutela.anonymous.secret", hashlib.sha256)
    return hmac.digest(key, ticket.nonce.encode(), hashlib.sha256)


def _digest(ticket: Ticket) -> str:
    return hashlib.sha256(f"spent:{ticket.nonce}".encode()).hexdigest()
