"""Reversals and their hops. Each organisation has its own rows; `root_id` is the same at all of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.redress.models.complaints import Complaint, ReasonCode


class HopKind(models.TextChoices):
    """Place or recipient that must correct a mistake."""

    MEASURE = "measure", _("own measure")
    OWN_LIST = "own_list", _("entry stopped at this provider")
    CENTRE = "centre", _("Centre")
    HOTLINE = "hotline", _("hotline")
    PROVIDER = "provider", _("provider")
    AUTHORITY = "authority", _("authority")
    NOTIFIER = "notifier", _("notifier outside the directory")
    REPORT = "report", _("report at the Centre")
    REGISTER = "register", _("entry of the register")
    EDGES = "edges", _("connected Edges")
    STATISTICS = "statistics", _("statistics")
    RECORD = "record", _("own records")


class HopState(models.TextChoices):
    """State of a hop. Derived from its newest step."""

    WAITING = "waiting", _("to do")
    SENT = "sent", _("sent")
    RECEIVED = "received", _("received, not answered yet")
    REFUSED = "refused", _("message refused")
    CORRECTED = "corrected", _("corrected")
    ERASED = "erased", _("erased")
    KEPT = "kept", _("kept")


class KeptReason(models.TextChoices):
    """Why something is kept (`exchange.redress.reversal.KeptBecause`)."""

    EVIDENCE = "evidence", _("needed as evidence (LED Art. 16(3)(b))")
    ACCURACY_CONTESTED = "accuracy_contested", _("accuracy cannot be determined (LED Art. 16(3)(a))")
    VITAL_INTERESTS = "vital_interests", _("vital interests of a person")
    SEPARATE_REASON = "separate_reason", _("a separate reason, which stands")
    LEGAL_OBLIGATION = "legal_obligation", _("a legal obligation")


class CostKind(models.TextChoices):
    """What an error cost (`exchange.redress.reversal.Consequence`)."""

    POLICE_CONTACT = "police_contact", _("the police contacted the person")
    SEARCH = "search", _("premises or devices were searched")
    CHILD_WELFARE = "child_welfare", _("a child-welfare measure was taken")


FINAL = (HopState.CORRECTED, HopState.ERASED, HopState.KEPT)


class Reversal(TenantModel):
    """A mistake as one organisation has to correct it."""

    number = models.CharField(max_length=20, unique=True)
    root_id = models.UUIDField()
    # Who told this organisation; null where the mistake was found here.
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=200, blank=True)
    sender_number = models.CharField(max_length=300, blank=True)
    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, null=True, related_name="reversal")
    error = models.CharField(max_length=16, choices=ReasonCode.choices)
    report_ids = models.JSONField(default=list)
    indicator_id = models.UUIDField(null=True)
    notice_number = models.CharField(max_length=300, blank=True)
    # SHA-256 of the message: another message with its ID is refused.
    sha256 = models.CharField(max_length=64, blank=True)
    # A person accepted it, or said why what is here stays; null while nobody has.
    accepted = models.BooleanField(null=True)
    due_at = models.DateTimeField()
    # When the answer left to the sender, which may be before the end.
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Of all hops together: corrected, erased or kept.
    outcome = models.CharField(max_length=10, choices=HopState.choices, blank=True)

    class Meta:
        constraints = [
            # Two organisations may tell of one mistake: a provider of a notice, the Centre of an entry.
            models.UniqueConstraint(
                fields=["organisation_id", "root_id", "sender_id"], nulls_distinct=False, name="one_reversal_an_id"
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "ended_at", "due_at"], name="reversal_queue"),
            models.Index(fields=["organisation_id", "-created_at"], name="reversal_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class Hop(TenantModel):
    """One recipient, or one own place."""

    reversal = models.ForeignKey(Reversal, on_delete=models.PROTECT, related_name="hops")
    kind = models.CharField(max_length=10, choices=HopKind.choices)
    recipient_id = models.UUIDField(null=True)
    recipient_name = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField()
    # What the recipient got, as fields of the message: report IDs, an entry, the reference of a notice.
    about = models.JSONField(default=dict)
    # Sequence of the list's head that Edges must have passed.
    head = models.BigIntegerField(null=True)
    # Derived from the newest step.
    state = models.CharField(max_length=10, choices=HopState.choices, default=HopState.WAITING)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reversal", "kind", "recipient_id"], nulls_distinct=False, name="one_hop_a_recipient"
            )
        ]
        indexes = [models.Index(fields=["organisation_id", "state", "due_at"], name="hop_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.recipient_name}".strip()


class HopStep(TenantModel):
    """A step of a hop, with its author and time."""

    hop = models.ForeignKey(Hop, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=HopState.choices)
    because = models.CharField(max_length=20, choices=KeptReason.choices, blank=True)
    consequences = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.state

    @property
    def cost_labels(self) -> list[str]:
        """What the error cost there, as labels."""
        return [str(CostKind(one).label) for one in self.consequences]
