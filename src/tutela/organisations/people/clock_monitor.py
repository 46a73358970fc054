"""Clock monitor: irreversible actions are delayed after the machine's clock was moved.

If a clock jumps forwards, everything with a date becomes due: holds end, reports are erased, unfinished uploads are
deleted. When the clock is set right again, nothing shows the jump. Therefore:

1. A worker compares the clock every second with the machine's uptime, which nobody can change. Steps of more than
   `STEP` are recorded as an event of the organisation that operates the node.
2. For `WAIT` after such a step, no irreversible action runs on its date alone (`steady`); everything else continues.
3. The worker ends, and its supervisor restarts it, because its job schedule was made with the old clock.
"""

from __future__ import annotations

import asyncio
import platform
from datetime import datetime, timedelta

import structlog

from tutela import clock
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.models import ClockMoved
from tutela.organisations.people import directory

# A machine that asks for the time corrects it by far less; a certificate or a code of the second factor bears more.
STEP = timedelta(seconds=10)
WAIT = timedelta(minutes=30)
LOOK_SECONDS = 1.0
# What the clock was ahead of the machine's running time when this process last looked.
_ahead = clock.ahead()
log = structlog.get_logger("tutela.clock")


async def watch() -> timedelta:
    """Ends when the clock was moved, and says by how much."""
    global _ahead
    while abs(moved := _moved()) <= STEP:
        _ahead += moved
        await asyncio.sleep(LOOK_SECONDS)
    return moved


def note(moved: timedelta) -> None:
    """Store that the clock of this machine was moved."""
    log.error("clock moved", seconds=moved.total_seconds())
    owner = directory.founder()
    if owner is None:
        return
    actor = directory.acting_for(owner, "system:clock", "Clock")
    with acting(actor):
        row = ClockMoved.objects.create(
            organisation_id=owner.id, machine=platform.node()[:80], seconds=moved.total_seconds()
        )
        record(actor, "machine_clock.moved", "node", row.machine or "node", seconds=round(row.seconds))


def steady() -> bool:
    """Whether what cannot be undone may be done because its date has come."""
    if abs(_moved()) > STEP:
        return False
    found = moves(WAIT)
    if found:
        log.warning("clock unsteady", since=found[0][0].isoformat())
    return not found


def moves(within: timedelta) -> list[tuple[datetime, float]]:
    """Times at which the clock was moved within this period, and by how many seconds; newest first."""
    owner, now = directory.founder(), clock.now()
    if owner is None:
        return []
    with acting(directory.acting_for(owner, "system:clock", "Clock")):
        rows = ClockMoved.objects.filter(created_at__gt=now - within, created_at__lte=now + STEP)
        return list(rows.order_by("-created_at").values_list("created_at", "seconds"))


def _moved() -> timedelta:
    return clock.ahead() - _ahead
