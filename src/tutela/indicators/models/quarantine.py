"""Proposals that are held because they do not look like what somebody assessed, and what a person decided."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import Indicator, RegisterModel


class Quarantine(RegisterModel):
    """One proposal, or every one of an import, is not certified until the Centre has looked. The proposer's row.

    An import is held again where it goes on after a release, and is odd again.
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
