"""Anonymous conversations. No table has an address, an account or a time that is more precise than an hour."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel, unindexed


def this_hour() -> datetime:
    """The beginning of the current hour, the only time that is stored about an anonymous person."""
    return clock.this_hour()


def random_id() -> UUID:
    """An ID without a time in it."""
    return uuid4()


class Direction(models.TextChoices):
    """Who wrote an entry of a conversation, or that it was closed."""

    PERSON = "person", _("From the person")
    STAFF = "staff", _("From the organisation")
    CLOSING = "closing", _("Conversation closed")


class HourlyModel(TenantModel):
    """A row whose ID is random and whose time is the hour: neither tells when exactly somebody was there."""

    id = models.UUIDField(primary_key=True, default=random_id, editable=False)
    organisation_id = unindexed()
    created_at = models.DateTimeField(default=this_hour, editable=False)

    class Meta:
        abstract = True


class Conversation(HourlyModel):
    """A conversation with a person who has only a case number and a passphrase."""

    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=20, unique=True)
    # Slow hash of the passphrase (scrypt).
    verifier = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    # Derived from the entries, for the queue.
    newest = models.CharField(max_length=8, choices=Direction.choices, default=Direction.PERSON)
    newest_at = models.DateTimeField(default=this_hour)
    rank = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "newest", "newest_at"], name="conversation_queue")]

    def __str__(self) -> str:
        return self.number


class ConversationEntry(HourlyModel):
    """A message of a conversation, or its closing. Erased with the conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    direction = models.CharField(max_length=8, choices=Direction.choices)
    # The text, sealed for this conversation; empty for a closing.
    sealed = models.BinaryField(default=bytes)
    # Of a person of the organisation; empty for the anonymous person.
    by = models.CharField(max_length=80, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    # Of a message that came to the reserve.
    rank = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "position"], name="one_entry_a_position")]
        indexes = [
            models.Index(fields=["conversation"], condition=models.Q(rank__isnull=False), name="conversation_reserve")
        ]

    def __str__(self) -> str:
        return self.direction


class SpentTicket(models.Model):
    """A ticket of a public form that was used, as a hash, until it would expire anyway."""

    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest


class OncePage(models.Model):
    """A page that is shown once, sealed by a key which only its address has."""

    digest = models.CharField(max_length=64, primary_key=True)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
