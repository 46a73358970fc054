"""Lists to those who detect, what they refused of them, and the rules by which anything is added."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.indicators.models.indicators import RegisterModel


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
        indexes = [models.Index(fields=["created_at"], name="release_made")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.version}"


class ReleaseWaiting(models.Model):
    """An indicator that began or ceased to count. A trigger adds it (`builder`), and functions alone take note.

    `version` is the one whose snapshot has taken note of it; none yet where it is empty.
    """

    id = models.BigAutoField(primary_key=True)
    indicator_id = models.UUIDField()
    version = models.BigIntegerField(null=True)

    by_function: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["version"], name="waiting_since")]

    def __str__(self) -> str:
        return str(self.indicator_id)


class ActivationWaiting(models.Model):
    """An indicator that became active and was not looked at since (`invalidation.look`). A trigger adds it."""

    id = models.BigAutoField(primary_key=True)
    indicator_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.indicator_id)


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


class Degree(models.TextChoices):
    """How far a list may be used."""

    SHADOW = "shadow", _("count matches alone, in shadow")
    REVIEW = "review", _("act on a match once a person has looked")
    ACT = "act", _("act on a match at once")


class Grant(RegisterModel):
    """An organisation may fetch a list, for a purpose, on a basis, to a degree, from a day to a day."""

    list_id = models.CharField(max_length=63)
    grantee_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=120)
    degree = models.CharField(max_length=8, choices=Degree.choices, default=Degree.REVIEW)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    # Of matching alone: how many digests a day; 0 means as usual.
    per_day = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.list_id} → {self.grantee_id}"


class Taken(models.TextChoices):
    """How a recipient has a list."""

    EDGE = "edge", _("an Edge")
    FEED = "feed", _("the feed")
    EXPORT = "export", _("files")


class Fetcher(RegisterModel):
    """Where each recipient stands: the head it last fetched, when, and the version that it then said to use.

    Who reads the feed or takes files has a row for each of these ways, with the head that was the newest then.
    """

    list_id = models.CharField(max_length=63)
    recipient_id = models.UUIDField()
    way = models.CharField(max_length=8, choices=Taken.choices, default=Taken.EDGE)
    sequence = models.BigIntegerField()
    version = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "recipient_id", "way"], name="one_fetcher_a_way")]

    def __str__(self) -> str:
        return str(self.recipient_id)


class Polled(RegisterModel):
    """How often a recipient fetched the head of a list on a day (UTC): the first time with the row."""

    list_id = models.CharField(max_length=63)
    recipient_id = models.UUIDField()
    day = models.DateField()
    times = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "recipient_id", "day"], name="one_poll_count_a_day")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.recipient_id} {self.day}"


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


class FloodHold(RegisterModel):
    """An organisation proposed more than the policy allows: it adds nothing more until the Centre agrees. Or it
    disputed more than it may, or found more entries wrong: that stops nothing by itself until then, and names this."""

    held_id = models.UUIDField(db_index=True)
    kind = models.CharField(
        max_length=16,
        choices=[("proposals", _("proposals")), ("disputes", _("disputes")), ("feedback", _("false positives"))],
        default="proposals",
    )
    count = models.IntegerField()
    reason = models.CharField(max_length=300)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.held_id)

    @property
    def counts(self) -> bool | None:
        """Whether what was said under it counts; None before the Centre has looked."""
        release = getattr(self, "release", None)
        return release.counts if release else None


class FloodRelease(RegisterModel):
    """The Centre has looked at the flood and lets the organisation go on. `counts`: what was said under the hold does
    what it would have done."""

    hold = models.OneToOneField(FloodHold, on_delete=models.PROTECT, related_name="release")
    counts = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.hold_id)


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


class PolicyNotice(models.Model):
    """Since when the notice of a version runs: the public log is seen to hold it, and says no later."""

    version = models.BigIntegerField(primary_key=True)
    since = models.DateTimeField()

    insert_only: ClassVar[bool] = True
    by_function: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.version)
