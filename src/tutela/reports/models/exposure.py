"""Who has read how much of late, for that person's own budget and for nothing else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.reports.models.reports import Report


class Beyond(models.TextChoices):
    """Why somebody opens a report beyond the stop. Closed: no words about a person, nor about a case."""

    NOBODY_ELSE = "nobody_else", _("Nobody else is available to read it")
    BEGUN = "begun", _("I have started this case and will finish it")
    TIME = "time", _("The deadline is before tomorrow")
    OTHER = "other", _("Another reason, agreed with the lead")


class Opening(TenantModel):
    """Somebody opened a report's contents. Deleted after two days: the budget of a day needs no more."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    by = models.CharField(max_length=80)
    # The heaviest kind of the report: what is offered next is of another, where there is one.
    kind = models.CharField(max_length=20)
    beyond = models.CharField(max_length=12, choices=Beyond.choices, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "by", "-created_at"], name="opening_day"),
            models.Index(fields=["organisation_id", "created_at"], name="opening_recent"),
        ]

    def __str__(self) -> str:
        return str(self.report_id)


class ExposureTerms(TenantModel):
    """How much somebody reads in a day, and in a row before a break is suggested. The newest counts."""

    budget = models.SmallIntegerField()
    stop = models.SmallIntegerField()
    in_a_row = models.SmallIntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(in_a_row__gte=1, budget__gte=models.F("in_a_row"), stop__gte=models.F("budget")),
                name="exposure_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.budget} / {self.stop}"
