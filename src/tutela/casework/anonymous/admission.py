"""Admit a public form: a proof of work, or a ticket that is old enough, and a limit for everybody together.

Each form has its own limit: who closes one closes no other.

No limit counts an address. Refused forms do not count, so that an attacker who goes on does not prolong a closed door.
"""

from __future__ import annotations

from datetime import timedelta

from tutela.casework.anonymous import proof_of_work, ticket
from tutela.casework.anonymous.errors import Later, TooSoon
from tutela.events.rate_limits import RateLimit

PROOFS = RateLimit("anonymous.proof", timedelta(hours=1), 600)
# Lower, because waiting costs nothing.
TICKETS = RateLimit("anonymous.ticket", timedelta(hours=1), 120)


def admit(given: ticket.Ticket, proof: str) -> None:
    """Raise `WrongProof`, `TooSoon`, or `Later` where a limit is reached. Call outside a transaction."""
    if proof:
        proof_of_work.verify(given, proof)
    elif wait := ticket.seconds_to_wait(given):
        raise TooSoon(wait=wait)
    limit = PROOFS if proof else TICKETS
    if not limit.take(given.form).allowed:
        limit.give_back(given.form)
        raise Later
