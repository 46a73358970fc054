"""Partner hotlines, cases sent to them and received from them, and the status of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class Partner(TenantModel):
    """A hotline of the directory with which this one exchanges cases."""

    peer_id = models.UUIDField()
    # Nothing is sent to it or taken from it afterwards.
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "peer_id"], name="one_partner_a_hotline")]

    def __str__(self) -> str:
        return str(self.peer_id)


class TransferState(models.TextChoices):
    """State of a case that was sent to a partner."""

    WAITING = "waiting", _("waiting for the receipt")
    ACCEPTED = "accepted", _("received by the partner")
    KNOWN = "known", _("already known to the partner")
    REFUSED = "refused", _("refused by the partner")
    WITHDRAWN = "withdrawn", _("handled here instead")
    ENDED = "ended", _("finished by the partner")


# The case waits for the partner: no notice leaves from here.
WITH_PARTNER = (TransferState.WAITING, TransferState.ACCEPTED, TransferState.KNOWN)


class TransferStepKind(models.TextChoices):
    """Step of a sent case: our own ones, the receipt, and the partner's actions (`hotline_message.ActionKind`)."""

    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("received by the partner")
    KNOWN = "known", _("already known to the partner")
    REFUSED = "refused", _("refused by the partner")
    WITHDRAWN = "withdrawn", _("handled here instead")
    REPORTED_TO_POLICE = "reported_to_police", _("reported to the police")
    REPORTED_TO_HOST = "reported_to_host", _("notice sent to the host")
    HOST_SAYS_REMOVED = "host_says_removed", _("host says removed")
    MOVED = "moved", _("moved to another host")
    REMOVED = "removed", _("verified absent")
    UNAVAILABLE = "unavailable", _("not available")
    NOT_ILLEGAL = "not_illegal", _("not illegal")
    REAPPEARED = "reappeared", _("reappeared")


class Transfer(TenantModel):
    """A case that was sent to a partner. Its ID is the message's."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="transfers")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="transfers")
    # What the partner knows the case by.
    reference = models.CharField(max_length=40)
    # What the partner calls it.
    partner_reference = models.CharField(max_length=100, blank=True)
    # Derived from the newest step.
    state = models.CharField(max_length=10, choices=TransferState.choices, default=TransferState.WAITING)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "reference"], name="one_transfer_a_reference"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state__in=WITH_PARTNER), name="one_partner_at_a_time"
            ),
        ]
        indexes = [
            models.Index("organisation_id", Upper("partner_reference"), name="transfer_theirs"),
            models.Index(
                fields=["organisation_id", "created_at"],
                condition=models.Q(state=TransferState.WAITING),
                name="transfer_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class TransferStep(TenantModel):
    """What happened to a sent case. Steps of the partner have its number and its time."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=TransferStepKind.choices)
    # Of the partner's statuses; null for a step of our own and for the receipt.
    sequence = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True)
    # Sealed by the case's key (`subject_keys.seal_words`).
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["transfer", "sequence"], name="one_status_a_turn")]

    def __str__(self) -> str:
        return self.kind


class IncomingCase(TenantModel):
    """A case that a partner sent, by its sender and its sender's reference."""

    # Null: it came by a file, and nothing is sent back.
    sender_id = models.UUIDField(null=True)
    sender_name = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    # Of the message; a copy of it has the same.
    sha256 = models.CharField(max_length=64)
    # The receipt as it was answered.
    receipt = models.TextField()
    locations = models.PositiveSmallIntegerField()
    # Number of the newest status that was sent.
    sequence = models.PositiveIntegerField(default=0)
    # The sender took it back: nothing is reported any more.
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "sender_id", "reference"],
                condition=models.Q(sender_id__isnull=False),
                name="one_incoming_a_reference",
            ),
            models.UniqueConstraint(
                fields=["organisation_id", "sender_name", "reference"],
                condition=models.Q(sender_id=None),
                name="one_incoming_a_file_reference",
            ),
        ]
        indexes = [models.Index("organisation_id", Upper("reference"), name="incoming_reference")]

    def __str__(self) -> str:
        return self.reference


class IncomingLocation(TenantModel):
    """One address of a partner's case, and the case here that it belongs to."""

    incoming = models.ForeignKey(IncomingCase, on_delete=models.PROTECT, related_name="places")
    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="from_partners")
    reference = models.CharField(max_length=100)
    # Whether the case was open here before.
    known = models.BooleanField(default=False)
    # What the sender states: assessments, host, digests. Sealed by the case's key.
    sealed = models.BinaryField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incoming", "reference"], name="one_incoming_place")]

    def __str__(self) -> str:
        return self.reference


class SentStatus(TenantModel):
    """A change at an address that was reported to the partner that sent it."""

    location = models.ForeignKey(IncomingLocation, on_delete=models.PROTECT, related_name="statuses")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=TransferStepKind.choices)
    at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["location", "sequence"], name="one_sent_status_a_turn")]

    def __str__(self) -> str:
        return self.kind


class CaseFile(TenantModel):
    """A file of a partner's cases between preview and import, sealed; its contents go with the import."""

    name = models.CharField(max_length=80)
    sender_name = models.CharField(max_length=160)
    file_key = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    cases = models.PositiveIntegerField()
    imported_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "file_key"], name="one_case_file")]

    def __str__(self) -> str:
        return self.name
