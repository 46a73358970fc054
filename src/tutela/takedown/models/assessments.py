"""Assessments: a person's verdict on what is at an address."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class Verdict(models.TextChoices):
    """Verdict of an assessment."""

    ILLEGAL = "illegal", _("illegal here")
    ELSEWHERE = "elsewhere", _("illegal elsewhere only")
    LEGAL = "legal", _("not illegal")
    UNREACHABLE = "unreachable", _("could not be reached")


class Reality(models.TextChoices):
    """Whether a real child is depicted. Unclear counts as real."""

    REAL = "real", _("real")
    ALTERED = "altered", _("altered from a real child")
    SYNTHETIC = "synthetic", _("fully synthetic")
    UNCLEAR = "unclear", _("unclear, counts as real")


class Commerciality(models.TextChoices):
    """Whether money is asked for it."""

    COMMERCIAL = "commercial", _("commercial")
    NOT = "not", _("not commercial")
    UNCLEAR = "unclear", _("not determined")


class Assessment(TenantModel):
    """One person's assessment of a case. A second opinion is a further row."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="assessments")
    round = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    # What is depicted, as `scheme:value`.
    label = models.CharField(max_length=80, blank=True)
    reality = models.CharField(max_length=10, choices=Reality.choices, blank=True)
    commerciality = models.CharField(max_length=10, choices=Commerciality.choices, blank=True)
    # Names of payment methods, for the financial intelligence unit.
    payments = models.JSONField(default=list)
    # Whether an exact copy of a certified item was recognised, and nothing was viewed.
    certified_copy = models.BooleanField(default=False)
    second_opinion = models.BooleanField(default=False)
    # Seconds of viewing on the analyst's own machine.
    viewed_seconds = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round", "by"], name="one_assessment_a_person")]
        indexes = [
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(commerciality="commercial"),
                name="assessment_payments",
            ),
            models.Index(
                fields=["organisation_id"], condition=models.Q(second_opinion=True), name="assessment_second_opinion"
            ),
        ]

    def __str__(self) -> str:
        return self.verdict
