"""Host traces: where an address answered from at one moment. A new trace is a new row."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class HostTrace(TenantModel):
    """Result of one trace. Three countries that are never merged; the record of all answers is sealed."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="traces")
    sealed = models.BinaryField()
    registration_country = models.CharField(max_length=2, blank=True)
    location_country = models.CharField(max_length=2, blank=True)
    establishment_country = models.CharField(max_length=2, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    asn = models.BigIntegerField(null=True)
    # NOERROR, NXDOMAIN, SERVFAIL; empty for an address without a name.
    answer = models.CharField(max_length=12, blank=True)
    # Whether contact or country differ from the trace before.
    moved = models.BooleanField(default=False)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.provider
