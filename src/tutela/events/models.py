"""Tables of events, and the base classes of every other table."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Func

from tutela import clock
from tutela.events.identifiers import uuid7


class TransactionId(Func):
    """The transaction's number: the sequencer's proof that no earlier writer is still open."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


def unindexed() -> models.UUIDField[Any, Any]:
    """Owner column without an index: other indexes begin with it, or rows are found by what they belong to.

    With its own index, a statement prepared for an organisation with few rows would search all rows of one with many.
    """
    return models.UUIDField(editable=False)


class TenantModel(models.Model):
    """A row that belongs to one organisation. Row-level security is FORCEd on every subclass (`events/sql`).

    `organisation_id` names the owner as a plain column: the table of organisations stands on a higher floor. Its index
    is left out where every report writes a row (`unindexed`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation_id = models.UUIDField(db_index=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    # "own": only the owner sees its rows. "register": every member of the register sees them, the owner alone writes.
    # "given": the owner and the organisation that the row names as `grantee_id` see it. "audit": the owner and auditors
    # see it.
    tenancy: ClassVar[str] = "own"
    # Days after which the retention job erases a row; None: kept while what it belongs to is kept.
    retention_days: ClassVar[int | None] = None
    # Rows are never updated or deleted by anyone; undo adds a row.
    insert_only: ClassVar[bool] = False

    class Meta:
        abstract = True


class Event(models.Model):
    """One change or access. Insert-only for every role; it carries a commitment to its facts, not the facts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(default=clock.now)
    xact = models.BigIntegerField(db_default=TransactionId())
    kind = models.CharField(max_length=80)
    actor = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)
    organisation_id = models.UUIDField()
    purpose = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=80)
    legal_basis = models.CharField(max_length=120, blank=True)
    commitment = models.BinaryField(max_length=32)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["organisation_id", "-at", "-id"], name="event_recent"),
            models.Index(fields=["-at", "-id"], name="event_recent_all"),
            models.Index(fields=["organisation_id", "kind", "-at"], name="event_kind"),
            models.Index(fields=["subject_kind", "subject_id"], name="event_subject"),
            models.Index(fields=["actor", "-at"], name="event_actor"),
            models.Index(fields=["xact", "id"], name="event_sequence"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"


class EventFacts(models.Model):
    """The salt and the facts of one event. Deleting this row erases what happened; the event's commitment stays."""

    event = models.OneToOneField(Event, primary_key=True, on_delete=models.PROTECT, related_name="facts_row")
    organisation_id = models.UUIDField()
    salt = models.BinaryField(max_length=32)
    facts = models.TextField()

    tenancy: ClassVar[str] = "audit"

    def __str__(self) -> str:
        return str(self.event_id)


class RateCount(models.Model):
    """Count of an action in one window. `subject` is a keyed hash (`rate_limits`)."""

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    starts_at = models.DateTimeField(db_index=True)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject", "starts_at"], name="one_count_a_window")]

    def __str__(self) -> str:
        return self.kind


def tenancy_of(model: type[models.Model]) -> str | None:
    """Sharing of a table: own, register or audit; None for a table without an owner."""
    value: Any = getattr(model, "tenancy", None)
    return value if isinstance(value, str) and not model._meta.abstract else None


__all__ = ["Event", "EventFacts", "RateCount", "TenantModel", "TransactionId", "tenancy_of", "unindexed"]
