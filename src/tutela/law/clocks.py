"""Deadline clocks for all legal duties: start, pause with a reason, resume, extend, stop, expire.

`state_of()` is pure: it computes the state of a clock at a time from a specification and steps. The functions below
store a step and refresh the derived deadline. Lengths in months are calendar months (a month after 31 January is the
last of February). Unlike Regulation (EEC, Euratom) 1182/71, a clock ends at the exact minute and ignores holidays. A
deadline is therefore never later than the law requires, sometimes some days earlier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import models

from tutela import clock as time
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import NotFound
from tutela.events.record import rows_of
from tutela.events.transaction import acting
from tutela.law import acts
from tutela.law.clock_kinds import ALL, KINDS, STATES, STEPS, URGENT, Specification
from tutela.law.errors import BadStep
from tutela.law.models import Clock, ClockStep


@dataclass(frozen=True)
class ClockMove:
    """start, pause, resume, extend (with how long) or stop, at a moment."""

    step: str
    at: datetime
    by: timedelta = timedelta()


@dataclass(frozen=True)
class ClockState:
    """State of a clock: running, paused, expired or stopped. A paused clock has time left instead of a deadline."""

    state: str
    deadline: datetime | None
    left: timedelta


@dataclass(frozen=True)
class _Duty:
    """A clock between two steps. Of a paused one `left` counts, of a running one the deadline."""

    begun: datetime
    deadline: datetime
    state: str = "running"
    left: timedelta = timedelta()
    extended: timedelta = timedelta()

    def at(self, moment: datetime) -> str:
        """Its state at a moment: expiry is no step."""
        return "expired" if self.state == "running" and moment >= self.deadline else self.state


def state_of(spec: Specification, steps: Sequence[ClockMove], now: datetime) -> ClockState:
    """Replay the steps. Raises `BadStep` for a history that cannot be (a pause of a paused clock, a late extension).

    A start after a stop or an expiry begins a new duty of the same kind: its whole length, nothing extended.
    """
    if not steps or steps[0].step != "start":
        raise BadStep("The history of a deadline must begin with a start.")
    duty = _started(spec, steps[0])
    for before, step in pairwise(steps):
        if step.at < before.at:
            raise BadStep("The steps of a deadline must be in order of time.")
        duty = _after(spec, duty, step)
    match duty.at(now):
        case "running":
            return ClockState("running", duty.deadline, duty.deadline - now)
        case "expired":
            return ClockState("expired", duty.deadline, timedelta())
        case other:
            return ClockState(other, None, duty.left)


def _started(spec: Specification, step: ClockMove) -> _Duty:
    return _Duty(step.at, spec.length.after(step.at))


def _after(spec: Specification, duty: _Duty, step: ClockMove) -> _Duty:
    """The duty once a step was taken. Raises `BadStep`."""
    match duty.at(step.at), step.step:
        case "stopped" | "expired", "start":
            return _started(spec, step)
        case "running" | "paused" | "expired", "stop":
            return replace(duty, state="stopped", left=timedelta())
        case "expired", _:
            raise BadStep("The deadline had already expired.")
        case "running", "pause" if spec.pausable:
            return replace(duty, state="paused", left=duty.deadline - step.at)
        case "paused", "resume":
            return replace(duty, state="running", deadline=step.at + duty.left, left=timedelta())
        case "running", "extend":
            extended = duty.extended + step.by
            if duty.begun + extended > spec.longest_extension.after(duty.begun):
                raise BadStep("The extension is longer than the law allows.")
            return replace(duty, deadline=duty.deadline + step.by, extended=extended)
        case state, name:
            raise BadStep(
                "The state of the deadline is “{state}”. It cannot take the step “{step}”.",
                state=STATES[state],
                step=STEPS.get(name, name),
            )


def start(actor: Actor, kind: str, subject_kind: str, subject_id: object, at: datetime | None = None) -> None:
    """Start a clock, once per subject and kind. Call inside `acting(actor)`."""
    clock, *rest = begun(actor, kind, subject_kind, subject_id, at)
    if insert_ignore(clock):
        insert_all(rest)


def begun(
    actor: Actor, kind: str, subject_kind: str, subject_id: object, at: datetime | None = None
) -> list[models.Model]:
    """The rows of a clock that starts about a new subject: itself first, its step and its event."""
    first = ClockMove("start", at or time.now())
    standing = state_of(KINDS[kind], [first], first.at)
    row = Clock(
        organisation_id=actor.organisation_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        deadline=standing.deadline,
        state=standing.state,
    )
    return [row, *_noted(actor, row, first, "")]


def restart(actor: Actor, kind: str, subject_kind: str, subject_id: object, *, missed: bool = False) -> None:
    """Start a clock, or start it again if the earlier duty was met; a running clock continues.

    For recurring duties, such as a second question. A missed duty stays missed, unless `missed` declares it over.
    Within `acting(actor)`.
    """
    row = (
        Clock.objects.select_for_update()
        .filter(organisation_id=actor.organisation_id, kind=kind, subject_kind=subject_kind, subject_id=str(subject_id))
        .first()
    )
    if row is None:
        start(actor, kind, subject_kind, subject_id)
    elif state_of(KINDS[kind], _steps(row), time.now()).state in (("stopped", "expired") if missed else ("stopped",)):
        _add(actor, row, ClockMove("start", time.now()), "")


def take(
    actor: Actor, kind: str, subject_kind: str, subject_id: object, step: ClockMove, reason: str = ""
) -> ClockState:
    """Pause, resume, extend or stop a clock; `reason` is a `PauseReason`, or what a person wrote.

    Raises `NotFound` or `BadStep`.
    """
    with acting(actor):
        row = (
            Clock.objects.select_for_update()
            .filter(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id))
            .first()
        )
        if row is None:
            raise NotFound("This deadline does not exist.")
        if step.step == "pause" and not reason.strip():
            raise BadStep("Enter a reason for the pause.")
        return _add(actor, row, step, reason)


def stop_if_running(actor: Actor, kind: str, subject_kind: str, subject_id: object) -> None:
    """Stop the clock of a duty that was met, or its urgent variant. Does nothing if no such clock runs.

    Call inside `acting(actor)`.
    """
    rows = Clock.objects.filter(kind__in=(kind, URGENT.get(kind, kind)), subject_kind=subject_kind)
    for row in rows.filter(subject_id=str(subject_id), state__in=("running", "paused")):
        _add(actor, row, ClockMove("stop", time.now()), "")


def stop_all(actor: Actor, subject_kind: str, subject_id: object) -> None:
    """Stop every clock of a subject that needs nobody any more. Call inside `acting(actor)`."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id), state__in=("running", "paused"))
    for row in rows:
        _add(actor, row, ClockMove("stop", time.now()), "")


