"""Schedule of rechecks: often at first, rarer the longer nothing changes, with jitter.

- After a notice or a doubt: hourly for the first day, every 6 hours for a week, daily for 30 days, then weekly.
- After a verified absence: after 1, 3, 7, 14, 30, 60 and 90 days, because pictures reappear; then no more.
- Each time is moved by up to a tenth: a host cannot tell a recheck by its clock, and hosts are not all asked at once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random, SystemRandom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# (age of the case's notice, pause until the next recheck)
PAUSES = ((DAY, HOUR), (7 * DAY, 6 * HOUR), (30 * DAY, DAY))
LONGEST = 7 * DAY
AFTER_ABSENCE = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30, 60, 90))
_JITTER = 0.1


def first(now: datetime, random: Random | None = None) -> datetime:
    """Time of the first recheck."""
    return now + _moved(HOUR, random)


def following(now: datetime, since: datetime, random: Random | None = None) -> datetime:
    """Time of the next recheck of something that is not absent since `since`."""
    age = now - since
    pause = next((pause for limit, pause in PAUSES if age < limit), LONGEST)
    return now + _moved(pause, random)


def after_absence(now: datetime, since: datetime, random: Random | None = None) -> datetime | None:
    """Time of the next recheck of something that was verified absent at `since`; None after the last."""
    pause = next((one for one in AFTER_ABSENCE if since + one > now), None)
    # Later only: a look before its time would be followed by another at the same pause.
    return None if pause is None else since + pause + abs(_moved(pause, random) - pause)


def _moved(pause: timedelta, random: Random | None) -> timedelta:
    return pause * (1 + _JITTER * (random or SystemRandom()).uniform(-1, 1))
