"""Entries that a provider stopped for itself while a dispute about them is decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class LocalStop(TenantModel):
    """An entry that rests at this provider: what matches nothing else is set aside at once."""

    indicator_id = models.UUIDField()
    # Of the reversal that stopped it.
    cause = models.UUIDField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "indicator_id", "cause"], name="one_stop_a_cause")
        ]

    def __str__(self) -> str:
        return str(self.indicator_id)


class LocalStopEnd(TenantModel):
    """End of a stop: the entry stays, or the longest time is over."""

    stop = models.OneToOneField(LocalStop, on_delete=models.PROTECT, related_name="end")
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.stop_id)
