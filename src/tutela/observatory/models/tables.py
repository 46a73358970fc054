"""Public tables of a week, tables that others published, and reviews of claims."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class TableKind(models.TextChoices):
    """What a table of a week counts."""

    FLOWS = "flows", _("Flows between countries")
    QUALITY = "quality", _("Quality of reports by provider")


class WeeklyTable(TenantModel):
    """A protected table of one ISO week. It is written once, so that two readers never see two versions of it."""

    kind = models.CharField(max_length=10, choices=TableKind.choices)
    monday = models.DateField()
    # The chain as it was when the table was written.
    position = models.BigIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    # Version of the rule of disclosure that protected the table; 0 is that of tables from before versions were kept.
    rule = models.PositiveSmallIntegerField(default=0)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "kind", "monday"], name="one_table_a_week"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.monday}"


class ImportKind(models.TextChoices):
    """Formats in which others publish figures."""

    DSA_REPORT = "dsa_report", _("Transparency report of a platform (DSA template)")
    TRANSPARENCY_DATABASE = "transparency_db", _("Day of the DSA Transparency Database")
    HOTLINES = "hotlines", _("Yearly table of hotlines")
    SURVEYS = "surveys", _("Shares of surveys")
    TASK_FORCES = "task_forces", _("Editions of a task force")


class ImportedTable(TenantModel):
    """A file that somebody else published, as figures. A corrected file is another row: each is a vintage."""

    kind = models.CharField(max_length=20, choices=ImportKind.choices)
    publisher = models.CharField(max_length=200)
    published = models.DateField()
    digest = models.CharField(max_length=64)
    # Definition keys, codes, numbers and names of the file.
    figures = models.JSONField()
    # Codes of findings with their values.
    remarks = models.JSONField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "kind", "digest"], name="one_import_of_a_file"),
        ]
        indexes = [models.Index(fields=["organisation_id", "-published"], name="import_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.publisher}"


class ClaimReview(TenantModel):
    """A person looked at a claim's sources again, and says until when that stands."""

    claim = models.CharField(max_length=20)
    review_by = models.DateField()
    note = models.CharField(max_length=500)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "claim", "-created_at"], name="review_by_claim")]

    def __str__(self) -> str:
        return self.claim
