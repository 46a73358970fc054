"""Django's backend for PostgreSQL: two round trips fewer in each request.

1. A kept connection is looked at before a request, not asked. A server that ended, or whose session was ended, has
   closed its side: the socket can be read, and only then is the connection asked. What no look can tell, such as a host
   that fell silent, a question would wait for as well.
2. Statements may go with the commit: the server takes them one after the other, and commits only if all were good.

And what is prepared outlives a rollback, as it does in the server: psycopg forgets all of it, for types and tables that
may have gone with the transaction. Here those come and go by migrations alone. So whoever was refused something made
the next ones wait until everything had come five times again.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base
from psycopg import RawCursor
from psycopg._preparing import Key, Prepare, PrepareManager
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

from tutela.events.prepared_sql import in_one_parcel

IDLE = TransactionStatus.IDLE


class Prepared(PrepareManager):
    """What a connection has prepared: as psycopg's, and kept where somebody says so."""

    kept = False

    def clear(self) -> bool:
        return not self.kept and super().clear()

    def validate(self, key: Key, prep: Prepare, name: bytes, results: Sequence[PGresult]) -> None:
        if prep is Prepare.SHOULD and results and results[0].status == ExecStatus.FATAL_ERROR:
            # Good as a statement, refused for its values: it is forgotten here, and would stay in the server for good.
            self._to_flush.append(name)
        super().validate(key, prep, name, results)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's."""

    def __init__(self, *given: Any, **how: Any) -> None:
        super().__init__(*given, **how)
        # Statements with numbered places, and their values.
        self._last: list[tuple[bytes, Sequence[Any]]] = []

    def with_commit(self, text: bytes, values: Sequence[Any]) -> None:
        """Have a statement executed with the commit of the transaction that is open; forgotten if it is rolled back."""
        self._last.append((text, values))

    def close(self) -> None:
        self._last = []
        super().close()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        made._prepared, before = Prepared(), made._prepared
        made.prepare_threshold = before.prepare_threshold
        return made

    def _rollback(self) -> None:
        self._last = []
        with self._keeping_prepared():
            super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        with self._keeping_prepared():
            super()._savepoint_rollback(sid)  # type: ignore[misc]

    @contextmanager
    def _keeping_prepared(self) -> Iterator[None]:
        """Within, a rollback forgets nothing, unless the database itself said that something was wrong with it."""
        prepared = getattr(self.connection, "_prepared", None)
        if not isinstance(prepared, Prepared) or self.errors_occurred:
            yield
            return
        prepared.kept = True
        try:
            yield
        finally:
            prepared.kept = False

    def _commit(self) -> None:
        last, self._last = self._last, []
        raw = self.connection
        if raw is None or not last:
            super()._commit()  # type: ignore[misc]
            return
        with self.wrap_database_errors, in_one_parcel(raw):
            for text, values in last:
                RawCursor(raw).execute(text, values, prepare=raw.prepare_threshold is not None)
            RawCursor(raw).execute(b"COMMIT", prepare=False)

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
