"""Where each indicator stands now, and how many stand where: kept by triggers, for lists and counts of millions.

What decides are the rows of `lifecycle`; acts ask those. A test holds both together.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import unindexed
from tutela.indicators.models.indicators import Indicator, RegisterModel


class IndicatorNow(RegisterModel):
    """An indicator's state; `organisation_id` is its proposer, `proposed_at` and `media_type` its own.

    `held` follows what `indicators_is_held` says, part by part (`held.work`): an index passes over what is held, and
    that function is asked of what is left.
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
    """So many more of an organisation's proposals are in a state, or fewer: the sum counts. Summed up every hour."""

    state = models.CharField(max_length=16)
    n = models.BigIntegerField()

    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.state} {self.n}"
