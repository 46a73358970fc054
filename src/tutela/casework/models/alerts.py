"""Alerts, their answers, and their deliveries to people on call."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed


class AlertReason(models.TextChoices):
    """Reasons of any alert. A kind of subject may have further reasons of its own."""

    NEW = "new", _("new urgent report")
    UNANSWERED = "unanswered", _("no answer yet")
    LATE = "late", _("deadline passed")


class Alert(TenantModel):
    """Alert about a subject."""

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    # One of `AlertReason`, or of the reasons of the subject's kind.
    reason = models.CharField(max_length=12)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "subject_kind"], name="alert_of_subject"),
            models.Index(fields=["organisation_id", "created_at"], name="alert_raised"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.reason}"


class AlertAnswer(TenantModel):
    """Answer to the alerts of a subject, by the person who takes it."""

    organisation_id = unindexed()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    # Number of alerts raised so far, all of which are answered. A number, because clocks may be wrong.
    answers = models.IntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["subject_id", "subject_kind"], name="answer_of_subject")]

    def __str__(self) -> str:
        return self.by_name


class Channel(models.TextChoices):
    """Channel to people on call."""

    EMAIL = "email", _("e-mail")
    WEBHOOK = "webhook", _("webhook")


class AlertDelivery(TenantModel):
    """Delivery of an alert on a channel: sent if it has a date, or over because the alert ended before."""

    organisation_id = unindexed()
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    over = models.BooleanField(default=False)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alert", "channel"], name="one_delivery_a_channel")]
        indexes = [
            models.Index(
                fields=["organisation_id", "channel"],
                condition=models.Q(told_at=None, over=False),
                name="delivery_waiting",
            ),
            models.Index(fields=["organisation_id", "channel", "-told_at"], name="delivery_told"),
        ]

    def __str__(self) -> str:
        return self.channel
