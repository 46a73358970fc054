"""Timestamp with its offset from UTC, as messages contain it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

# Beyond these a database gives back what no program here can hold. "For ever" and "never" are often written as either.
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def datable(at: datetime) -> datetime:
    """The moment, if it can be kept and read again. Raises `ValueError`."""
    if not FIRST <= at <= LAST:
        raise ValueError("must be between the years 1 and 9999, in UTC")
    return at


def read(text: str) -> datetime | None:
    """The moment of a text of ISO 8601 with its zone; None for any other text, and for what cannot be kept."""
    try:
        found = datetime.fromisoformat(text.strip())
        return datable(found) if found.tzinfo is not None else None
    except ValueError:
        return None


Moment = Annotated[AwareDatetime, AfterValidator(datable)]
