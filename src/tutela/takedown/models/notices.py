"""Notices to hosts and their steps."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class Channel(models.TextChoices):
    """How a notice reaches its host."""

    EMAIL = "email", _("e-mail")
    ARF = "arf", _("e-mail as an ARF report")
    FILE = "file", _("file, sent by hand")
    API = "api", _("message to a provider of the directory")


# Every minute what was left behind is sent again; a notice that still waits after this needs a person's eye.
DELAYED_AFTER = timedelta(minutes=5)
BY_EMAIL = (Channel.EMAIL, Channel.ARF)


class StepKind(models.TextChoices):
    """Step of a notice."""

    QUEUED = "queued", _("queued")
    CANCELLED = "cancelled", _("cancelled before it left")
    STOPPED = "stopped", _("stopped: the contact has changed")
    FAILED = "failed", _("not accepted by the recipient's server")
    SENT = "sent", _("sent")
    RECEIVED = "received", _("receipt confirmed")
    REMINDED = "reminded", _("reminder sent")
    ESCALATED = "escalated", _("escalated")
    REMOVED = "removed", _("host says removed")
    DISABLED = "disabled", _("host says access disabled")
    REFUSED = "refused", _("host refused")
    NOT_FOUND = "not_found", _("host found nothing")
    RESTORED = "restored", _("host restored access")


# Waiting for an answer of the host.
WAITING = (StepKind.QUEUED, StepKind.STOPPED, StepKind.SENT, StepKind.RECEIVED, StepKind.REMINDED)


class Notice(TenantModel):
    """One notice about one case. Its text and its recipient are sealed by the case's key."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="notices")
    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    provider = models.CharField(max_length=200)
    # The provider of the directory that got it as a message; only its answers count.
    recipient_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10)
    # 1 host, 2 upstream network, 3 registrar, 4 Coordinating Authority.
    level = models.PositiveSmallIntegerField(default=1)
    sealed = models.BinaryField()
    # Derived from the newest step.
    state = models.CharField(max_length=10, choices=StepKind.choices, default=StepKind.QUEUED)
    sent_at = models.DateTimeField(null=True)
    # When a reminder or the next level is due; None once answered.
    due_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation_id", "due_at"], condition=models.Q(due_at__isnull=False), name="notice_due"
            ),
            models.Index(
                fields=["organisation_id", "state"],
                condition=models.Q(state__in=("queued", "stopped")),
                name="notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def delayed(self) -> bool:
        """Whether the notice is queued for longer than its own job and those that repeat it need."""
        since = max([self.created_at, *(one.created_at for one in self.steps.all())])
        return self.state == StepKind.QUEUED and clock.now() - since > DELAYED_AFTER


class NoticeStep(TenantModel):
    """What happened to a notice."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=StepKind.choices)
    reference = models.CharField(max_length=120, blank=True)
    # The host's reason, sealed by the case's key (`subject_keys.seal_words`).
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.kind
