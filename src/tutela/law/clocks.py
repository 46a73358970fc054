"""One engine for every deadline of the law: start, pause with a reason, resume, extend, stop, expire.

`state_of()` is pure: from a specification and steps it says where a clock stands at a moment. The verbs below store a
step and refresh the derived deadline. Lengths in months are calendar months (a month after 31 January is the last of
February), as Regulation (EEC, Euratom) 1182/71 counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tutela import clock as time
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import record
from tutela.law.clock_kinds import KINDS, Specification
from tutela.law.errors import BadStep
from tutela.law.models import Clock, ClockStep


@dataclass(frozen=True)
class Step:
    """start, pause, resume, extend (with how long) or stop, at a moment."""

    step: str
    at: datetime
    by: timedelta = timedelta()


@dataclass(frozen=True)
class Standing:
    """Where a clock stands: running, paused, expired or stopped. A paused clock has no deadline but time left."""

    state: str
    deadline: datetime | None
    left: timedelta


def state_of(spec: Specification, steps: Sequence[Step], now: datetime) -> Standing:
    """Replay the steps. Raises `BadStep` for a history that cannot be (a pause of a paused clock, a late extension)."""
    if not steps or steps[0].step != "start":
        raise BadStep("A clock begins with its start.")
    deadline, left, paused = spec.length.after(steps[0].at), timedelta(), False
    extended = timedelta()
    before = steps[0].at
    for step in steps[1:]:
        if step.at < before:
            raise BadStep("A clock's steps follow one another in time.")
        before = step.at
        if not paused and step.at >= deadline and step.step != "stop":
            raise BadStep("The clock had expired before.")
        match step.step, paused:
            case "pause", False if spec.pausable:
                left, paused = deadline - step.at, True
            case "resume", True:
                deadline, paused = step.at + left, False
            case "extend", False:
                extended += step.by
                if steps[0].at + extended > spec.longest_extension.after(steps[0].at):
                    raise BadStep("The extension is longer than the law allows.")
                deadline += step.by
            case "stop", _:
                return Standing("stopped", None, timedelta())
            case _:
                state = "paused" if paused else "running"
                raise BadStep("A {state} clock cannot take the step “{step}”.", state=state, step=step.step)
    if paused:
        return Standing("paused", None, left)
    if now >= deadline:
        return Standing("expired", deadline, timedelta())
    return Standing("running", deadline, deadline - now)


def start(actor: Actor, kind: str, subject_kind: str, subject_id: object, at: datetime | None = None) -> None:
    """Start a clock, once per subject and kind. Call inside `acting(actor)`."""
    row, new = Clock.objects.get_or_create(
        organisation_id=actor.organisation_id, kind=kind, subject_kind=subject_kind, subject_id=str(subject_id)
    )
    if new:
        _add(actor, row, Step("start", at or time.now()), "")


def take(actor: Actor, kind: str, subject_kind: str, subject_id: object, step: Step, reason: str = "") -> Standing:
    """Pause, resume, extend or stop a clock. Raises `NotFound` or `BadStep`."""
    with acting(actor):
        row = Clock.objects.select_for_update().filter(
            kind=kind, subject_kind=subject_kind, subject_id=str(subject_id)
        ).first()  # fmt: skip
        if row is None:
            raise NotFound("There is no such clock.")
        if step.step == "pause" and not reason.strip():
            raise BadStep("A pause needs a reason.")
        return _add(actor, row, step, reason)


def stop_if_running(actor: Actor, kind: str, subject_kind: str, subject_id: object) -> None:
    """Stop a clock whose duty was met; nothing happens where none runs. Call inside `acting(actor)`."""
    row = Clock.objects.filter(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id)).first()
    if row is not None and row.state in ("running", "paused"):
        _add(actor, row, Step("stop", time.now()), "")


def of_subject(subject_kind: str, subject_id: object) -> list[tuple[Specification, Standing]]:
    """Every clock of a subject as it stands now. Call inside `acting(actor)`."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).prefetch_related("steps")
    return [(KINDS[row.kind], state_of(KINDS[row.kind], _steps(row), time.now())) for row in rows]


def due(before: datetime, limit: int = 20) -> list[Clock]:
    """Running clocks whose deadline comes before a moment, the nearest first. Call inside `acting(actor)`."""
    return list(Clock.objects.filter(state="running", deadline__lt=before).order_by("deadline")[:limit])


def _add(actor: Actor, row: Clock, step: Step, reason: str) -> Standing:
    steps = [*_steps(row), step]
    standing = state_of(KINDS[row.kind], steps, step.at)
    ClockStep.objects.create(
        organisation_id=actor.organisation_id, clock=row, step=step.step, at=step.at,
        seconds=int(step.by.total_seconds()), reason=reason[:300], by=actor.reference,
    )  # fmt: skip
    row.deadline, row.state = standing.deadline, standing.state
    row.save(update_fields=["deadline", "state"])
    record(actor, f"clock.{step.step}", row.subject_kind, row.subject_id, clock=row.kind, reason=reason)
    return standing


def _steps(row: Clock) -> list[Step]:
    return [Step(s.step, s.at, timedelta(seconds=s.seconds)) for s in row.steps.order_by("at", "id")]
