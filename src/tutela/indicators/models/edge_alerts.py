"""Alerts of recipients about rejected deliveries, and the findings on them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class EdgeAlert(TenantModel):
    """Alert of a recipient that refused data which it was given. The row is the Centre's; auditors read it."""

    sender_id = models.UUIDField()
    alert_id = models.UUIDField(unique=True)
    list_id = models.CharField(max_length=63)
    code = models.CharField(max_length=40)
    # An `AlertDetail` with its values, or the technical text of an Edge's error.
    detail = models.CharField(max_length=1000)
    values = models.JSONField(default=dict)
    version = models.BigIntegerField()
    sequence = models.BigIntegerField()
    log_size = models.BigIntegerField()
    evidence = models.TextField(blank=True)
    at = models.DateTimeField()

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="alert_recent")]

    def __str__(self) -> str:
        return f"{self.list_id} {self.code}"


class AlertAnswer(TenantModel):
    """Findings on an alert."""

    alert = models.OneToOneField(EdgeAlert, on_delete=models.PROTECT, related_name="answer")
    note = models.CharField(max_length=300)
    by = models.CharField(max_length=200)

    tenancy: ClassVar[str] = "audit"
    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.alert_id)
