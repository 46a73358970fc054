"""What happened to bundles: joined by a shared item, merged and split by people; each undone by a further row."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenancy import TenantModel
from tutela.reports.models.desk import Bundle


class Regrouping(models.TextChoices):
    JOINED = "joined", _("joined: a report carries items of both")
    NEAR = "near", _("joined: pictures of both look alike")
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
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} {self.target_id}"
