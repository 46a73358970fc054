"""Decisions on a report: relevance, provider's answer, jurisdiction, retraction. Undo adds a row."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.report.unfounded_reasons import UnfoundedReason
from tutela.reports.models.reports import Report


class Decision(models.TextChoices):
    FORWARD = "forward", _("Relevant")
    UNFOUNDED = "unfounded", _("Manifestly unfounded")
    ASK = "ask", _("Ask the provider for more information")
    ERRONEOUS = "erroneous", _("Erroneous")


UNFOUNDED_CODES = [one.value for one in UnfoundedReason]


class Assessment(TenantModel):
    """A decision on relevance. The newest counts; undo adds a row."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="assessments")
    decision = models.CharField(max_length=12, choices=Decision.choices)
    # Free words, here and below: sealed by the report's key (`subject_keys.seal_words`), so that they go with it.
    reason = models.TextField()
    # Of `UnfoundedReason`, where the report is unfounded or an error; `EXACT_COPIES`, where nobody needed to look.
    reason_code = models.CharField(max_length=20, blank=True, default="")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason_code="")
                | models.Q(reason_code__in=UNFOUNDED_CODES, decision__in=("unfounded", "erroneous"))
                | models.Q(reason_code=RelevanceCode.EXACT_COPIES.value, decision="forward"),
                name="a_code_says_why_not",
            ),
            # The database asks it of new rows alone (NOT VALID).
            models.CheckConstraint(
                condition=~models.Q(decision="unfounded", reason_code=""), name="unfounded_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation_id", "created_at"],
                include=["report", "reason_code"],
                condition=models.Q(decision="unfounded"),
                name="assessment_unfounded",
            )
        ]

    def __str__(self) -> str:
        return self.decision


class ProviderAnswer(TenantModel):
    """A question to a provider is over: it filed another report, or (none) its time has passed."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="answers")
    by_report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="+")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.report_id)


class Retraction(TenantModel):
    """The provider's statement that a report was filed in error.

    The statement decides nothing (`retractions`).
    """

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="retraction")
    reason = models.TextField()

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.report_id)


class RetractionDeclined(TenantModel):
    """Decision that a retracted report stays valid: author and reason."""

    retraction = models.OneToOneField(Retraction, on_delete=models.PROTECT, related_name="declined")
    reason = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.retraction_id)


class Jurisdiction(TenantModel):
    """Countries addressed, with the rule and the dated evidence. The newest row counts; undo adds a row."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="jurisdictions")
    # The first of `countries`; no value in either means Europol, as does "" among others. Rows of older nodes have no
    # list.
    country = models.CharField(max_length=2, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    ground = models.CharField(max_length=40)
    # A `RuleCode`.
    rule = models.CharField(max_length=40)
    # The values that stand in the rule's text and the evidence, sealed as words about the report (`basis`).
    basis = models.TextField()
    # The data by which addresses were placed.
    edition = models.CharField(max_length=120, blank=True)
    by = models.CharField(max_length=80)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone")

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return ", ".join(one or "Europol" for one in self.addressed) or "Europol"

    @property
    def addressed(self) -> list[str]:
        """Return every addressed country; none, and "" among others, means Europol."""
        return list(self.countries) or ([self.country] if self.country else [])

    @property
    def rule_values(self) -> dict[str, str]:
        """Values of the rule's text; empty once the report is erased. The row must be unsealed."""
        found: dict[str, str] = json.loads(self.basis)["values"] if self.basis else {}
        return found

    @property
    def evidence(self) -> list[list[Any]]:
        """The evidence as it was weighed; none once the report is erased. Of a row that was opened."""
        found: list[list[Any]] = json.loads(self.basis)["evidence"] if self.basis else []
        return found
