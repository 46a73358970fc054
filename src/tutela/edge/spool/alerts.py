"""Alerts of an Edge: refusals, kept until the Centre has received them.

Each kind of refusal of one list is sent once an hour, however often it recurs. Pending alerts are stored in
`alerts.json`, so that a restart loses none; the file names lists and signed notes, never a hash.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from tutela import clock
from tutela.edge.errors import ReleaseError, UnreachableError
from tutela.exchange.errors import NotJsonError
from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.matching.files.snapshot_writer import write_atomically

PAUSE = timedelta(hours=1)
# Beyond these many, the oldest that was told already is forgotten.
_MOST = 200
# Answers after which the same bytes need not be sent again.
_FINAL = frozenset({400, 409, 413, 422})


# Version in use, newest sequence seen, length of the log followed.
type Stand = tuple[int, int, int]


class Alerts:
    """Alerts of one Edge about the register's lists. `client` has the Centre's address and key."""

    def __init__(self, file: Path, client: httpx.Client) -> None:
        self._file, self._client, self._lock = file, client, threading.Lock()
        self._waiting, self._last = self._load()

    def sound(self, list_id: str, error: ReleaseError, where: Callable[[], Stand]) -> None:
        """Store an alert to send; `where` states this Edge's version, sequence and log length."""
        if isinstance(error, UnreachableError):
            return  # there is nobody to tell, and the Centre sees who stopped asking
        now, name = clock.now(), f"{list_id} {error.code}"
        with self._lock:
            last = self._last.get(name)
            if last is not None and now.timestamp() - last < PAUSE.total_seconds():
                return
            version, sequence, log_size = where()
            alert = EdgeAlert(
                alert_id=uuid7(now),
                list_id=list_id,
                code=error.code,
                detail=str(error)[:300],
                at=now,
                evidence=error.evidence,
                version=version,
                sequence=sequence,
                log_size=log_size,
            )
            self._waiting.append(alert)
            del self._waiting[:-_MOST]
            self._last[name] = now.timestamp()
            self._save()

    def waiting(self) -> list[EdgeAlert]:
        """Undelivered alerts, oldest first."""
        with self._lock:
            return list(self._waiting)

    def tell(self) -> bool:
        """Tell the Centre what waits; True if anything was taken. Never raises for the network's sake."""
        told = []
        for alert in self.waiting():
            try:
                answer = self._client.post(
                    f"/api/v1/releases/{alert.list_id}/alerts",
                    content=alert.to_bytes(),
                    headers={"Content-Type": "application/json", "Idempotency-Key": str(alert.alert_id)},
                )
            except httpx.HTTPError:
                break
            if not (answer.is_success or answer.status_code in _FINAL):
                break
            told.append(alert.alert_id)
        if told:
            with self._lock:
                self._waiting = [one for one in self._waiting if one.alert_id not in told]
                self._save()
        return bool(told)

    def _load(self) -> tuple[list[EdgeAlert], dict[str, float]]:
        """Start a new file if it cannot be read: alerts recur as long as their reason does."""
        try:
            value = json.loads(self._file.read_bytes())
            waiting = [EdgeAlert.from_bytes(json.dumps(one).encode()) for one in value["waiting"]]
            return waiting, {str(name): float(at) for name, at in value["last"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError, NotJsonError):
            return [], {}

    def _save(self) -> None:
        value: dict[str, Any] = {
            "waiting": [one.model_dump(mode="json", exclude_none=True) for one in self._waiting],
            "last": self._last,
        }
        write_atomically(self._file, json.dumps(value, sort_keys=True).encode())
