"""Indicators and what is said about them. State is never a column: it is read from rows with an author and a time."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenancy import TenantModel


class RegisterModel(TenantModel):
    """A row of the register: written by its organisation, seen by every member of the register."""

    tenancy: ClassVar[str] = "register"

    class Meta:
        abstract = True


class MediaType(models.TextChoices):
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")


class Indicator(RegisterModel):
    """An item known by its digests. `organisation_id` is the proposer. The series has a random code, never a name."""

    number = models.CharField(max_length=16, unique=True)
    media_type = models.CharField(max_length=8, choices=MediaType.choices)
    classification = models.CharField(max_length=80)
    series = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=300)
    proposed_by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="indicator_recent")]

    def __str__(self) -> str:
        return self.number


class IndicatorHash(RegisterModel):
    """One hash of an indicator, wrapped. `blind` is a keyed hash of it, to find equal ones without unwrapping."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="hashes")
    kind = models.CharField(max_length=8)
    wrapped = models.BinaryField(max_length=120)
    blind = models.BinaryField(max_length=32)
    quality = models.SmallIntegerField(null=True)
    hasher = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "blind"], name="indicator_blind")]

    def __str__(self) -> str:
        return self.kind


class HashValue(RegisterModel):
    """What stands for a hash in the certified set: computed once under each `values` key."""

    hash = models.ForeignKey(IndicatorHash, on_delete=models.PROTECT, related_name="values")
    key_id = models.CharField(max_length=64)
    value = models.BinaryField(max_length=32)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hash", "key_id"], name="one_value_a_key")]

    def __str__(self) -> str:
        return str(self.hash_id)


class Certification(RegisterModel):
    """An organisation says that it holds the item and that it belongs in the register."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="certifications")
    country = models.CharField(max_length=2)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "organisation_id"], name="one_certification_each")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.country}"


class Activation(RegisterModel):
    """The indicator counts from now on. A trigger refuses it without two organisations in two countries."""

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="activation")
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class Dispute(RegisterModel):
    """A member doubts the indicator: it stops matching until the Centre decides."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="disputes")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class DisputeDecision(RegisterModel):
    """The Centre's decision on a dispute: dismissed (it counts again) or upheld (a revocation follows)."""

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="decision")
    upheld = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.dispute_id)


class Revocation(RegisterModel):
    """The indicator ends, for good: nothing returns without a new proposal."""

    indicator = models.OneToOneField(Indicator, on_delete=models.PROTECT, related_name="revocation")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class Release(RegisterModel):
    """One version of the list: the signed manifest, and the digest of the snapshot kept sealed in the data folder."""

    list_id = models.CharField(max_length=63)
    version = models.BigIntegerField()
    manifest = models.BinaryField()
    entries = models.IntegerField()
    snapshot_sha256 = models.CharField(max_length=64)
    snapshot_size = models.BigIntegerField()
    event_id = models.UUIDField(null=True)
    values_root = models.BinaryField(max_length=32, null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "version"], name="one_release_a_version")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.version}"


class Head(RegisterModel):
    """What an Edge polls: the newest version and what was removed since. The highest sequence counts."""

    list_id = models.CharField(max_length=63)
    sequence = models.BigIntegerField()
    version = models.BigIntegerField()
    removed = models.IntegerField(default=0)
    envelope = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "sequence"], name="one_head_a_sequence")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.sequence}"


class Grant(RegisterModel):
    """An organisation may fetch a list, for a purpose, on a basis, from a day to a day."""

    list_id = models.CharField(max_length=63)
    grantee_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=120)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.list_id} → {self.grantee_id}"


class Fetcher(RegisterModel):
    """Where each recipient stands: the head it last fetched, and when. For propagation and for telling recipients."""

    list_id = models.CharField(max_length=63)
    recipient_id = models.UUIDField()
    sequence = models.BigIntegerField()
    version = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "recipient_id"], name="one_fetcher_a_list")]

    def __str__(self) -> str:
        return str(self.recipient_id)


class EdgeAlarm(TenantModel):
    """What a recipient refused of what it was given. The Centre's; auditors read it."""

    sender_id = models.UUIDField()
    alarm_id = models.UUIDField(unique=True)
    list_id = models.CharField(max_length=63)
    code = models.CharField(max_length=40)
    detail = models.CharField(max_length=1000)
    version = models.BigIntegerField()
    sequence = models.BigIntegerField()
    log_size = models.BigIntegerField()
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="alarm_recent")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.code}"


class AlarmAnswer(TenantModel):
    """What was found out about an alarm."""

    alarm = models.OneToOneField(EdgeAlarm, on_delete=models.PROTECT, related_name="answer")
    note = models.CharField(max_length=300)
    by = models.CharField(max_length=200)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.alarm_id)
