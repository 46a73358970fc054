"""Django's backend for PostgreSQL; a kept connection is looked at before a request, not asked.

A server that ended, or whose session was ended, has closed its side: the socket can be read, and only then is the
connection asked. What no look can tell, such as a host that fell silent, a question would wait for as well.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

IDLE = TransactionStatus.IDLE


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's."""

    def is_usable(self) -> bool:
        """Whether the connection can be used for another request."""
        raw = self.connection
        if raw is None or raw.closed:
            return False
        poll = select.poll()
        poll.register(raw.fileno(), select.POLLIN | select.POLLPRI)
        # After an error, or within a transaction that nobody ended, a quiet socket says nothing.
        quiet = not self.errors_occurred and raw.info.transaction_status == IDLE and not poll.poll(0)
        return quiet or bool(super().is_usable())
