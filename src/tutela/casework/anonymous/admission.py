"""Admit a public form: a proof of work, or a ticket that is old enough.

No form is closed by a count. What an hour brings beyond `work.ADMITTED` is stored in the reserve (`reserve`), which
alone has a bound.
"""

from __future__ import annotations

from tutela.casework.anonymous import proof_of_work, ticket, work
from tutela.casework.anonymous.errors import TooSoon


def admit(given: ticket.Ticket, proof: str) -> int | None:
    """Count a form; returns the rank of its message in the reserve, or None for the ordinary inbox.

    Raises `WrongProof`, `TooSoon`. Call outside a transaction.
    """
    if proof:
        proof_of_work.verify(given, proof)
    elif wait := ticket.seconds_to_wait(given):
        raise TooSoon(wait=wait)
    return None if work.ADMITTED.take(given.form).allowed else given.work.rank
