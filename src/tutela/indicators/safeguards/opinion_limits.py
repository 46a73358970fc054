"""Limit on how often an organisation changes its opinion on one indicator.

Every stored opinion is a permanent entry of the public log, and one key could otherwise fill it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from tutela import clock
from tutela.indicators.safeguards.errors import SaidTooOften

# So often an organisation changes its word on one entry in a day (UTC).
PER_DAY = 20


def refuse_too_many(mine: QuerySet[Any]) -> None:
    """Refuse a further word of today, of these earlier ones of one organisation on one entry. Raises `SaidTooOften`."""
    day = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if mine.filter(created_at__gte=day).count() >= PER_DAY:
        raise SaidTooOften(most=PER_DAY)
