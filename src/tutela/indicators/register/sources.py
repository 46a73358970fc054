"""Sources of an entry: who proposed it and who certified it; and since when it is suspended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela.indicators.models import Certification, Indicator, Suspension


def sources_of(indicator_id: UUID) -> tuple[UUID | None, list[UUID]]:
    """The proposer of an entry and everybody else who certified it. Call inside `acting(actor)` as a member.

    The proposer is None for an entry that is not in the register.
    """
    row = Indicator.objects.filter(pk=indicator_id).first()
    if row is None:
        return None, []
    rows = Certification.objects.filter(indicator=row).order_by("created_at").values_list("organisation_id", flat=True)
    others = [one for one in dict.fromkeys(rows) if one != row.organisation_id]
    return row.organisation_id, others


def stopped_at(indicator_id: UUID) -> datetime | None:
    """Since when the entry is suspended and undecided; None if it is not. Call inside `acting(actor)`."""
    rows = Suspension.objects.filter(indicator=indicator_id, end__isnull=True).order_by("-created_at")
    return rows.values_list("created_at", flat=True).first()
