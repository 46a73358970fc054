"""Reports for a CyberTipline interface: their recipient and their progress."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.reports import Draft
from tutela.events.tenant_model import TenantModel


class TipEndpoint(TenantModel):
    """An account at an interface, for tests or in earnest. The newest of each counts; without a base there is none."""

    production = models.BooleanField()
    base = models.CharField(max_length=500, blank=True)
    username = models.CharField(max_length=200, blank=True)
    wrapped_password = models.BinaryField(max_length=600)
    # Where the recipient asks back.
    email = models.CharField(max_length=255)
    # Whether the item itself is passed on from the provider's storage, or its digests alone are sent.
    with_files = models.BooleanField()
    # Minutes in which a report can be taken back before it is filed.
    grace_minutes = models.PositiveSmallIntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.base


class TipMode(TenantModel):
    """Whether reports go out in earnest. The newest counts; without one they are tests."""

    production = models.BooleanField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.production)


class TipState(models.TextChoices):
    WAITING = "waiting", _("pending")
    OPEN = "open", _("open, not filed yet")
    FINISHED = "finished", _("filed")
    RETRACTED = "retracted", _("withdrawn")
    REFUSED = "refused", _("refused")


class Tip(TenantModel):
    """A report on its way to an interface. `sealed_report` holds the exact report, by the report's own key."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="tips")
    endpoint = models.ForeignKey(TipEndpoint, on_delete=models.PROTECT)
    sealed_report = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    # This is decided together with the document, because the document lists the digests of items that are not passed
    # on.
    passes_files = models.BooleanField()
    state = models.CharField(max_length=10, choices=TipState.choices, default=TipState.WAITING)
    # The recipient's number; and that of an opened report that was given up, to be taken back.
    number = models.BigIntegerField(null=True)
    given_up = models.BigIntegerField(null=True)
    # Of each file: item, the recipient's id, whether its details are there.
    files = models.JSONField(default=list)
    to_retract = models.BooleanField(default=False)
    # Why it can never arrive, as a coded text: what is open is taken back, and the sending ends.
    refusal = models.JSONField(default=list)
    # The call that is being made, until when nobody else makes one, and how often one failed in a row.
    doing = models.CharField(max_length=10, blank=True)
    # Whose call it is: an answer that comes after somebody else took over is no answer.
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField()
    finish_at = models.DateTimeField(null=True)
    last_error = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft"], condition=models.Q(state__in=["waiting", "open"]), name="one_tip_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state__in=["waiting", "open"]), name="tip_due"),
            models.Index(
                fields=["organisation_id", "number"], condition=models.Q(number__isnull=False), name="tip_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.state}"
