"""Redistribution of partner lists: recipients, versions, and proposals by the list's owner."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.indicators.models.partner_lists import PartnerList


class PartnerGrant(TenantModel):
    """The owner of a list lets another organisation fetch it. Both see the row; its words are copied for the other."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="grants")
    grantee_id = models.UUIDField(db_index=True)
    slug = models.CharField(max_length=63)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=80)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=120)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    # What the other fetched last.
    fetched_at = models.DateTimeField(null=True)
    fetched_version = models.BigIntegerField(default=0)

    tenancy: ClassVar[str] = "given"

    def __str__(self) -> str:
        return f"{self.slug} → {self.grantee_id}"


class PartnerRelease(TenantModel):
    """Version of a redistributed list: the signed manifest. The snapshot is stored encrypted in the data folder."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="releases")
    version = models.BigIntegerField()
    manifest = models.BinaryField()
    entries = models.IntegerField()
    snapshot_sha256 = models.CharField(max_length=64)
    # Entries that changed after this moment may stand in it otherwise.
    read_at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "version"], name="one_partner_release_a_version")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.version}"


class PartnerHead(TenantModel):
    """Head that a recipient polls: the newest version of a list and what was removed since. One row per list."""

    list = models.OneToOneField(PartnerList, on_delete=models.PROTECT, related_name="head")
    sequence = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    removed = models.IntegerField(default=0)
    signed_at = models.DateTimeField(null=True)
    envelope = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.list_id} {self.sequence}"


class PartnerProposing(TenantModel):
    """Request to propose entries of a list for the register, with its author and result."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="proposings")
    run_id = models.UUIDField()
    # Ids of entries, one a line; empty: every live entry.
    chosen = models.TextField(blank=True)
    classification = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    # This quality applies to PDQ hashes without one from the source; if empty, such hashes are left out.
    quality = models.SmallIntegerField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    accepted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    # Refused lines (`BadLine.stored`).
    reasons = models.JSONField(default=tuple)
    unmapped = models.TextField(blank=True)
    # How far it has come, written with each batch: the last entry, and how many were read.
    reached = models.UUIDField(null=True)
    lines = models.BigIntegerField(default=0)
    # The code of an error with its values.
    error = models.CharField(max_length=60, blank=True)
    error_values = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["list", "-created_at"], name="proposing_recent"),
            models.Index(fields=["organisation_id", "run_id"], name="proposing_runs"),
        ]

    def __str__(self) -> str:
        return str(self.run_id)
