"""Figures of simulated histories, counted from their truth alone, and the histories as the ledger reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from tests.support.takedown_histories import BASE, Happened, Simulation, Truth
from tutela.takedown.ledger.entries import AnswerGiven, CaseHistory, HostAnswer, LedgerEntry, SentNotice
from tutela.takedown.ledger.figures import LedgerLine
from tutela.takedown.ledger.hold_time import Span


def history_of(one: Simulation) -> CaseHistory:
    """A simulated case as its rows would tell it."""

    def moments(kind: str) -> list[Happened]:
        return [event for event in one.events if event.kind == kind]

    return CaseHistory(
        tuple(SentNotice(event.at, *event.said) for event in moments("notice")),
        tuple(AnswerGiven(event.at, HostAnswer(event.said[0])) for event in moments("answer")),
        tuple(event.at for event in moments("absent")),
        tuple(event.at for event in moments("reappeared")),
        tuple(event.at for event in moments("legal")),
        tuple(Span(event.at, BASE + timedelta(hours=int(event.said[0]))) for event in moments("hold")),
    )


def as_truth(one: LedgerEntry) -> Truth:
    """An entry in the form of the truth."""
    hours = one.hours
    return Truth(
        one.provider,
        one.country,
        one.label,
        round((one.begun - BASE) / timedelta(hours=1)),
        one.notices,
        one.result.value,
        one.answer.value if one.answer else "",
        -1 if hours is None else round(hours),
        round(one.held_hours),
        one.under_hold,
        one.reappeared,
    )


def comparable(one: Truth) -> Truth:
    """The truth with a clock only if it stopped by a removal."""
    return Truth(**{**vars(one), "clock": one.clock if one.result == "removed" else -1})


def week_of(one: Truth) -> str:
    """ISO week of the first notice."""
    year, week, _day = (BASE + timedelta(hours=one.hour)).isocalendar()
    return f"{year}-W{week:02d}"


KEYS: dict[str, Callable[[Truth], str]] = {
    "provider": lambda one: one.provider,
    "country": lambda one: one.country,
    "week": week_of,
}


def true_lines(truth: Iterable[Truth], by: str) -> list[LedgerLine]:
    """The lines that a ledger must have."""
    every = list(truth)
    names = sorted({KEYS[by](one) for one in every})
    return [true_line(name, [one for one in every if KEYS[by](one) == name]) for name in names]


def true_line(name: str, some: Sequence[Truth]) -> LedgerLine:
    """The line of some entries."""
    clocks = sorted(one.clock for one in some if one.result == "removed")
    counts = dict.fromkeys(("removed", "refused", "open", "moved", "withdrawn"), 0)
    for one in some:
        counts[one.result] += 1
    held_now = len([one for one in some if one.under_hold])
    blamed = counts["removed"] + counts["refused"] + counts["open"] - held_now
    return LedgerLine(
        name=name,
        count=len(some),
        notices=sum(one.notices for one in some),
        reappeared=len([one for one in some if one.reappeared]),
        under_hold=held_now,
        held_hours=float(sum(one.held for one in some)),
        median_hours=_middle(clocks),
        p90_hours=next((float(one) for one in clocks if 10 * sum(x <= one for x in clocks) >= 9 * len(clocks)), None),
        compliance=counts["removed"] / blamed if blamed else None,
        **counts,
    )


def _middle(ordered: list[int]) -> float | None:
    if not ordered:
        return None
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
