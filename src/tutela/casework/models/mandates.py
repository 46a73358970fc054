"""What an organisation's desk rests on: mandate, controller, data-protection assessment. Auditors read all of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class MandatePart(models.TextChoices):
    """A part without which a desk stays closed."""

    MANDATE = "mandate", _("Mandate")
    CONTROLLER = "controller", _("Controller")
    ASSESSMENT = "assessment", _("Data-protection assessment")


class MandateOrigin(models.TextChoices):
    """How a record came: by two people, or entered by a program for a limited time."""

    PEOPLE = "people", _("Recorded by two people")
    SETUP = "setup", _("Provisional, entered at setup")
    DEMONSTRATION = "demonstration", _("Demonstration: nobody may rely on it")


class MandateStepKind(models.TextChoices):
    """What became of a record."""

    CONFIRMED = "confirmed", _("confirmed")
    WITHDRAWN = "withdrawn", _("withdrawn")


class MandateRecord(TenantModel):
    """One part, with its text and dates. It counts once another person has confirmed it."""

    part = models.CharField(max_length=10, choices=MandatePart.choices)
    origin = models.CharField(max_length=14, choices=MandateOrigin.choices, default=MandateOrigin.PEOPLE)
    # What the document is and where it is kept; empty for what a program entered.
    text = models.CharField(max_length=500, blank=True)
    dated = models.DateField()
    expires_on = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "audit"

    def __str__(self) -> str:
        return self.part


class MandateStep(TenantModel):
    """A second person confirmed a record, or somebody withdrew it with a reason."""

    record = models.ForeignKey(MandateRecord, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=MandateStepKind.choices)
    reason = models.CharField(max_length=300, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "audit"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "kind"], name="one_mandate_step_of_a_kind")]

    def __str__(self) -> str:
        return self.kind
