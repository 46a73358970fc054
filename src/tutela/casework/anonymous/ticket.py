"""Tickets of public forms: signed, for one form and one use, without a cookie.

A ticket is in each form and names the form, the time, a nonce, and the work that it demands (`work`). It replaces the
token against forged requests: pages without a cookie carry no authority that somebody could borrow. Without JavaScript
a ticket alone admits a form, once it is old enough.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.core import signing

from tutela import clock
from tutela.casework.anonymous import work
from tutela.casework.anonymous.errors import FormExpired
from tutela.casework.anonymous.work import DemandedWork
from tutela.casework.models import SpentTicket
from tutela.events.bulk_insert import insert_ignore

# Age at which a ticket of a quiet day admits its form.
MATURE = timedelta(seconds=work.SECONDS)
LIFETIME = timedelta(hours=2)
_SALT = "tutela.anonymous.ticket"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it was read; `text` is its signed form."""

    text: str
    form: str
    nonce: str
    issued_at: datetime
    work: DemandedWork


class Issuer:
    """Issues the tickets of one page for one block of addresses; the page counts once, with its first ticket."""

    def __init__(self, block: str = "", *, danger: bool = False) -> None:
        self._block, self._danger = block, danger

    def issue(self, form: str) -> Ticket:
        """A new ticket for a form."""
        return issue(form, self._rank, danger=self._danger)

    @cached_property
    def _rank(self) -> int:
        return work.rank_of(self._block)


def issue(form: str, rank: int = work.FEW, *, danger: bool = False) -> Ticket:
    """A new ticket for a form. `rank` is that of a block of addresses (`work.rank_of`)."""
    now, nonce, demanded = clock.now(), secrets.token_hex(16), work.demanded(form, rank, danger=danger)
    text = signing.dumps([form, nonce, int(now.timestamp()), *astuple(demanded)], salt=_SALT)
    return Ticket(text, form, nonce, now, demanded)


def read(text: str, form: str) -> Ticket:
    """The ticket of a form that was sent. Raises `FormExpired` for a forged or old one, or one of another form."""
    try:
        of, nonce, issued, *demanded = signing.loads(text[:500], salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise FormExpired from None
    issued_at = datetime.fromtimestamp(issued, UTC)
    if of != form or clock.now() > issued_at + LIFETIME:
        raise FormExpired
    return Ticket(text, form, nonce, issued_at, DemandedWork(*demanded))


def seconds_to_wait(ticket: Ticket) -> int:
    """Seconds until the ticket alone admits its form; 0 if it does."""
    mature = ticket.issued_at + timedelta(seconds=ticket.work.seconds)
    return max(0, math.ceil((mature - clock.now()).total_seconds()))


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
