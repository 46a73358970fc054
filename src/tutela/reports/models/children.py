"""Safeguarded children, each by the pseudonym that its authority gave it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.reports.models.referrals import Outcome


class SafeguardedChild(TenantModel):
    """An outcome is about this child. The same pseudonym of one authority is one child, however often it is named."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="children")
    authority_id = models.UUIDField()
    pseudonym = models.CharField(max_length=32)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outcome", "pseudonym"], name="one_child_an_outcome")]
        indexes = [models.Index(fields=["authority_id", "pseudonym"], name="child_pseudonym")]

    def __str__(self) -> str:
        return self.pseudonym
