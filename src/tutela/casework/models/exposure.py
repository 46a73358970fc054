"""Openings of a person, for that person's own budget only, and the terms of the budget."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed


class Beyond(models.TextChoices):
    """Reasons to open a subject beyond the daily limit. A closed list without words about a person or a case."""

    NOBODY_ELSE = "nobody_else", _("Nobody else is available to read it")
    BEGUN = "begun", _("I have started this case and will finish it")
    TIME = "time", _("The deadline is before tomorrow")
    OTHER = "other", _("Another reason, agreed with the lead")


class OpeningRow(TenantModel):
    """Opening of a subject's contents, written before anything is shown."""

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    by = models.CharField(max_length=80)
    # Category of the subject. The next subject that a desk offers has another category if possible.
    category = models.CharField(max_length=20, blank=True)
    # For how long a person's own machine showed it; 0 where that is not known.
    seconds = models.PositiveIntegerField(default=0)
    beyond = models.CharField(max_length=12, choices=Beyond.choices, blank=True)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["organisation_id", "by", "subject_kind", "-created_at"], name="%(class)s_of_person"),
            models.Index(fields=["organisation_id", "subject_kind", "created_at"], name="%(class)s_of_day"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"


class Opening(OpeningRow):
    """Opening that only the budget uses. Deleted after two days, because the limit covers one day."""


class KeptOpening(OpeningRow):
    """Opening that proves that a decision was made after seeing the subject. Never deleted."""

    insert_only: ClassVar[bool] = True


class ExposureTerms(TenantModel):
    """Terms of the budget for a kind of subject. The newest row is in force."""

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
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
                name="budget_before_stop",
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "subject_kind", "-created_at"], name="exposure_terms_newest")
        ]

    def __str__(self) -> str:
        return f"{self.budget} / {self.stop}"
