"""PostgreSQL backend for Django that saves two round trips per request.

1. A kept connection is checked by polling its socket, without a query. A server that ended, or that ended the session,
   has closed the socket, which then becomes readable. Only in that case is the connection queried. Polling cannot
   detect a host that went silent; a query would also wait for such a host.
2. Statements may be sent together with the commit. The server executes them in order, and commits only if all
   succeeded.

Prepared statements survive a rollback, as they do in the server. psycopg forgets all of them, because tables and types
may have disappeared with the transaction. Here only migrations create and drop tables and types. With psycopg's rule,
each refused request made later requests slower, until every statement had been sent five times again.
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
    """Statements prepared on a connection, as in psycopg, but kept where the caller asks for it."""

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
        """Keep prepared statements over a rollback, unless the database itself reported an error."""
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
        # After an error, or within a transaction that nobody ended, a quiet socket does not prove that the connection
        # works.
        quiet = not self.errors_occurred and raw.info.transaction_status == IDLE and not poll.poll(0)
        return quiet or bool(super().is_usable())
