"""Timeline of a subject: every step with who, when and where, and the clocks running at that time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tutela.events.record import Recorded, timeline
from tutela.exchange.report.report import Report
from tutela.law import clocks
from tutela.law.clock_kinds import Specification

Subject = tuple[str, object]
# A change and the clock it starts are written in one transaction, one a moment after the other.
SAME_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True)
class Stop:
    """One step: an event of this organisation, or a code reported by another one. `note` is shown unchanged."""

    at: datetime
    by: str
    event: Recorded | None = None
    code: str = ""
    place: str = ""
    note: str = ""
    clocks: tuple[tuple[Specification, clocks.ClockState], ...] = ()


@dataclass(frozen=True)
class Journey:
    """The steps, oldest first, and apart from them who merely looked."""

    stops: list[Stop] = field(default_factory=list)
    looks: list[Recorded] = field(default_factory=list)


def journey(subjects: Sequence[Subject], told: Iterable[Stop] = ()) -> Journey:
    """Return the recorded events of some subjects and the steps of others, in order of time. Call inside
    `acting(actor)`.
    """
    events = [event for subject in subjects for event in timeline(*subject)]
    stops = [Stop(e.at, e.actor_name, event=e) for e in events if not _look(e)]
    ran = [history for subject in subjects for history in clocks.histories(*subject)]
    stops = sorted([*told, *stops], key=lambda stop: (stop.at, _rank(stop)))
    shown = [replace(stop, clocks=_running(ran, _settled(stops, n))) for n, stop in enumerate(stops)]
    return Journey([stop for stop in shown if not _started(stop)], [e for e in events if _look(e)])


def at_the_provider(report: Report, *, every: bool = True) -> list[Stop]:
    """Steps that a report states from before it was sent. Not `every`: only those its provider has no event of."""
    place = report.provider.name
    stops = [Stop(step.at, step.by, code=step.kind.value, place=place) for step in report.steps]
    if not every:
        return [stop for stop in stops if stop.code == "upload_seen"]
    if not stops and report.confirmation:
        known = report.confirmation
        stops = [Stop(known.at, known.confirmed_by, code="reviewer_confirmed", place=place)]
    return [*stops, Stop(report.issuance.issued_at, report.issuance.signatory, code="report_issued", place=place)]


def _look(event: Recorded) -> bool:
    return event.kind.endswith(".viewed")


def _rank(stop: Stop) -> int:
    """Order steps of one moment: actions elsewhere, then records here, then statements about it."""
    return 0 if stop.place else 1 if stop.event else 2


def _started(stop: Stop) -> bool:
    """Return true for a clock start.

    A start is shown with the step that caused it and the time left.
    """
    return stop.event is not None and stop.event.kind == "clock.start"


def _settled(stops: list[Stop], place: int) -> datetime:
    """The moment at which the clocks that a step set going ran: they are started right after it."""
    moment = stops[place].at
    for stop in stops[place + 1 :]:
        if not _started(stop) or stop.at > stops[place].at + SAME_MOMENT:
            break
        moment = stop.at
    return moment


def _running(
    ran: list[tuple[Specification, list[clocks.ClockMove]]], moment: datetime
) -> tuple[tuple[Specification, clocks.ClockState], ...]:
    """State of each clock at a moment, without clocks that had not begun or were stopped."""
    found = []
    for spec, steps in ran:
        taken = [step for step in steps if step.at <= moment]
        if not taken:
            continue
        standing = clocks.state_of(spec, taken, moment)
        if standing.state != "stopped":
            found.append((spec, standing))
    return tuple(found)
