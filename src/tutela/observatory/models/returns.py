"""Returns that an organisation files, and returns that it received."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class FiledReturn(TenantModel):
    """One version of a return, signed. A later version does not replace it: each stays readable."""

    form = models.CharField(max_length=40)
    period_start = models.DateField()
    period_end = models.DateField()
    version = models.PositiveSmallIntegerField()
    # Codes and numbers, and what people wrote; validated by the form before it is signed.
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    envelope = models.BinaryField(max_length=500_000)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "form", "period_start", "period_end", "version"], name="one_return_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.form} {self.version}"


class ReceivedReturn(TenantModel):
    """A signed return of somebody else, as it came."""

    form = models.CharField(max_length=40)
    sender = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    period_start = models.DateField()
    period_end = models.DateField()
    version = models.PositiveSmallIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    envelope = models.BinaryField(max_length=500_000)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "digest"], name="one_received_return")]
        indexes = [models.Index(fields=["organisation_id", "form", "period_start"], name="received_by_period")]

    def __str__(self) -> str:
        return f"{self.form} {self.sender}"
