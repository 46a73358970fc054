"""Retention of an indicator: legal holds, erasure, and events whose facts are still to be erased."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.indicators.models.indicators import Indicator, RegisterModel


class LegalHold(RegisterModel):
    """The Centre keeps an indicator for a proceeding, until a day: nothing of it is erased before."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.CharField(max_length=300)
    until = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.until}"


class LegalHoldEnd(RegisterModel):
    """A legal hold ended before its day."""

    hold = models.OneToOneField(LegalHold, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.hold_id)


class Erasure(RegisterModel):
    """The time of an indicator was over: its hashes, their values and its frames are gone; the Centre's row.

    A trigger refuses it for what is not revoked, and while a legal hold stands.
    """

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="erasure")
    rule = models.CharField(max_length=60)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        # Counted at every proposal (`rejected_items`).
        indexes = [models.Index(fields=["rule"], name="erased_refuted", condition=models.Q(rule="indicator.refuted"))]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.rule}"


class FactsToErase(TenantModel):
    """Pending erasure of an organisation's event facts about an erased indicator. A function adds the row; it is
    deleted with them.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.indicator_id)
