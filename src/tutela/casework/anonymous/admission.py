"""Admit a public form: a proof of work, or a ticket that is old enough.

No form is closed by a count. What an hour brings beyond `work.ADMITTED` is stored in the reserve (`reserve`), which
alone has a bound. A form counts in the transaction that uses its ticket, so that one ticket counts once.
"""

from __future__ import annotations

from tutela.casework.anonymous import proof_of_work, ticket, work
from tutela.casework.anonymous.errors import TooSoon


def admit(given: ticket.Ticket, proof: str) -> None:
    """Check the work of a form. Raises `WrongProof`, `TooSoon`."""
    if proof:
        proof_of_work.verify(given, proof)
    elif wait := ticket.seconds_to_wait(given):
        raise TooSoon(wait=wait)


def count(given: ticket.Ticket) -> int | None:
    """Count a form whose ticket was just used; returns the rank of its message in the reserve.

    None for the ordinary inbox. Call in the transaction that used the ticket.
    """
    return None if work.ADMITTED.take(given.form).allowed else given.work.rank


def expected(given: ticket.Ticket) -> int | None:
    """What `count` would return now. Counts nothing."""
    return None if work.ADMITTED.count(given.form) < work.ADMITTED.limit else given.work.rank
