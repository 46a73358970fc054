"""Set of values for private look-up of digests."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import RegisterModel


class LookupSet(RegisterModel):
    """The newest set, by its tag, which names its file in the data folder; under which key its values are."""

    tag = models.CharField(max_length=40)
    key_id = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id"], name="one_lookup_set")]

    def __str__(self) -> str:
        return self.tag


class LookupWaiting(models.Model):
    """Indicator activated or deactivated since the last set. A trigger adds the row."""

    id = models.BigAutoField(primary_key=True)
    indicator_id = models.UUIDField()

    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)
