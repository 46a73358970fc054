"""Settings of a provider: rows with author and time; the newest row is valid."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.law.detection_gate import Channel, ServiceKind, Technology


class Mode(models.TextChoices):
    ON = "on", _("On: people review candidates")
    SHADOW = "shadow", _("Shadow: candidates are only counted")


class ReviewRule(models.TextChoices):
    ONE = "one", _("One person")
    TWO_UNLESS_EXACT = "two_unless_exact", _("Two people; one person for an exact copy of a register indicator")
    TWO = "two", _("Two people, always")


class Service(TenantModel):
    """One product of the provider. Its rules are in its terms."""

    name = models.CharField(max_length=160)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "name"], name="one_service_a_name")]

    def __str__(self) -> str:
        return self.name


class Terms(TenantModel):
    """Terms of a service, valid from now on."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="terms")
    kind = models.CharField(max_length=20, choices=ServiceKind.choices)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    technology = models.CharField(max_length=20, choices=Technology.choices)
    mode = models.CharField(max_length=10, choices=Mode.choices)
    review_rule = models.CharField(max_length=20, choices=ReviewRule.choices)
    media_link = models.CharField(max_length=500, blank=True)
    # Exposures of one person on one day: from the first number on a break is advised, at the second everything stops.
    exposure_budget = models.PositiveSmallIntegerField()
    exposure_stop = models.PositiveSmallIntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(exposure_budget__lte=models.F("exposure_stop")), name="budget_within_stop"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service_id}: {self.mode}"


class MediaKey(TenantModel):
    """The key that signs links into the provider's own storage, wrapped. The newest counts."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="media_keys")
    wrapped = models.BinaryField(max_length=120)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.service_id)


class Identity(TenantModel):
    """Identity of the provider in reports (Annex III, section 1). The newest row is valid."""

    contact_point = models.CharField(max_length=300)
    contact = models.CharField(max_length=1000)
    representative = models.CharField(max_length=300, blank=True)
    representative_contact = models.CharField(max_length=1000, blank=True)
    signatory = models.CharField(max_length=300)
    time_zone = models.CharField(max_length=40)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.contact_point


class SourceList(TenantModel):
    """A list that the provider may use by its own contract, without register certification."""

    list_id = models.CharField(max_length=300)
    holder = models.CharField(max_length=200)
    entitlement = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.list_id


class AuthorityAddress(TenantModel):
    """Address of an authority for notifications under Art. 18 DSA, with its dates, and who checked it when."""

    country = models.CharField(max_length=2)
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=500)
    languages = ArrayField(models.CharField(max_length=8), default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.CharField(max_length=300)
    checked_on = models.DateField(null=True)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name
