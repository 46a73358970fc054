"""Partner lists: their owners, sync progress and entries, all separate from the register.

An entry of a partner list has no indicator state and cannot become active: it is not a row of that table.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel


class Format(models.TextChoices):
    HASH_SHARING = "hashsharing", _("NCMEC Hash Sharing, version 2")
    STOPNCII = "stopncii", _("StopNCII, version 1")
    FILE = "file", _("files")


class About(models.TextChoices):
    CSAM = "csam", _("child sexual abuse material")
    OTHER = "other", _("something else")


class PartnerList(TenantModel):
    """A list that another organisation serves and this one reads, under a name of its own."""

    list_id = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=80)
    format = models.CharField(max_length=16, choices=Format.choices)
    about = models.CharField(max_length=8, choices=About.choices)
    base_url = models.CharField(max_length=300)
    username = models.CharField(max_length=120, blank=True)
    wrapped_secret = models.BinaryField(max_length=1000)
    every = models.PositiveIntegerField()
    legal_basis = models.CharField(max_length=120)
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    # Whether the source is told how matches turned out, and the reason that it is given for a no.
    tells = models.BooleanField(default=False)
    reason_guid = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.list_id


class PartnerCheckpoint(TenantModel):
    """Reading position in a list. `serial` grows with every page, so two readers cannot both continue from one
    position.
    """

    list = models.OneToOneField(PartnerList, on_delete=models.PROTECT, related_name="checkpoint")
    serial = models.BigIntegerField(default=0)
    # Which reading of everything is going on or was last; an entry that a later one did not see is gone.
    reading = models.IntegerField(default=0)
    state = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.list_id} {self.serial}"


class PartnerEntry(TenantModel):
    """An entry as its source has it now, sealed. A withdrawn one keeps its key and time, and nothing else."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=255)
    media_type = models.CharField(max_length=8)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(max_length=2_000_000)
    reading = models.IntegerField()
    # When it was seen to change last, by our clock; `at` and `withdrawn_at` are the source's.
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "key"], name="one_entry_a_key")]
        indexes = [
            models.Index(fields=["list", "id"], name="partner_live", condition=models.Q(withdrawn_at__isnull=True)),
            models.Index(fields=["list", "changed_at"], name="partner_changed"),
        ]

    def __str__(self) -> str:
        return self.key


class PartnerUndo(TenantModel):
    """A part of what a list held before its newest file replaced it, sealed: the replacement can be undone from it."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="undo")
    part = models.PositiveIntegerField()
    sealed = models.BinaryField(max_length=500_000_000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "part"], name="one_part_to_undo")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.part}"


class PartnerPull(TenantModel):
    """One attempt to read what is new: when, how much, and what went wrong."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="pulls")
    ended_at = models.DateTimeField(null=True)
    pages = models.IntegerField(default=0)
    added = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)
    broken = models.IntegerField(default=0)
    # Technical texts of the format's reader: the first entries that could not be used, and unknown fields.
    reasons = models.TextField(blank=True)
    unknown = models.TextField(blank=True)
    # A `SourceFault`, and the technical text of the error.
    error = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["list", "-created_at"], name="pull_recent")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.created_at}"
