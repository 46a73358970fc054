"""Time during which the police asked to wait. Pure functions over spans of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, order=True)
class Span:
    """A span of time, without its end."""

    begin: datetime
    end: datetime


def overlap(spans: Iterable[Span], begin: datetime, end: datetime) -> timedelta:
    """Time between two moments that is in at least one span. Time in several spans counts once."""
    total, reached = timedelta(), begin
    for one in sorted(spans):
        first, last = max(one.begin, reached), min(one.end, end)
        if last > first:
            total += last - first
            reached = last
    return total


def stands(spans: Iterable[Span], moment: datetime) -> bool:
    """Whether a span has this moment."""
    return any(one.begin <= moment < one.end for one in spans)
