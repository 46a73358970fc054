"""Watchdog of the database: every web process queries the database once a second.

1. The watchdog uses its own connection. An answer that takes longer than `PATIENCE` means that the database hangs
   because of its disk, its machine or the network. The database cannot report this itself, and none of its own time
   limits ends such a wait.
2. Every connection on which this process waits is then cut: the request ends with an error that says "later". The
   change may have been committed; the sender does not know, and retries with the same key.
3. Until the next answer, requests get "later" at once (`middleware.LifelineMiddleware`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import weakref
from typing import Any

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

from tutela.organisations.vocabulary.transient_errors import Trouble

PAUSE, PATIENCE = 1.0, 4.0
# How long a full disk of the database is spoken of after the last statement that found it so.
SPOKEN_OF = 60.0

log = structlog.get_logger("tutela.database")


class Lifeline:
    """One for each process. Without `watch` nothing is asked, and the database counts as there."""

    def __init__(self) -> None:
        self.away = False
        self._full: float | None = None
        self._lock = threading.Lock()
        self._held = weakref.WeakSet[Any]()

    def watch(self) -> None:
        """Begin to ask, for the rest of the process's life."""
        connection_created.connect(self._hold, weak=False)
        as_django = connections[DEFAULT_DB_ALIAS].get_connection_params()
        how = {name: value for name, value in as_django.items() if name not in ("context", "cursor_factory")}
        how |= {"application_name": "tutela lifeline", "autocommit": True, "connect_timeout": int(PATIENCE)}
        threading.Thread(target=self._ask, args=(how,), daemon=True, name="lifeline").start()

    def note(self, trouble: Trouble) -> None:
        """A request met this trouble."""
        if trouble is Trouble.NO_ROOM:
            self._full = time.monotonic()

    @property
    def full(self) -> bool:
        """Whether a request found a disk full within the last minute."""
        return self._full is not None and time.monotonic() - self._full < SPOKEN_OF

    def _hold(self, connection: Any, **_: object) -> None:
        with self._lock:
            self._held.add(connection.connection)

    def _ask(self, how: dict[str, Any]) -> None:
        own: psycopg.Connection[Any] | None = None
        while True:
            try:
                if own is None or own.closed:
                    own = psycopg.connect(**how)
                    with self._lock:
                        self._held.add(own)
                self._ask_once(own)
                self._say(away=False)
            except Exception as error:  # noqa: BLE001 - who stops asking would say "away" for ever
                self._say(away=True, error=error)
                self._cut()
                if own is not None:
                    with contextlib.suppress(Exception):
                        own.close()
                own = None
            time.sleep(PAUSE)

    def _ask_once(self, own: psycopg.Connection[Any]) -> None:
        end = threading.Timer(PATIENCE, self._hangs)
        end.daemon = True
        end.start()
        try:
            own.execute("SELECT 1")
        finally:
            end.cancel()

    def _hangs(self) -> None:
        self._say(away=True, error=TimeoutError(f"no answer within {PATIENCE:.0f} s"))
        self._cut()

    def _cut(self) -> None:
        """End the wait of every thread that waits for an answer.

        Idle connections are left as they are.
        """
        with self._lock:
            held = list(self._held)
        for one in held:
            with contextlib.suppress(psycopg.Error, OSError):
                if one.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    # Not closed: its thread does that, once it has heard.
                    with socket.socket(fileno=os.dup(one.pgconn.socket)) as its:
                        its.shutdown(socket.SHUT_RDWR)

    def _say(self, *, away: bool, error: Exception | None = None) -> None:
        if away != self.away:
            self.away = away
            # A log that nobody can write, on a full disk or into a pipe that is gone, must not end the asking.
            with contextlib.suppress(OSError, ValueError):
                log.warning(
                    "database unreachable" if away else "database reachable again",
                    error=repr(error)[:200] if error else "",
                )


LIFELINE = Lifeline()
