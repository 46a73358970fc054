"""Change feed: indicators waiting for their feed time, and the time assigned to each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import Indicator, RegisterModel


class FeedWaiting(models.Model):
    """An indicator that changed and has no time in the feed yet. A trigger of every table that changes one adds it."""

    id = models.BigAutoField(primary_key=True)
    indicator_id = models.UUIDField()

    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class FeedEntry(RegisterModel):
    """Time when the feed saw the last change of an indicator that is or ever was active. The Centre's row.

    `variants`: the number of entries that an erased indicator had; a trigger of erasures stores it.
    """

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="feed")
    stamp = models.DateTimeField()
    variants = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["stamp", "indicator"], name="feed_by_stamp")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.stamp}"
