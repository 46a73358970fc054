"""Reinstatement of a user after a report about them was returned."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.reports import Draft
from tutela.detection.models.user_notices import Audience
from tutela.events.tenant_model import TenantModel


class GivenBack(models.TextChoices):
    """Closed, so that it can be counted."""

    REINSTATED = "reinstated", _("The user is reinstated")
    NOTHING = "nothing", _("No measure had been taken against the user")
    STAYS = "stays", _("The measure stays, for a separate reason")


# The kind of a row that takes another back.
UNDONE = "undone"


class Reinstatement(TenantModel):
    """Record of a user's reinstatement, with author and time.

    A wrong record is undone by a separate row.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="reinstatements")
    kind = models.CharField(max_length=10)
    # Sealed by the report's key, as what a Centre told is.
    words = models.TextField(blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone")

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=GivenBack.values, undoes=None)
                | models.Q(kind=UNDONE, undoes__isnull=False),
                name="given_back_or_undone",
            )
        ]

    def __str__(self) -> str:
        return self.kind

    @property
    def label(self) -> str:
        """Return the kind of the record as a label."""
        return str(GivenBack(self.kind).label) if self.kind in GivenBack else str(_("Withdrawn"))


class ReinstatementTold(TenantModel):
    """Notice to the user of the reinstatement: its text, language, audience and way."""

    reinstatement = models.OneToOneField(Reinstatement, on_delete=models.PROTECT, related_name="told")
    language = models.CharField(max_length=35)
    audience = models.CharField(max_length=8, choices=Audience.choices)
    way = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.audience
