"""Quarantine of proposals that do not look like assessed material, and the decisions on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import Indicator, RegisterModel


class Quarantine(RegisterModel):
    """Hold on one proposal, or on a whole import, until the Centre has checked it.

    The proposer's row. An import is held again if it continues after a release and is anomalous again.
    """

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="quarantine", null=True)
    run_id = models.UUIDField(null=True, db_index=True)
    codes = models.CharField(max_length=120)
    detail = models.CharField(max_length=600)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(indicator__isnull=True) ^ models.Q(run_id__isnull=True), name="one_or_an_import"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id or self.run_id} {self.codes}"


class QuarantineDecision(RegisterModel):
    """The Centre's: released, or refused, which ends every one of them."""

    quarantine = models.OneToOneField(Quarantine, on_delete=models.PROTECT, related_name="decision")
    released = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.quarantine_id)
