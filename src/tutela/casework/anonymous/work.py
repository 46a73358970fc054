"""Work that a ticket of a public form demands: bits of a proof of work, and seconds of waiting without a script.

The work grows with the load of the form, and with the tickets that went to one block of addresses in this hour. Each
level doubles it, up to a ceiling. It never refuses anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tutela.events.rate_limits import RateLimit

# 2^17 hashes on average: one to two seconds on a weak telephone. Waiting costs nothing, so it is longer.
BITS, SECONDS = 17, 20
# At the ceiling a weak telephone needs half a minute, and a person without a script five minutes.
MOST_LEVELS = 4
# Who is in danger does not wait longer than 40 seconds. What exceeds goes to the reserve.
MOST_LEVELS_IN_DANGER = 1
# Forms of each kind that an hour admits before its load counts.
ADMITTED = RateLimit("anonymous.admitted", timedelta(hours=1), 120)
# Tickets of one block of addresses. The key of the hour forgets whose they were.
TICKETS = RateLimit("anonymous.tickets", timedelta(hours=1), 64)
# Nobody waits longer because others have no address; in the reserve their messages come after those of the few.
UNKNOWN, UNKNOWN_IN_RESERVE = -1, 1
# A block with at most this rank had no more than `TICKETS.limit` tickets in this hour.
FEW = 0


@dataclass(frozen=True)
class DemandedWork:
    """Work of one ticket. `rank` grows with the tickets of its block, and orders the reserve."""

    bits: int = BITS
    seconds: int = SECONDS
    rank: int = FEW


def rank_of(block: str) -> int:
    """Count a ticket of a block of addresses; returns how often its tickets doubled beyond the few of a person.

    `UNKNOWN` for visitors whose address is unknown, as on an onion service: they are not told apart.
    """
    if not block:
        return UNKNOWN
    return ((TICKETS.take(block).count - 1) // TICKETS.limit).bit_length()


def demanded(form: str, rank: int, *, danger: bool) -> DemandedWork:
    """The work of a new ticket of a form, for a block of this rank."""
    load = (ADMITTED.count(form) // ADMITTED.limit).bit_length()
    level = min(load + max(rank, 0), MOST_LEVELS_IN_DANGER if danger else MOST_LEVELS)
    return DemandedWork(BITS + level, SECONDS * 2**level, UNKNOWN_IN_RESERVE if rank == UNKNOWN else rank)
