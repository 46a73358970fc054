"""Statements of reasons of a host, and their way to the DSA Transparency Database."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.incoming_notices import HostDecision


class EntryState(models.TextChoices):
    """State of a statement towards the database. Derived from the newest answer."""

    WAITING = "waiting", _("to send")
    BATCHED = "batched", _("in a file, no answer yet")
    STORED = "stored", _("stored")
    EXISTING = "existing", _("stored before: identifier conflict")
    REFUSED = "refused", _("refused")


class HostStatement(TenantModel):
    """Statement of reasons about a decision (DSA Art. 17), sealed by the notice's key."""

    decision = models.OneToOneField(HostDecision, on_delete=models.PROTECT, related_name="statement")
    number = models.CharField(max_length=20, unique=True)
    sealed = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.number


class DatabaseBatch(TenantModel):
    """One file of at most 100 statements."""

    number = models.CharField(max_length=20, unique=True)
    # Identifiers of its statements, in the file's order.
    puids = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.number


class DatabaseEntry(TenantModel):
    """One statement for the database, about one address. The payload has neither the address nor personal data."""

    statement = models.ForeignKey(HostStatement, on_delete=models.PROTECT, related_name="entries")
    puid = models.CharField(max_length=500)
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=EntryState.choices, default=EntryState.WAITING)
    batch = models.ForeignKey(DatabaseBatch, on_delete=models.PROTECT, null=True, related_name="entries")
    # Identifier in the database.
    uuid = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "puid"], name="one_entry_a_puid")]
        indexes = [
            models.Index(
                fields=["organisation_id", "created_at"], condition=models.Q(state="waiting"), name="entries_to_send"
            )
        ]

    def __str__(self) -> str:
        return self.puid


class BatchAnswer(TenantModel):
    """What the database answered about a batch, as the operator entered it."""

    batch = models.ForeignKey(DatabaseBatch, on_delete=models.PROTECT, related_name="answers")
    result = models.CharField(max_length=10, choices=EntryState.choices)
    # Identifiers in conflict, and fields that were refused, as `[path, reason]`.
    conflicts = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.result
