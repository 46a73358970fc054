"""Feedback to the source of a list, and data fetched from it in addition to its pages."""

from __future__ import annotations

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.indicators.models.partner_lists import PartnerEntry, PartnerList


class PartnerPrint(TenantModel):
    """Fingerprint referenced by an address: sealed once it is fetched, empty before."""

    entry = models.ForeignKey(PartnerEntry, on_delete=models.CASCADE, related_name="prints")
    kind = models.CharField(max_length=20)
    path = models.CharField(max_length=320)
    # The state of the entry for which it is wanted.
    of = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    sealed = models.BinaryField(max_length=1_100_000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "kind"], name="one_print_a_kind")]
        indexes = [models.Index(fields=["tries"], name="print_wanted", condition=models.Q(fetched_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"


class PartnerWord(TenantModel):
    """Verdict on a match with an entry, sent to its source. Each verdict on an entry is sent once."""

    list = models.ForeignKey(PartnerList, on_delete=models.PROTECT, related_name="words")
    entry_id = models.UUIDField()
    key = models.CharField(max_length=255)
    right = models.BooleanField()
    by = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    # A `SourceFault`, and the technical text of the error.
    error = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "entry_id", "right"], name="one_word_a_verdict")]
        indexes = [
            models.Index(fields=["list", "created_at"], name="word_waiting", condition=models.Q(sent_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.right}"
