"""Volumes by day, progress of reports by month and week, and surges."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed


class Volume(TenantModel):
    """Reports of a day by provider, country and first kind. Derived from the reports; `volumes.count` writes it."""

    day = models.DateField()
    provider_id = models.UUIDField()
    country = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=20)
    reports = models.IntegerField()
    duplicates = models.IntegerField()
    urgent = models.IntegerField()
    complete = models.IntegerField(help_text=_("Sum of the completeness scores"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "day", "provider_id", "country", "kind"], name="one_volume_a_day"
            )
        ]
        indexes = [
            models.Index(
                fields=["organisation_id", "day"],
                name="volume_day",
                include=["provider_id", "country", "kind", "reports", "duplicates", "urgent", "complete"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reports}"


class Span(models.TextChoices):
    """Period of a tally: totals use months, time series weeks. Each report counts in both."""

    MONTH = "month", _("Month")
    WEEK = "week", _("Week")


class Tally(TenantModel):
    """Change in the number of reports that reached exactly one step (`progress`).

    Duplicates are not counted. A row is of a month or week, a provider, a country and a first kind. The rows of one
    combination are added up. Triggers write a row at every change of a report, in its transaction, so that an intake
    waits for no other. `progress_counts.gather` combines several rows.
    """

    organisation_id = unindexed()
    span = models.CharField(max_length=5, choices=Span.choices)
    begin = models.DateField(help_text=_("First day of the month, or Monday of the week, in UTC"))
    provider_id = models.UUIDField()
    country = models.CharField(max_length=2, blank=True)
    kind = models.CharField(max_length=20)
    reached = models.SmallIntegerField()
    released = models.SmallIntegerField()
    reports = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(
                fields=[
                    "organisation_id",
                    "span",
                    "begin",
                    "provider_id",
                    "country",
                    "kind",
                    "reached",
                    "released",
                ],
                include=["reports"],
                name="tally_span",
            )
        ]

    def __str__(self) -> str:
        return f"{self.span} {self.begin} {self.reports}"


class Dimension(models.TextChoices):
    PROVIDER = "provider", _("Provider")
    COUNTRY = "country", _("Country")
    KIND = "kind", _("Kind")


class Surge(TenantModel):
    """A volume that rose to several times what was usual: one row, however long it lasts."""

    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    value = models.CharField(max_length=40)
    label = models.CharField(max_length=160)
    day = models.DateField()
    seen = models.IntegerField()
    usual = models.FloatField()
    # Where else it shows: dimension and label.
    shows = models.JSONField(default=list)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "dimension", "value", "day"], name="one_surge_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.dimension} {self.label}"


class SurgeEnd(TenantModel):
    """End of a surge: the volume fell, or a person declares it usual, with a reason."""

    surge = models.OneToOneField(Surge, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.reason
