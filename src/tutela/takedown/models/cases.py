"""Cases of takedown: one row for each address at a hotline, and who reported it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.tenant_model import TenantModel


class Stage(models.TextChoices):
    """What a case needs next. Derived from its rows by the step that adds one."""

    ASSESS = "assess", _("to assess")
    ACT = "act", _("to notify")
    RECHECK = "recheck", _("under recheck")
    CLOSED = "closed", _("closed")


class Source(models.TextChoices):
    """How an address came to the hotline."""

    PUBLIC = "public", _("public report")
    ENTERED = "entered", _("entered by staff")
    IMPORTED = "imported", _("imported")
    HOTLINE = "hotline", _("partner hotline")
    PROACTIVE = "proactive", _("proactive search")
    VICTIMS = "victims", _("victim support")


class TakedownCase(TenantModel):
    """One address at one hotline, sealed by the case's key, and found by a keyed hash of its normal form."""

    number = models.CharField(max_length=20, unique=True)
    address_key = models.BinaryField(max_length=32)
    # Cases of one host are found together.
    host_key = models.BinaryField(max_length=32)
    sealed_address = models.BinaryField()
    # Kind of address: web, onion and so on (`exchange.takedown.web_address`).
    kind = models.CharField(max_length=20)
    source = models.CharField(max_length=10, choices=Source.choices)
    # Since when the key exists that seals what belongs to the case; what is older was erased with the key before.
    sealed_since = models.DateTimeField()
    # For a public report the hour. `created_at` of the row is the same.
    reported_at = models.DateTimeField()
    urgent = models.BooleanField(default=False)
    # Order after the urgent ones, by the assessment of a partner hotline.
    priority = models.PositiveSmallIntegerField(default=0)
    reports = models.PositiveIntegerField(default=1)
    # Derived from the newest rows, for lists.
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.ASSESS)
    verdict = models.CharField(max_length=12, blank=True)
    hosting_country = models.CharField(max_length=2, blank=True)
    provider = models.CharField(max_length=200, blank=True)
    availability = models.CharField(max_length=16, blank=True)
    next_check_at = models.DateTimeField(null=True)
    checks = models.PositiveIntegerField(default=0)
    # 1 at first, one more for each time that it was reopened. Assessments belong to a round.
    round = models.PositiveSmallIntegerField(default=1)
    reopened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # The contents went when their time was over; number, steps and counts stay.
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "address_key"], name="one_case_an_address")]
        indexes = [
            models.Index(
                fields=["organisation_id", "stage", "-urgent", "-priority", "reported_at"], name="takedown_queue"
            ),
            models.Index(fields=["organisation_id", "-urgent", "-priority", "reported_at"], name="takedown_all"),
            models.Index(fields=["organisation_id", "stage", "availability"], name="takedown_found"),
            models.Index(fields=["organisation_id", "host_key"], name="takedown_host"),
            models.Index(
                fields=["organisation_id", "next_check_at"],
                condition=models.Q(next_check_at__isnull=False),
                name="takedown_due",
            ),
            models.Index(
                fields=["organisation_id", "closed_at"], condition=models.Q(erased_at=None), name="takedown_to_erase"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CaseReport(TenantModel):
    """One report of an address. `created_at` is the hour for a public report."""

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="sources")
    source = models.CharField(max_length=10, choices=Source.choices)
    # The anonymous conversation that named the address; its key was derived from a form, and tells nothing.
    conversation_id = models.UUIDField(null=True)
    urgent = models.BooleanField(default=False)
    # What a partner calls it, or the file and line of an import.
    reference = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=clock.now)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "created_at"], name="case_report_day")]

    def __str__(self) -> str:
        return self.source


class AccessConditions(TenantModel):
    """Under which conditions an address shows what was reported: referrer, cookie, password, country, device, time.

    Sealed. The newest row counts.
    """

    case = models.ForeignKey(TakedownCase, on_delete=models.PROTECT, related_name="conditions")
    sealed = models.BinaryField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.pk)


def _random_id() -> UUID:
    """An ID without a time in it."""
    return uuid4()


class ReadMessage(TenantModel):
    """A message of a public report whose addresses are cases. Neither its ID nor its time tells when it came."""

    id = models.UUIDField(primary_key=True, default=_random_id, editable=False)
    created_at = models.DateTimeField(default=clock.this_hour, editable=False)
    entry_id = models.UUIDField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "entry_id"], name="one_reading_a_message")]

    def __str__(self) -> str:
        return str(self.entry_id)
