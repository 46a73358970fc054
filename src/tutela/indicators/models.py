"""Indicators and what is said about them. State is never a column: it is read from rows with an author and a time."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
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
    # Whose list it came from, and by which import; empty for what somebody proposed one by one.
    source = models.CharField(max_length=80, blank=True, default="")
    run_id = models.UUIDField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="indicator_recent")]

    def __str__(self) -> str:
        return self.number


class ImportBatch(RegisterModel):
    """So far an import has come: with these rows, in their transaction. A file is known by its digest."""

    run_id = models.UUIDField()
    file_sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=80)
    lines = models.BigIntegerField()
    accepted = models.BigIntegerField()
    refused = models.BigIntegerField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run_id", "lines"], name="one_batch_a_line")]
        indexes = [models.Index(fields=["organisation_id", "file_sha256"], name="import_of_file")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.lines}"


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
    """An organisation says that it holds the item and that it belongs in the register, once in each round."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="certifications")
    round = models.PositiveSmallIntegerField(default=1)
    country = models.CharField(max_length=2)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "organisation_id", "round"], name="one_certification_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.country}"


class Activation(RegisterModel):
    """The indicator counts from now on, in this round. A trigger refuses it without two organisations in two countries,
    outside the policy, while it is suspended, in a round that is not the present one, and after its end."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="activations")
    round = models.PositiveSmallIntegerField(default=1)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "round"], name="one_activation_a_round")]

    def __str__(self) -> str:
        return str(self.indicator_id)


class Ground(models.TextChoices):
    """Why a member doubts."""

    DOUBT = "doubt", _("wrongly listed")
    NOT_CSAM = "not_csam", _("not CSAM")


class Dispute(RegisterModel):
    """A member doubts the indicator. Whether that suspends it is another row's matter (`Suspension`)."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="disputes")
    ground = models.CharField(max_length=16, choices=Ground.choices, default=Ground.DOUBT)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.indicator_id)


class Cause(models.TextChoices):
    """What stopped an indicator."""

    CERTIFIER = "certifier", _("a certifier doubts it")
    DOUBTS = "doubts", _("two organisations doubt it")
    FEEDBACK = "feedback", _("providers report false positives")
    CENTRE = "centre", _("stopped by the Centre")
    FLOOD = "flood", _("part of a flood of proposals")


class Suspension(RegisterModel):
    """The indicator does not count any more, everywhere, until it is decided (`SuspensionEnd`). Ends its round."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="suspensions")
    round = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=16, choices=Cause.choices)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["indicator", "round"], name="one_suspension_a_round")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.cause}"


class SuspensionEnd(RegisterModel):
    """The Centre has decided: upheld (a revocation follows), or dismissed (a new round of certifications begins)."""

    suspension = models.OneToOneField(Suspension, on_delete=models.PROTECT, related_name="end")
    upheld = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.suspension_id)


class Vote(RegisterModel):
    """A member confirms the indicator, or would classify it otherwise. An organisation's newest vote counts."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="votes")
    kind = models.CharField(max_length=16, choices=[("confirm", _("confirmed")), ("reclassify", _("other class"))])
    classification = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.kind}"


class Feedback(RegisterModel):
    """What a recipient says of a match with an entry. The Centre's row; `sender_id` is the recipient."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="feedback")
    sender_id = models.UUIDField()
    verdict = models.CharField(max_length=16, choices=[("confirmed", _("confirmed")), ("false", _("false positive"))])
    note = models.CharField(max_length=300, blank=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["indicator", "sender_id", "-created_at"], name="feedback_newest")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.verdict}"


class FloodHold(RegisterModel):
    """An organisation proposed more than the policy allows: it adds nothing more until the Centre agrees."""

    held_id = models.UUIDField(db_index=True)
    count = models.IntegerField()
    reason = models.CharField(max_length=300)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.held_id)


class FloodRelease(RegisterModel):
    """The Centre has looked at the flood and lets the organisation go on."""

    hold = models.OneToOneField(FloodHold, on_delete=models.PROTECT, related_name="release")
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.hold_id)


class DisputeDecision(RegisterModel):
    """The Centre's decision on a dispute: dismissed, or upheld (a revocation follows)."""

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


class PolicyVersion(models.Model):
    """A version of the register's policy, as it was signed. A function alone adds one: the next number, with notice."""

    version = models.BigIntegerField(primary_key=True)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    categories = ArrayField(models.CharField(max_length=80))
    organisations = models.SmallIntegerField()
    jurisdictions = models.SmallIntegerField()
    binds_from = models.DateTimeField()
    made_at = models.DateTimeField()

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.version)
