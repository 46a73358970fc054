"""Health of the node for a load balancer and an operator: `/healthz/live` and `/healthz/ready`.

Each part has a state: `ready`, `degraded`, `away`, or `unknown` if the part cannot be queried. A node is not ready
while its database is away, its tables are of an older version, or its data keys do not open. In these states nothing
could be accepted.

All other problems are named but take no node out of service: pages can still be read when storage is full, and a late
worker catches up. The answers contain no secret, no path and no name of a person, and need no sign-in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from tutela import clock
from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.events.record import newest
from tutela.events.transaction import acting
from tutela.indicators.lifecycle import policy
from tutela.organisations.keys import envelope_encryption, sealed_files
from tutela.organisations.messages import recipient_queues
from tutela.organisations.people import clock_monitor, directory

LIVE, READY = "/healthz/live", "/healthz/ready"
# Below this limit no file is stored, and the database is close to stopping itself.
LEAST_FREE = sealed_files.RESERVE
SILENT_SECONDS, WAITING_SECONDS = 60.0, 120.0
_WORKERS = "SELECT max(last_heartbeat), now() FROM procrastinate_workers"
# Seconds for which the oldest due delivery job has not been picked up by a worker.
_OUTBOX = (
    "SELECT extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at)))::float FROM procrastinate_jobs j"
    " LEFT JOIN LATERAL (SELECT max(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON true"
    " WHERE j.status = 'todo' AND j.queue_name = %s AND coalesce(j.scheduled_at, now()) <= now()"
)
_APPLIED = "SELECT app, name FROM django_migrations"
# From the best to the worst; of two findings about one part the worse counts.
STATES = ("ready", "unknown", "degraded", "away")


@dataclass(frozen=True)
class HealthCheck:
    """State of one part of the node, and what is wrong with it."""

    name: str
    state: str = "ready"
    said: str = ""


def answer(request: HttpRequest) -> HttpResponse | None:
    """The answer to one of the two addresses; None for every other."""
    if request.path == LIVE:
        return JsonResponse({"status": "alive"})
    if request.path != READY:
        return None
    found = [*_database(), *_keys(), *_disks()]
    states: dict[str, str] = {}
    for part in found:
        states[part.name] = max(states.get(part.name, STATES[0]), part.state, key=STATES.index)
    ready = "away" not in states.values()
    said = {
        "ready": ready,
        "parts": [{"name": name, "state": state} for name, state in states.items()],
        "troubles": [f"{part.name}: {part.said}" for part in found if part.said],
    }
    response = JsonResponse(said, status=200 if ready else 503)
    if not ready:
        response["Retry-After"] = "5"
    return response


def _database() -> Iterator[HealthCheck]:
    found = list[HealthCheck]()
    if not LIFELINE.away:
        try:
            found = [*_asked()]
        except DatabaseError:
            found = []
    yield from found or [
        HealthCheck("database", "away", "no answer"),
        *(HealthCheck(name, "unknown") for name in ("migrations", "worker", "outbox", "clock")),
    ]


def _asked() -> Iterator[HealthCheck]:
    with connection.cursor() as cursor:
        cursor.execute(_APPLIED)
        applied = set(cursor.fetchall())
        cursor.execute(_WORKERS)
        seen, now = cursor.fetchone() or (None, datetime.now(UTC))
        cursor.execute(_OUTBOX, [recipient_queues.QUEUE])
        ((waited,),) = cursor.fetchall()
    full = "a statement failed within the last minute because the disk is full"
    yield HealthCheck("database", "degraded", full) if LIFELINE.full else HealthCheck("database")
    lacking = len(_wanted() - applied)
    yield HealthCheck("migrations", "away", f"{lacking} pending") if lacking else HealthCheck("migrations")
    silent = not isinstance(seen, datetime) or (now - seen).total_seconds() > SILENT_SECONDS
    late = "no sign of life for 1 minute; jobs are pending"
    yield HealthCheck("worker", "degraded", late) if silent else HealthCheck("worker")
    behind = waited is not None and waited > WAITING_SECONDS
    yield (
        HealthCheck("outbox", "degraded", f"messages have been due for {waited:.0f} s")
        if behind
        else HealthCheck("outbox")
    )
    if wrong := policy.broken():
        yield HealthCheck("policy", "degraded", wrong)
    moves = clock_monitor.moves(clock_monitor.WAIT)
    moved = f"moved by {moves[0][1]:+.0f} s; irreversible actions are paused for 30 minutes" if moves else ""
    yield HealthCheck("clock", "degraded" if moves else "ready", moved)


@cache
def _wanted() -> frozenset[tuple[str, str]]:
    """The migrations of this version of the code."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _keys() -> Iterator[HealthCheck]:
    """Whether what is stored can be sealed and opened."""
    try:
        envelope_encryption.unwrap(envelope_encryption.wrap(b"", "health"), "health")
    except (envelope_encryption.CannotUnwrap, OSError, ValueError, KeyError):
        yield HealthCheck("data keys", "away", "the data keys cannot be opened")
    else:
        yield HealthCheck("data keys")


def _disks() -> Iterator[HealthCheck]:
    for name, folder in places():
        free = free_bytes(folder)
        if free is not None and free < LEAST_FREE:
            yield HealthCheck(name, "degraded", f"{free // 2**20} MB free")
        else:
            yield HealthCheck(name)


def places() -> list[tuple[str, Path]]:
    """Folders on disks of this machine, by name."""
    data = Path(settings.DATA_DIR)
    own = [] if settings.CONFIG.database_url else [("database", Cluster(data).folder)]
    return [("data folder", data), *own, ("sealed evidence", sealed_files.folder()), ("public log", data / "log")]


def free_bytes(folder: Path) -> int | None:
    """Free space in bytes where a folder is or would be created; None if unknown."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


@dataclass(frozen=True)
class BackupAge:
    """Time of the last backup, None if there is none, and whether the next one is overdue."""

    at: datetime | None
    overdue: bool

    @property
    def days(self) -> int | None:
        """Whole days since the last backup."""
        return None if self.at is None else (clock.now() - self.at).days


def backup_age() -> BackupAge:
    """Return the age of the last backup. A new node is not overdue until it is as old as a backup may be."""
    founder = directory.founder()
    if founder is None:
        return BackupAge(None, overdue=False)
    actor = directory.acting_for(founder, "system:backup", "backup")
    with acting(actor):
        last = newest(actor, "backup.written")
        since = last or newest(actor, "organisation.founded")
    most = timedelta(days=settings.CONFIG.backup_days)
    return BackupAge(last, overdue=bool(most) and (since is None or clock.now() - since > most))
