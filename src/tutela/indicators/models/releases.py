"""Versions of the list, the head that Edges poll, and the record of fetches."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.indicators.models.indicators import RegisterModel


class Release(RegisterModel):
    """One version of the list: the signed manifest, and the digest of the snapshot kept sealed in the data folder."""

    list_id = models.CharField(max_length=63)
    version = models.BigIntegerField()
    manifest = models.BinaryField()
    entries = models.IntegerField()
    snapshot_sha256 = models.CharField(max_length=64)
    snapshot_size = models.BigIntegerField()
    # Digest of the changes to that snapshot; empty for a version with a snapshot of its own.
    changes_sha256 = models.CharField(max_length=64, default="")
    event_id = models.UUIDField(null=True)
    values_root = models.BinaryField(max_length=32, null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "version"], name="one_release_a_version")]
        indexes = [models.Index(fields=["created_at"], name="release_made")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.version}"


class ReleaseWaiting(models.Model):
    """Indicator that became active or inactive. A trigger adds the row (`builder`), and only functions update it.

    `version` is the one whose snapshot includes the change; empty if none does yet.
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
    """An indicator that became active and was not looked at since (`invalidation.scan_new`). A trigger adds it."""

    id = models.BigAutoField(primary_key=True)
    indicator_id = models.UUIDField()

    def __str__(self) -> str:
        return str(self.indicator_id)


class Head(RegisterModel):
    """Head that an Edge polls: the newest version and what was removed since. The highest sequence counts."""

    list_id = models.CharField(max_length=63)
    sequence = models.BigIntegerField()
    version = models.BigIntegerField()
    removed = models.IntegerField(default=0)
    envelope = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "sequence"], name="one_head_a_sequence")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.sequence}"


class Taken(models.TextChoices):
    """Way in which a recipient obtains a list."""

    EDGE = "edge", _("an Edge")
    FEED = "feed", _("the feed")
    EXPORT = "export", _("files")


class Fetcher(RegisterModel):
    """State of each recipient: its last head, when, and the version it then reported in use.

    Reading the feed and fetching files each have their own row, with the newest head at that time.
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
    """Number of times a recipient fetched the head of a list on a day (UTC). The first fetch creates the row."""

    list_id = models.CharField(max_length=63)
    recipient_id = models.UUIDField()
    day = models.DateField()
    times = models.BigIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_id", "recipient_id", "day"], name="one_poll_count_a_day")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.recipient_id} {self.day}"
