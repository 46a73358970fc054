"""CyberTipline reports until they are finished."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class TipState(models.TextChoices):
    OPEN = "open", _("open")
    FINISHED = "finished", _("finished")
    RETRACTED = "retracted", _("retracted")


class CyberTip(TenantModel):
    """A submission by its number. Its document is sealed by the key of the report that it becomes."""

    number = models.BigIntegerField(unique=True)
    provider_id = models.UUIDField()
    # The id of the canonical report, from the beginning: its key seals the document too.
    report_id = models.UUIDField(unique=True)
    sealed_document = models.BinaryField()
    # To whom its files are sealed, resolved from the document: fixed before the first byte of the first file.
    addressee_id = models.UUIDField(null=True)
    batched = models.BooleanField()
    state = models.CharField(max_length=10, choices=TipState.choices, default=TipState.OPEN)
    # The last upload or file details; the opening at first.
    modified_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["modified_at"], condition=models.Q(state="open"), name="tip_open"),
            models.Index(fields=["provider_id"], condition=models.Q(state="open"), name="tip_open_of"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class CyberTipFile(TenantModel):
    """An uploaded file, stored only as digests; `sealed_details` is set once and never removed."""

    tip = models.ForeignKey(CyberTip, on_delete=models.CASCADE, related_name="files")
    file_id = models.CharField(max_length=32, unique=True)
    sealed_name = models.BinaryField()
    size = models.BigIntegerField()
    md5 = models.CharField(max_length=32)
    sha1 = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    sealed_details = models.BinaryField(null=True)

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.file_id
