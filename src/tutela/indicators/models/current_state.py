"""Current state of each indicator and counts by state, kept by triggers for lists of millions.

The rows of `lifecycle` are authoritative, and actions query those. A test checks that both agree.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import unindexed
from tutela.indicators.models.indicators import Indicator, RegisterModel


class IndicatorNow(RegisterModel):
    """Current state of an indicator.

    `organisation_id` is its proposer; `proposed_at` and `media_type` are its own. `held` follows `indicators_is_held`
    part by part (`hold_effects`): an index skips held indicators, and the function is called for the others.
    """

    organisation_id = unindexed()
    # A trigger writes this row in the statement that writes the indicator's, and nobody deletes either.
    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="now", db_constraint=False)
    state = models.CharField(max_length=16)
    media_type = models.CharField(max_length=8)
    proposed_at = models.DateTimeField()
    held = models.BooleanField()

    by_function: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["state", "-proposed_at"], name="now_by_state"),
            models.Index(fields=["state", "media_type", "-proposed_at"], name="now_by_state_and_media"),
            models.Index(
                fields=["organisation_id", "-proposed_at"],
                name="now_to_certify",
                condition=models.Q(state="proposed", held=False),
            ),
            models.Index(
                fields=["organisation_id", "media_type", "-proposed_at"],
                name="now_media_to_certify",
                condition=models.Q(state="proposed", held=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.state}"


class StateTally(RegisterModel):
    """Change in the number of an organisation's proposals in a state. The sum counts; rows are summed up every hour."""

    state = models.CharField(max_length=16)
    n = models.BigIntegerField()

    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.state} {self.n}"
