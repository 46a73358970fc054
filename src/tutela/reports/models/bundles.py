"""Changes of bundles: joins by a shared item, manual merges and splits. Undo adds a row."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed
from tutela.reports.models.items import Bundle
from tutela.reports.models.reports import Report


class Regrouping(models.TextChoices):
    JOINED = "joined", _("joined: one report carries items of both")
    NEAR = "near", _("joined: pictures of both are visually similar")
    SERIES = "series", _("joined: items of both belong to one series")
    MERGED = "merged", _("merged")
    SPLIT = "split", _("split")
    UNDONE = "undone", _("undone")


class BundleMove(TenantModel):
    """Items and reports went from one bundle into another. `undoes` names the row that this one takes back."""

    kind = models.CharField(max_length=8, choices=Regrouping.choices)
    source = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="left")
    target = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="entered")
    items = ArrayField(models.UUIDField())
    reports = ArrayField(models.UUIDField())
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone")
    # Of two items of a near join: in how many of 256 bits they differ.
    distance = models.SmallIntegerField(null=True)
    # The reason is a person's text, or for a series its code in the register.
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} {self.target_id}"


class InSeries(TenantModel):
    """A report has an item of a series, known by a keyed hash; `code` is set by the register."""

    organisation_id = unindexed()
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    mark = models.BinaryField(max_length=32)
    code = models.CharField(max_length=16, blank=True)
    # Since when its bundle waits to be joined with others of the series; none once it was looked at.
    to_join = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "mark"], name="once_in_a_series")]
        indexes = [
            models.Index(fields=["organisation_id", "mark", "created_at"], name="series_of"),
            models.Index(
                fields=["organisation_id", "to_join"], condition=models.Q(to_join__isnull=False), name="series_to_join"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class EarlierSeries(TenantModel):
    """Progress of reading earlier reports, stored before series existed, for their series (`series_backfill`).

    `total` was counted at the start; `after` is the last report read, `unread` the number that could not be read.
    """

    after = models.UUIDField(null=True)
    total = models.IntegerField(default=0)
    looked = models.IntegerField(default=0)
    found = models.IntegerField(default=0)
    unread = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id"], name="earlier_series_once")]

    def __str__(self) -> str:
        return str(self.looked)
