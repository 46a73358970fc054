"""Tables of messages to and from other organisations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela import clock
from tutela.events.tenant_model import TenantModel, unindexed
from tutela.organisations.models.people import Organisation


class OutboxMessage(TenantModel):
    """A message to another organisation, kept until it is answered."""

    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    kind = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    # Sealed: a message may carry a whole report. Emptied once it has been answered.
    sealed_body = models.BinaryField()
    key = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=80)
    # Goes first, and is tried again sooner.
    urgent = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    answer_status = models.IntegerField(null=True)
    answer = models.TextField(blank=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "recipient", "key"], name="one_message_a_key")
        ]
        indexes = [
            models.Index(
                fields=["organisation_id", "recipient", "-urgent", "created_at", "id"],
                condition=models.Q(answered_at=None),
                name="outbox_lane",
            ),
            models.Index(fields=["recipient", "subject_id"], condition=models.Q(answered_at=None), name="outbox_order"),
            models.Index(fields=["organisation_id"], condition=models.Q(answer_status__gte=300), name="outbox_refused"),
            models.Index(fields=["organisation_id", "subject_id"], name="outbox_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class RecipientAway(TenantModel):
    """A recipient that has not answered since `created_at`. With its next answer the row is gone."""

    recipient = models.ForeignKey(Organisation, on_delete=models.CASCADE)
    attempts = models.IntegerField(default=1)
    tried_at = models.DateTimeField(default=clock.now)
    error = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "recipient"], name="one_absence_a_recipient")]

    def __str__(self) -> str:
        return str(self.recipient_id)


class ReceivedMessage(TenantModel):
    """An inbound message and its answer, by the sender's idempotency key: the same key is answered the same way."""

    organisation_id = unindexed()
    sender_id = models.UUIDField()
    key = models.CharField(max_length=80)
    body_sha256 = models.CharField(max_length=64)
    answer_status = models.IntegerField(null=True)
    answer = models.TextField(blank=True)

    retention_days: ClassVar[int | None] = 400

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "sender_id", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return self.key
