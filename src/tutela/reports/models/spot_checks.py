"""A draw of the reports that stand last is looked at all the same."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.reports.models.reports import Report


class DrawnDay(TenantModel):
    """A day was drawn from, also where nothing was drawn: the order moves on, and nobody draws from it again.

    With it the days before it that wait: too few had come by then to make a tenth.
    """

    day = models.DateField()
    # Of how many reports, those of the days that waited included.
    of = models.IntegerField()
    drawn = models.IntegerField()
    waits = models.BooleanField(default=False)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "day"], name="one_draw_a_day")]

    def __str__(self) -> str:
        return str(self.day)


class Draw(TenantModel):
    """A report of the lowest tenth that was drawn to be looked at, as whoever draws again will find too."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="draw")
    # The last day of the window (`spot_checks`), and of how many reports in it the tenth was.
    day = models.DateField()
    of = models.IntegerField()
    # Groups by which rates are told, as the report says them; empty where it does not, and in older draws: the language
    # of the report, that of the account, where the account's holder lives; age group and gender of the holder and of
    # the child.
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
    """What somebody found who looked at a report that was drawn: whether it was urgent after all."""

    draw = models.OneToOneField(Draw, on_delete=models.PROTECT, related_name="examination")
    urgent = models.BooleanField()
    # Sealed by the report's key.
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.urgent)
