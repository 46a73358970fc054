"""Imports of backlogs: one row for each file, its addresses until they are cases, and the cases that it named."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class FileKind(models.TextChoices):
    """Format of a backlog file."""

    TABLE = "table", _("table (CSV or TSV)")
    MAILBOX = "mailbox", _("mailbox (mbox)")
    MESSAGE = "message", _("one message (EML)")


class Import(TenantModel):
    """One imported file, by a keyed hash of its bytes. Its counts grow with each part that is stored."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=FileKind.choices)
    file_key = models.BinaryField(max_length=32)
    addresses = models.PositiveIntegerField()
    new = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    reopened = models.PositiveIntegerField(default=0)
    # Numbers by `AddressFault`, and by the kind of what was left out (`exchange.takedown.backlog.Skipped`).
    refused = models.JSONField(default=dict)
    skipped = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "file_key"], name="one_import_a_file")]
        indexes = [
            models.Index(fields=["organisation_id", "-created_at"], name="import_newest"),
            models.Index(
                fields=["organisation_id", "created_at"], condition=models.Q(ended_at=None), name="import_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportPart(TenantModel):
    """Addresses of an import that are not cases yet, sealed. The row is deleted with the cases that it becomes."""

    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="parts")
    place = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="one_part_a_place")]

    def __str__(self) -> str:
        return str(self.place)


class ImportedCase(TenantModel):
    """A case that an import named, once however often."""

    run = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="cases")
    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="imports")

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "case"], name="one_imported_case")]

    def __str__(self) -> str:
        return str(self.case_id)
