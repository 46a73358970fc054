"""Tables of a host that accepted the scheme: its terms, requested hashes, and items that matched them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class SchemeMembership(TenantModel):
    """The host's terms towards one victim support. The age identity opens what it is sent, and is sealed."""

    support_id = models.UUIDField()
    support_name = models.CharField(max_length=200)
    shape = models.CharField(max_length=14)
    types = ArrayField(models.CharField(max_length=6))
    most_days = models.PositiveSmallIntegerField()
    accepts = models.BooleanField(default=True)
    sequence = models.PositiveIntegerField(default=1)
    recipient = models.CharField(max_length=62)
    wrapped_identity = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "support_id"], name="one_membership")]

    def __str__(self) -> str:
        return self.support_name


class RequestedState(models.TextChoices):
    """State of requested hashes at the host."""

    ACTIVE = "active", _("looked for")
    LAWFUL = "lawful", _("not looked for: the picture is lawful")
    WITHDRAWN = "withdrawn", _("withdrawn and deleted")
    EXPIRED = "expired", _("expired and deleted")


class RequestedItem(TenantModel):
    """The hashes of one picture or video, sealed by their own key. Nothing says whose they are."""

    membership = models.ForeignKey(SchemeMembership, on_delete=models.PROTECT, related_name="items")
    message_id = models.UUIDField()
    sequence = models.PositiveIntegerField()
    sealed = models.BinaryField(default=bytes)
    # IDs of its entries in the list of the host's Edge: one for the digests with the first look, one for each further.
    entry_ids = ArrayField(models.UUIDField(), default=list)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=RequestedState.choices, default=RequestedState.ACTIVE)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "message_id"], name="one_requested_item")]
        indexes = [
            models.Index(fields=["organisation_id", "state", "expires_at"], name="requested_expires"),
            GinIndex(fields=["entry_ids"], name="requested_entries"),
        ]

    def __str__(self) -> str:
        return str(self.message_id)


class FoundStage(models.TextChoices):
    """Stage of an item that matched."""

    OPEN = "open", _("to review")
    REMOVED = "removed", _("removed")
    KEPT = "kept", _("not removed")
    GONE = "gone", _("request ended before a review")


class FoundItem(TenantModel):
    """An item of the host that matched requested hashes: a candidate for the host's reviewer, and nothing more."""

    number = models.CharField(max_length=20, unique=True)
    requested = models.ForeignKey(RequestedItem, on_delete=models.PROTECT, related_name="found")
    # SHA-256 of the item's reference: the same item again is the same row, until it was removed.
    item_key = models.CharField(max_length=64)
    # Reference, service and rule, sealed by its own key.
    sealed = models.BinaryField()
    seen_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stage = models.CharField(max_length=7, choices=FoundStage.choices, default=FoundStage.OPEN)
    # Whether the same picture was removed here before.
    again = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["requested", "item_key"], condition=models.Q(stage="open"), name="one_open_item"
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "stage", "due_at"], name="found_queue"),
            models.Index(fields=["organisation_id", "-seen_at"], name="found_newest"),
            models.Index(
                fields=["organisation_id", "decided_at"], condition=models.Q(erased_at=None), name="found_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class FoundDecision(TenantModel):
    """A reviewer's decision about an item that the reviewer opened."""

    found = models.OneToOneField(FoundItem, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=7, choices=FoundStage.choices)
    because = models.CharField(max_length=13, blank=True)
    # Sealed by the item's key (`subject_keys.seal_words`).
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.outcome
