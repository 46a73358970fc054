"""Whether this process can serve, for a balancer and an operator: `/healthz/live` and `/healthz/ready`.

Not ready is a node whose database is away. Any other trouble is named and takes no node out of service: pages can
still be read where nothing more can be kept. No secret, no path and no name of a person is said; nothing is signed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from tutela.app.embedded import Cluster
from tutela.app.lifeline import LIFELINE
from tutela.organisations import shelf, steadiness

LIVE, READY = "/healthz/live", "/healthz/ready"
# Below this nothing more is kept on a shelf, and a database comes near to stopping itself.
LEAST_FREE = shelf.RESERVE
_WORKERS = "SELECT max(last_heartbeat), now() FROM procrastinate_workers"
SILENT_SECONDS = 60.0


def answer(request: HttpRequest) -> HttpResponse | None:
    """The answer to one of the two addresses; None for every other."""
    if request.path == LIVE:
        return JsonResponse({"status": "alive"})
    if request.path != READY:
        return None
    away, found = LIFELINE.away, list[str]()
    if not away:
        try:
            found += _of_database()
        except DatabaseError:
            away = True
    troubles = [*(["database: it does not answer"] if away else []), *found, *_of_disks()]
    response = JsonResponse({"ready": not away, "troubles": troubles}, status=503 if away else 200)
    if away:
        response["Retry-After"] = "5"
    return response


def _of_database() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS)
        seen, now = cursor.fetchone() or (None, datetime.now(UTC))
    if moves := steadiness.moves(steadiness.WAIT):
        yield f"clock: moved by {moves[0][1]:+.0f} s; what cannot be undone waits half an hour"
    if LIFELINE.full:
        yield "database: a statement found no room on the disk within the last minute"
    if not isinstance(seen, datetime) or (now - seen).total_seconds() > SILENT_SECONDS:
        yield "worker: none has given a sign for a minute; jobs wait"


def _of_disks() -> Iterator[str]:
    for name, folder in places():
        free = free_bytes(folder)
        if free is not None and free < LEAST_FREE:
            yield f"{name}: {free // 2**20} MB free"


def places() -> list[tuple[str, Path]]:
    """What lies on disks of this machine, by its name."""
    data = Path(settings.DATA_DIR)
    own = [] if settings.CONFIG.database_url else [("database", Cluster(data).folder)]
    return [("data folder", data), *own, ("sealed evidence", shelf.folder()), ("public log", data / "log")]


def free_bytes(folder: Path) -> int | None:
    """Room that is left where a folder lies or would be made; None where that is not known."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
