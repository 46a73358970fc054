"""Spot checks: low-ranked reports that are selected by chance and examined."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.reports.models.reports import Report


class DrawnDay(TenantModel):
    """A day from which spot checks were drawn, even if none was selected; never drawn again."""

    day = models.DateField()
    # Of how many reports.
    of = models.IntegerField()
    drawn = models.IntegerField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "day"], name="one_draw_a_day")]

    def __str__(self) -> str:
        return str(self.day)


class Draw(TenantModel):
    """A report of the lowest tenth selected for a spot check.

    A second draw gives the same result.
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="draw")
    # The day, and of how many reports of it the tenth was.
    day = models.DateField()
    of = models.IntegerField()
    # Rates are given by these groups, as stated in the report; they are empty if not stated, and in older draws. They
    # are the languages of the report and the account, the residence of the account's holder, and age group and gender
    # of the holder and of the child.
    language = models.CharField(max_length=8, blank=True, default="")
    account_language = models.CharField(max_length=8, blank=True, default="")
    residence = models.CharField(max_length=2, blank=True, default="")
    account_age = models.CharField(max_length=8, blank=True, default="")
    account_gender = models.CharField(max_length=8, blank=True, default="")
    child_age = models.CharField(max_length=8, blank=True, default="")
    child_gender = models.CharField(max_length=8, blank=True, default="")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.report_id)


class Examination(TenantModel):
    """Result of a spot check: whether the report was urgent after all."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="examination")
    urgent = models.BooleanField()
    # Sealed by the report's key.
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.urgent)
