"""Ledger of errors, and reviews of the sources of errors."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.redress.models.complaints import ReasonCode
from tutela.redress.models.reversals import Reversal


class ErrorStage(models.TextChoices):
    """Whether a person had confirmed what was wrong."""

    BEFORE_REVIEW = "before", _("before human review")
    AFTER_REVIEW = "after", _("after human review")


class ErrorEntry(TenantModel):
    """One mistake in the figures, with what it cost. One reversal is one entry at an organisation.

    Several reversals may correct one measure, because several people complained. The first counts as the error. The
    others repeat it: they add to its costs alone.
    """

    reversal = models.OneToOneField(Reversal, on_delete=models.PROTECT, related_name="entry")
    # Keyed digest of the report, the notice or the measure: two reversals with one key are about one mistake.
    measure_key = models.BinaryField(max_length=16, null=True)
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeated")
    stage = models.CharField(max_length=6, choices=ErrorStage.choices)
    technology = models.CharField(max_length=300, blank=True)
    list_id = models.CharField(max_length=300, blank=True)
    provider_id = models.UUIDField(null=True)
    # Organisation that proposed the entry, or that sent the notice.
    source_id = models.UUIDField(null=True)
    error = models.CharField(max_length=16, choices=ReasonCode.choices)
    happened_at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "measure_key"],
                condition=models.Q(repeats__isnull=True, measure_key__isnull=False),
                name="one_error_a_measure",
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "happened_at"], name="error_recent"),
            models.Index(fields=["organisation_id", "source_id"], name="error_source"),
        ]

    def __str__(self) -> str:
        return self.error


class SourceReview(TenantModel):
    """A review of a source after three reversals. Open until a person records its result."""

    source_id = models.UUIDField()
    source_name = models.CharField(max_length=200)
    reversals = models.PositiveSmallIntegerField()
    # Counts the reviews of this source, from 1.
    turn = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "source_id", "turn"], name="one_review_a_turn")
        ]

    def __str__(self) -> str:
        return self.source_name


class SourceReviewEnd(TenantModel):
    """Result of a review."""

    review = models.OneToOneField(SourceReview, on_delete=models.PROTECT, related_name="end")
    result = models.CharField(
        max_length=10,
        choices=[
            ("no_action", _("no action needed")),
            ("advice", _("source advised")),
            ("sampled", _("entries of the source sampled")),
            ("suspended", _("source suspended")),
        ],
    )
    text = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.result
