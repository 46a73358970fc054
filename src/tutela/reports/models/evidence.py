"""Sealed evidence that the Centre stores for an authority and cannot open. Files are in a folder."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.events.tenant_model import TenantModel


class EvidenceBasis(TenantModel):
    """Legal basis on which the Centre carries sealed evidence. The newest row counts; one without an act ends it."""

    act = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=600)
    until = models.DateField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.act or "ended"


class Evidence(TenantModel):
    """One file, sealed to one authority while it came. `gone_at` once its ciphertext is deleted, and why."""

    report_id = models.UUIDField()
    provider_id = models.UUIDField()
    # How it came: by the CyberTipline interface, sealed by the provider itself, or by its first addressee for another.
    source = models.CharField(max_length=10)
    # The interface's id of the file, or the item's in the report.
    file_id = models.CharField(max_length=40)
    addressee_id = models.UUIDField()
    key_id = models.CharField(max_length=64)
    name = models.CharField(max_length=32, unique=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # Name, size and digests of what is inside, sealed by the report's key.
    sealed_facts = models.BinaryField()
    resealed_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="resealed")
    gone_at = models.DateTimeField(null=True)
    gone_as = models.CharField(max_length=12, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report_id", "file_id", "addressee_id"],
                condition=models.Q(gone_at=None),
                name="one_kept_file_an_addressee",
            )
        ]
        indexes = [
            models.Index(fields=["organisation_id", "report_id"], name="evidence_of_report"),
            models.Index(fields=["provider_id"], condition=models.Q(gone_at=None), name="evidence_kept"),
        ]

    def __str__(self) -> str:
        return self.name


class HandlingPolicy(TenantModel):
    """Policy for the handling codes of referrals. The newest row counts."""

    codes = ArrayField(models.CharField(max_length=2))
    text = models.TextField(blank=True)
    certified = models.CharField(max_length=2)
    confirmed = models.CharField(max_length=2)
    unconfirmed = models.CharField(max_length=2)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return " ".join(self.codes)


class HandlingChoice(TenantModel):
    """Handling codes for one report's referrals that differ from the policy. The newest row counts."""

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    codes = ArrayField(models.CharField(max_length=2))
    # Free words, sealed by the report's key (`subject_keys.seal_words`): what H3 restricts, and why looser than the
    # policy.
    text = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    looser = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return " ".join(self.codes)
