"""Rechecks: whether something is still at an address, as seen from a vantage point."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class Availability(models.TextChoices):
    """What a recheck found. Only a person who may look, or the host's word and absence, verify an absence."""

    UP = "up", _("still there")
    NOT_CHECKABLE = "not_checkable", _("not checkable")
    GEO_BLOCKED = "geo_blocked", _("blocked for some countries")
    NOT_REACHABLE = "not_reachable", _("not reachable as reported")
    HOST_SAYS = "host_says", _("host says removed")
    ABSENT = "absent", _("verified absent")
    REAPPEARED = "reappeared", _("reappeared")


class Recheck(TenantModel):
    """One look at an address: its status, never its content."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="rechecks")
    # Name of the vantage point; empty for a person's own look.
    vantage = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # HTTP status; 0 for no answer.
    status = models.PositiveSmallIntegerField(default=0)
    # Why there is no status: dns, refused, timeout, tls, redirect.
    fault = models.CharField(max_length=12, blank=True)
    finding = models.CharField(max_length=16, choices=Availability.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200, blank=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["case", "-created_at"], name="recheck_newest")]

    def __str__(self) -> str:
        return self.finding
