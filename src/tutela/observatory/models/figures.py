"""Published figures: one release for a period, with its figures and their salts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class FigureRelease(TenantModel):
    """Figures of a period as they were published once. A correction is another release of the same period."""

    number = models.PositiveIntegerField()
    period_start = models.DateField()
    period_end = models.DateField()
    # The chain as it was when the figures were computed.
    position = models.BigIntegerField()
    head = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    envelope = models.BinaryField(max_length=100_000)
    event_id = models.UUIDField(unique=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "number"], name="one_release_a_number"),
            models.CheckConstraint(
                condition=models.Q(period_end__gte=models.F("period_start")), name="release_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["organisation_id", "-period_start"], name="release_by_period")]

    def __str__(self) -> str:
        return str(self.number)


class PublishedFigure(TenantModel):
    """A figure of a release. `value` is kept also if it was withheld; the salt opens its commitment."""

    release = models.ForeignKey(FigureRelease, on_delete=models.PROTECT, related_name="figures")
    definition = models.CharField(max_length=80)
    query = models.CharField(max_length=80)
    value = models.BigIntegerField()
    missing = models.CharField(max_length=10, blank=True)
    salt = models.CharField(max_length=64)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "definition"], name="one_figure_a_definition")]

    def __str__(self) -> str:
        return self.definition
