"""Drills: a test entry that goes to every connected Edge, and is reversed at every recipient."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class Drill(TenantModel):
    """One drill of a Centre. Its reversal has the same ID (`Reversal.root_id`)."""

    number = models.CharField(max_length=20, unique=True)
    # The test entry.
    indicator_id = models.UUIDField(unique=True)
    # The organisations that certify it.
    certifiers = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    # Derived from the last step.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id"], condition=models.Q(ended_at__isnull=True), name="one_running_drill"
            )
        ]
        indexes = [models.Index(fields=["organisation_id", "-created_at"], name="drill_newest")]

    def __str__(self) -> str:
        return self.number


class DrillPartyKind(models.TextChoices):
    """What a drill waits for. Parties that are away are named and not waited for."""

    EDGE = "edge", _("Edge")
    RECIPIENT = "recipient", _("recipient")


class DrillParty(TenantModel):
    """An Edge or a recipient at the beginning of a drill."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="parties")
    kind = models.CharField(max_length=10, choices=DrillPartyKind.choices)
    recipient_id = models.UUIDField()
    recipient_name = models.CharField(max_length=200)
    # An Edge polled shortly before; for a recipient there is a key.
    connected = models.BooleanField()

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["kind", "recipient_name", "id"]
        constraints = [models.UniqueConstraint(fields=["drill", "kind", "recipient_id"], name="one_drill_party")]

    def __str__(self) -> str:
        return self.recipient_name


class DrillStepKind(models.TextChoices):
    """Step of a drill, or of one party of it."""

    CERTIFIED = "certified", _("test entry certified")
    REVERSED = "reversed", _("reversed")
    ENDED = "ended", _("ended")
    HAS = "has", _("has the entry")
    WITHOUT = "without", _("no longer has the entry")
    ACKNOWLEDGED = "acknowledged", _("acknowledged")


class DrillStep(TenantModel):
    """A step, once. `party` is null for a step of the whole drill."""

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="steps")
    party = models.ForeignKey(DrillParty, on_delete=models.PROTECT, null=True, related_name="steps")
    kind = models.CharField(max_length=14, choices=DrillStepKind.choices)
    at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["drill", "party", "kind"], nulls_distinct=False, name="one_drill_step")
        ]

    def __str__(self) -> str:
        return self.kind
