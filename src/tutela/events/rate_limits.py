"""Limit how often something happens, for all processes together: `RateLimit(kind, window, limit)`.

1. At most `limit` are allowed in any period of length `window`: the counts of the current and the previous window are
   added. Refused attempts count too: a subject over the limit waits two windows at most, but only if it stops.
2. A subject is an account, an organisation or an address (`of_address`). The table holds a keyed hash of the subject.
3. `take` counts at once and commits by itself, unless the caller is in a transaction.

The key for addresses exists only in memory and changes every hour; afterwards nobody can tell which address a row
belonged to. `tutela serve` creates the key and passes it to its processes; a process without the key makes its own.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection

from tutela import clock
from tutela.events.models import RateCount
from tutela.exchange.message.ip_ranges import is_global

VARIABLE = "TUTELA_LIMIT_KEY"
# A subscriber of IPv6 has as many addresses as there are in this.
IPV6_PREFIX = 64
# The smallest blocks that the internet routes: one party can hold a whole one.
BLOCKS = {4: 24, 6: 48}
# Longer than two windows of any limit.
COUNTS_KEPT = timedelta(days=2)
_MEMORY = (os.environ.get(VARIABLE) or os.urandom(32).hex()).encode()
_TAKE = (
    "WITH taken AS (INSERT INTO events_ratecount AS r (kind, subject, starts_at, count) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (kind, subject, starts_at) DO UPDATE SET count = r.count + EXCLUDED.count RETURNING count)"
    " SELECT taken.count, COALESCE((SELECT b.count FROM events_ratecount b"
    " WHERE b.kind = %s AND b.subject = %s AND b.starts_at = %s), 0) FROM taken"
)


@dataclass(frozen=True)
class Take:
    """Result of counting. `first_refusal`: this one is the first above the limit. `count`: with this one."""

    allowed: bool
    first_refusal: bool
    count: int = 0


@dataclass(frozen=True)
class RateLimit:
    """Limit of actions of a kind for each subject in any period of `window`."""

    kind: str
    window: timedelta
    limit: int

    def take(self, subject: str, many: int = 1) -> Take:
        """Count so many more of this subject, and say whether they are allowed."""
        hashed, (now, before) = self._hashed(subject), self._windows()
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [self.kind, hashed, now, many, self.kind, hashed, before])
            here, earlier = cursor.fetchone()
        count = here + earlier
        return Take(count <= self.limit, count - many <= self.limit < count, count)

    def count(self, subject: str) -> int:
        """How many were counted of this subject in this window and the one before; counts nothing."""
        counted = RateCount.objects.filter(kind=self.kind, subject=self._hashed(subject), starts_at__in=self._windows())
        return sum(counted.values_list("count", flat=True))

    def give_back(self, subject: str, many: int = 1) -> None:
        """Count so many less: what was taken turned out to be as it should, or was not let through."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE events_ratecount SET count = GREATEST(count - %s, 0)"
                " WHERE kind = %s AND subject = %s AND starts_at = %s",
                [many, self.kind, self._hashed(subject), self._windows()[0]],
            )

    def forget(self, subject: str) -> None:
        """Reset the count of this subject."""
        RateCount.objects.filter(kind=self.kind, subject=self._hashed(subject)).delete()

    def _windows(self) -> tuple[datetime, datetime]:
        seconds = self.window.total_seconds()
        now = datetime.fromtimestamp(clock.now().timestamp() // seconds * seconds, tz=clock.now().tzinfo)
        return now, now - self.window

    def _hashed(self, subject: str) -> str:
        return hmac.digest(settings.SECRET_KEY.encode(), f"{self.kind}\0{subject}".encode(), hashlib.sha256).hex()


def of_address(address: str) -> str:
    """An address as the subject of a limit: a hash under the key of this hour."""
    return _of_hour(network_of(address))


def of_block(address: str) -> str:
    """The routed block of a public address, hashed as by `of_address`; empty for any other text.

    A private address is that of a proxy which names no visitor.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return _of_hour(str(ip_network(f"{found}/{BLOCKS[found.version]}", strict=False))) if is_global(found) else ""


def erase_old() -> int:
    """Delete what no limit counts any more; returns how many rows."""
    return int(RateCount.objects.filter(starts_at__lt=clock.now() - COUNTS_KEPT).delete()[0])


def network_of(address: str) -> str:
    """An address as limits count it: of IPv6 its network."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network(f"{found}/{IPV6_PREFIX}", strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _of_hour(network: str) -> str:
    key = hmac.digest(_MEMORY, clock.now().strftime("%Y-%m-%d %H").encode(), hashlib.sha256)
    return hmac.digest(key, network.encode(), hashlib.sha256).hex()
