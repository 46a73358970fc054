"""Reports of this provider that reached a Centre without a draft here, and the Centre's messages."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.exchange.report.unfounded_reasons import text_of


class FiledElsewhere(TenantModel):
    """A report that reached a Centre by another way, known by the Centre's messages."""

    report_id = models.UUIDField()
    centre_id = models.UUIDField()
    centre = models.CharField(max_length=300)
    # Its number at the interface, where it came by one.
    filed_as = models.CharField(max_length=300, blank=True)
    # Derived from the words, by who writes them: what the list is read by.
    state = models.CharField(max_length=12, blank=True)
    held_until = models.DateTimeField(null=True)
    content_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "report_id"], name="one_filed_elsewhere")]
        indexes = [
            models.Index(fields=["organisation_id", "filed_as"], name="elsewhere_filed_as"),
            models.Index(fields=["organisation_id", "-told_at", "-id"], name="elsewhere_recent"),
            models.Index(fields=["organisation_id", "state", "-told_at", "-id"], name="elsewhere_state"),
            models.Index(
                fields=["organisation_id", "held_until"],
                condition=models.Q(held_until__isnull=False),
                name="elsewhere_held",
            ),
        ]

    def __str__(self) -> str:
        return self.filed_as or str(self.report_id)


class WordElsewhere(TenantModel):
    """One step of the return leg of such a report."""

    report = models.ForeignKey(FiledElsewhere, on_delete=models.PROTECT, related_name="words")
    feedback_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    # Sealed by the report's key.
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    content_until = models.DateTimeField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["organisation_id", "feedback_id"], name="one_word_an_id")]

    def __str__(self) -> str:
        return self.kind

    @property
    def code_text(self) -> str:
        """Text of the reason code from the catalogue; empty without a code."""
        return text_of(self.reason_code) if self.reason_code else ""
