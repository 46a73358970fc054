"""Truth about the clock of an order, counted minute by minute, without the code that computes it.

Each minute in which the clock runs is taken off the time left. After a stop a whole new period begins (`fresh`), or
the old one goes on. A stop that begins after the last minute changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence


def deadline_minute(period: int, stops: Sequence[tuple[int, int | None]], now: int, *, fresh: bool) -> int | None:
    """The minute of the deadline as known at `now`; None while the clock is stopped. Receipt is minute 0.

    `stops`: (begin, end), in order and without overlap; the end of the last may be open.
    """
    begins, ends = {begin for begin, _end in stops}, {end for _begin, end in stops}
    left, stopped, ran_out = period, False, None
    for minute in range(now + 1):
        if minute and not stopped and left:
            left -= 1
            ran_out = None if left else minute
        if minute in ends and stopped:
            stopped = False
            left = period if fresh else left
            ran_out = None if left else minute
        if minute in begins and (left or ran_out == minute):
            stopped = True
    if stopped:
        return None
    return now + left if left else ran_out


def minutes_stopped(stops: Sequence[tuple[int, int | None]], now: int) -> int:
    """The minutes up to `now` in which the order could not be executed, whether or not they moved the deadline."""
    return sum(any(begin <= minute < (now if end is None else end) for begin, end in stops) for minute in range(now))
