"""Reports to the police about a case, or the reason why none was made, and how long a notice waits after them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.cases import TakedownCase


class PoliceStepKind(models.TextChoices):
    """Step towards the police."""

    REPORTED = "reported", _("reported to the police")
    SEALED = "sealed", _("evidence sealed to the police")
    NO_EVIDENCE = "no_evidence", _("no evidence sealed")
    HANDED_OVER = "handed_over", _("handed over")


class PoliceStep(TenantModel):
    """One step. Holds of the police are those of `law`."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="police_steps")
    kind = models.CharField(max_length=12, choices=PoliceStepKind.choices)
    # Name in the directory.
    authority = models.CharField(max_length=200, blank=True)
    # The receipt's reference.
    reference = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.kind


class NoticeWait(TenantModel):
    """Hours between the report to the police and the notice, by a national procedure, from a day on."""

    # Where the address is hosted; empty is every country that has no row.
    country = models.CharField(max_length=2, blank=True)
    hours = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    source = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "country", "valid_from", "hours"], name="one_wait_a_country_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.country or '*'}: {self.hours} h"