def of_subject(
    subject_kind: str, subject_id: object, unreal: Collection[str] | None = None
) -> list[tuple[Specification, ClockState]]:
    """Return the current state of every clock of a subject, marked if simulated.

    `unreal` is the result of `simulated`, for callers that ask about several subjects. Call inside `acting(actor)`.
    """
    now, unreal = time.now(), simulated() if unreal is None else unreal
    return [
        (replace(spec, simulated=spec.kind in unreal), state_of(spec, steps, now))
        for spec, steps in histories(subject_kind, subject_id)
    ]


def simulated() -> frozenset[str]:
    """The kinds of clocks that nobody owes today: their act is a proposal, unchecked, or not applied yet."""
    today = time.now().date()
    acting_ones = {one.code for one in acts.states() if one.acts_on(today)}
    return frozenset(spec.kind for spec in ALL if spec.act and spec.act not in acting_ones)


def histories(subject_kind: str, subject_id: object) -> list[tuple[Specification, list[ClockMove]]]:
    """Every clock of a subject with its steps, to be replayed to any moment. Call inside `acting(actor)`."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id))
    return [(KINDS[row.kind], _steps(row)) for row in rows]


def histories_of(
    subject_kind: str, subject_ids: Iterable[object]
) -> dict[str, list[tuple[Specification, list[ClockMove]]]]:
    """All clocks with their steps for many subjects, by subject id, in two queries. Call inside `acting(actor)`."""
    rows = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=[str(one) for one in subject_ids])
    found: dict[str, list[tuple[Specification, list[ClockMove]]]] = {}
    for row in rows.prefetch_related("steps"):
        found.setdefault(row.subject_id, []).append((KINDS[row.kind], _steps(row)))
    return found


def ran_out(kind: str, subject_kind: str) -> list[str]:
    """The subjects whose clock of a kind has run out and was never stopped. Call inside `acting(actor)`."""
    rows = Clock.objects.filter(kind=kind, subject_kind=subject_kind, state="running", deadline__lte=time.now())
    return list(rows.order_by("deadline").values_list("subject_id", flat=True)[:1000])


def due(before: datetime, *, late: int = 5, soon: int = 10) -> list[Clock]:
    """Return the clocks that expired last, and those that expire next before a time.

    Sorted by deadline. Old failures never displace deadlines that can still be met; a simulated clock counts as no
    failure. Call inside `acting(actor)`.
    """
    running = Clock.objects.filter(state="running", deadline__lt=before).exclude(kind__in=simulated())
    missed = running.filter(deadline__lte=time.now()).order_by("-deadline")[:late]
    coming = running.filter(deadline__gt=time.now()).order_by("deadline")[:soon]
    return [*reversed(missed), *coming]


def _add(actor: Actor, row: Clock, step: ClockMove, reason: str) -> ClockState:
    before = _steps(row)
    if before and step.at <= before[-1].at:
        # A machine's clock that was set back keeps no duty open, and its step comes after the one before all the same:
        # ids are made of the clock too and put nothing in order then.
        step = replace(step, at=before[-1].at + timedelta(microseconds=1))
    steps = [*before, step]
    standing = state_of(KINDS[row.kind], steps, step.at)
    row.deadline, row.state = standing.deadline, standing.state
    row.save(update_fields=["deadline", "state"])
    _note(actor, row, step, reason)
    return standing


def _note(actor: Actor, row: Clock, step: ClockMove, reason: str) -> None:
    insert_all(_noted(actor, row, step, reason))


def _noted(actor: Actor, row: Clock, step: ClockMove, reason: str) -> list[models.Model]:
    made = ClockStep(
        organisation_id=actor.organisation_id,
        clock=row,
        step=step.step,
        at=step.at,
        seconds=int(step.by.total_seconds()),
        reason=reason[:300],
        by=actor.reference,
    )
    event = rows_of(actor, f"clock.{step.step}", row.subject_kind, row.subject_id, clock=row.kind, reason=reason)
    return [made, *event]


def _steps(row: Clock) -> list[ClockMove]:
    rows = sorted(row.steps.all(), key=lambda one: (one.at, one.id))
    return [ClockMove(one.step, one.at, timedelta(seconds=one.seconds)) for one in rows]
