"""Fingerprints and addresses of a removal request, and what was done about each."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.victims.models.requests import RemovalRequest


class LookUp(models.TextChoices):
    """Whether the register has a file. Only staff of victim support see it, to choose the fastest way."""

    NOT_ASKED = "", _("not looked up")
    ASKED = "asked", _("asked")
    KNOWN = "known", _("in the register")
    UNKNOWN = "unknown", _("not in the register")


class Fingerprint(TenantModel):
    """The hashes of one picture or video, sealed by the request's key, and found by keyed digests."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="fingerprints")
    place = models.PositiveSmallIntegerField()
    # Named by the person's page: parts of one video have one.
    file_id = models.CharField(max_length=32)
    video = models.BooleanField(default=False)
    sealed = models.BinaryField()
    # Keyed hashes of the digests (`casework.search.keys`).
    found_by = ArrayField(models.BinaryField(max_length=16), default=list)
    look_up = models.CharField(max_length=7, choices=LookUp.choices, blank=True, default=LookUp.NOT_ASKED)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["request", "place"], name="one_fingerprint_a_place"),
            models.UniqueConstraint(fields=["request", "file_id"], name="one_fingerprint_a_file"),
        ]
        indexes = [GinIndex(fields=["found_by"], name="fingerprint_found_by")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.place}"


class SchemeHost(TenantModel):
    """A host that accepted the scheme, with its newest terms."""

    host_id = models.UUIDField()
    host_name = models.CharField(max_length=200)
    shape = models.CharField(max_length=14)
    types = ArrayField(models.CharField(max_length=6))
    recipient = models.CharField(max_length=62)
    most_days = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    accepts = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "host_id"], name="one_scheme_host")]

    def __str__(self) -> str:
        return self.host_name


class SendingState(models.TextChoices):
    """State of a fingerprint at a host. Derived from the newest step."""

    SENT = "sent", _("sent")
    RECEIVED = "received", _("received by the host")
    REFUSED = "refused", _("refused by the host")
    REMOVED = "removed", _("host says removed")
    REAPPEARED = "reappeared", _("came back, and removed again")
    KEPT = "kept", _("not removed")
    PAUSED = "paused", _("paused; the host was told to delete it")
    WITHDRAWN = "withdrawn", _("withdrawn; the host was told to delete it")
    EXPIRED = "expired", _("expired")
    DELETED = "deleted", _("deleted at the host")


# The host has the fingerprint, or will have it.
AT_HOST = (
    SendingState.SENT,
    SendingState.RECEIVED,
    SendingState.REMOVED,
    SendingState.REAPPEARED,
    SendingState.KEPT,
)


class HashSending(TenantModel):
    """A fingerprint at one host. The ID of its messages is random, so that a host cannot join fingerprints."""

    fingerprint = models.ForeignKey(Fingerprint, on_delete=models.PROTECT, related_name="sendings")
    host = models.ForeignKey(SchemeHost, on_delete=models.PROTECT, related_name="sendings")
    message_id = models.UUIDField(unique=True)
    sequence = models.PositiveIntegerField(default=1)
    types = ArrayField(models.CharField(max_length=6))
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=SendingState.choices, default=SendingState.SENT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint", "host"], name="one_sending_a_host")]
        indexes = [models.Index(fields=["organisation_id", "state", "expires_at"], name="sending_expires")]

    def __str__(self) -> str:
        return str(self.message_id)


class SendingStep(TenantModel):
    """What happened to a fingerprint at a host. Steps of the host have its time and the ID of its answer."""

    sending = models.ForeignKey(HashSending, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=10, choices=SendingState.choices)
    because = models.CharField(max_length=13, blank=True)
    answer_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["sending", "answer_id"], name="one_step_an_answer")]

    def __str__(self) -> str:
        return self.state


class AddressState(models.TextChoices):
    """State of an address: our own steps, then what the hotline reports (`hotline_message.ActionKind`)."""

    NEW = "new", _("not sent yet")
    SENT = "sent", _("sent to the hotline")
    RECEIVED = "received", _("received by the hotline")
    REFUSED = "refused", _("refused by the hotline")
    REPORTED_TO_POLICE = "reported_to_police", _("reported to the police by the hotline")
    REPORTED_TO_HOST = "reported_to_host", _("notice sent to the host")
    HOST_SAYS_REMOVED = "host_says_removed", _("host says removed")
    MOVED = "moved", _("moved to another host")
    REMOVED = "removed", _("verified absent")
    UNAVAILABLE = "unavailable", _("not available")
    NOT_ILLEGAL = "not_illegal", _("not unlawful, by the hotline's assessment")
    REAPPEARED = "reappeared", _("reappeared")
    WITHDRAWN = "withdrawn", _("taken back")


class HotlineHandover(TenantModel):
    """Addresses of a request that went to a hotline as one case, or a search that it was asked for."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="handovers")
    hotline_id = models.UUIDField()
    hotline_name = models.CharField(max_length=200)
    # What the hotline knows it by.
    reference = models.CharField(max_length=40)
    hotline_reference = models.CharField(max_length=100, blank=True)
    # Of a search: its days, and what the hotline said about it.
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    search_state = models.CharField(max_length=9, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "reference"], name="one_handover_a_reference")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_search(self) -> bool:
        """Whether it is a search of public hosts."""
        return self.last_day is not None


class RequestedAddress(TenantModel):
    """An address where a picture is: of a page, a file or an account. Sealed; empty for one that a search found."""

    request = models.ForeignKey(RemovalRequest, on_delete=models.PROTECT, related_name="addresses")
    place = models.PositiveSmallIntegerField()
    sealed = models.BinaryField(default=bytes)
    found_by = ArrayField(models.BinaryField(max_length=16), default=list)
    handover = models.ForeignKey(HotlineHandover, on_delete=models.PROTECT, null=True, related_name="addresses")
    # What the hotline calls it in its statuses.
    reference = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=18, choices=AddressState.choices, default=AddressState.NEW)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["request", "place"], name="one_address_a_place")]
        indexes = [GinIndex(fields=["found_by"], name="requested_address_found_by")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.place}"


class AddressStep(TenantModel):
    """What happened to an address. Steps of the hotline have its number and its time."""

    address = models.ForeignKey(RequestedAddress, on_delete=models.PROTECT, related_name="steps")
    handover = models.ForeignKey(HotlineHandover, on_delete=models.PROTECT, null=True, related_name="steps")
    state = models.CharField(max_length=18, choices=AddressState.choices)
    sequence = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["at", "created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["address", "handover", "sequence"], name="one_address_status")]

    def __str__(self) -> str:
        return self.state
