"""Notices that a host received, and its decisions about their addresses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class SenderKind(models.TextChoices):
    """Kind of notifier, as the sender states it within what the directory allows."""

    INDIVIDUAL = "individual", _("individual")
    HOTLINE = "hotline", _("hotline")
    TRUSTED_FLAGGER = "trusted_flagger", _("trusted flagger")
    PROVIDER = "provider", _("provider")
    AUTHORITY = "authority", _("authority")


class NoticeOrigin(models.TextChoices):
    """How a notice reached the host."""

    API = "api", _("by the API")
    XARF = "xarf", _("XARF file")
    ARF = "arf", _("ARF message")
    HAND = "hand", _("entered by staff")


class HostState(models.TextChoices):
    """State of a received notice. Derived from its decisions."""

    OPEN = "open", _("to decide")
    DECIDED = "decided", _("decided")


class HostAction(models.TextChoices):
    """Decision about one address."""

    REMOVED = "removed", _("removed")
    DISABLED = "disabled", _("access disabled")
    NOT_FOUND = "not_found", _("not found")
    NONE = "none", _("not removed")
    RESTORED = "restored", _("restored")


class IncomingNotice(TenantModel):
    """One notice. Its addresses and texts are sealed by its own key."""

    number = models.CharField(max_length=20, unique=True)
    # The notifier's own number.
    reference = models.CharField(max_length=100)
    notifier_id = models.UUIDField()
    notifier_name = models.CharField(max_length=200)
    notifier_kind = models.CharField(max_length=20, choices=SenderKind.choices)
    origin = models.CharField(max_length=4, choices=NoticeOrigin.choices, default=NoticeOrigin.API)
    # Whether the host has found the notifier on the Commission's list (`FlaggerStatus`). Derived, for the order.
    trusted = models.BooleanField(default=False)
    sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    addresses = models.PositiveSmallIntegerField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=HostState.choices, default=HostState.OPEN)
    decided_at = models.DateTimeField(null=True)
    # Whether an address is removed or disabled by the newest decisions; None before the first. Derived, for the share.
    acted = models.BooleanField(null=True)
    # The contents went when their time was over; number, decisions and counts stay.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "notifier_id", "reference"], name="one_notice_a_reference"
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "state", "-trusted", "due_at"], name="hosting_queue"),
            models.Index(fields=["organisation_id", "created_at"], name="hosting_day"),
            models.Index(
                fields=["organisation_id", "decided_at"], condition=models.Q(erased_at=None), name="hosting_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class HostDecision(TenantModel):
    """One decision about a notice, or its reversal. The first is the decision; later ones restore addresses."""

    notice = models.ForeignKey(IncomingNotice, on_delete=models.PROTECT, related_name="decisions")
    # 1 is the decision, every further one a reversal.
    sequence = models.PositiveSmallIntegerField()
    automated = models.BooleanField(default=False)
    redress = models.TextField(blank=True)
    # Sealed by the notice's key (`subject_keys.seal_words`).
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "sequence"], name="one_host_decision_a_turn")]

    def __str__(self) -> str:
        return str(self.sequence)


class AddressDecision(TenantModel):
    """Decision about one address of a notice. `place`: its place in the notice, from 0."""

    decision = models.ForeignKey(HostDecision, on_delete=models.PROTECT, related_name="places")
    place = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=10, choices=HostAction.choices)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "place"], name="one_action_an_address")]

    def __str__(self) -> str:
        return self.action


class FlaggerStatus(TenantModel):
    """Whether a notifier is a trusted flagger (DSA Art. 22), as the host found it. The newest row counts."""

    notifier_id = models.UUIDField()
    trusted = models.BooleanField()
    # Coordinator that awarded the status, or why it ended.
    source = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "notifier_id", "-created_at"], name="flagger_newest")]

    def __str__(self) -> str:
        return str(self.trusted)
