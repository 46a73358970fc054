"""Grants: who may use which list, to which degree, and how much per day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.indicators.models.indicators import RegisterModel


class Degree(models.TextChoices):
    """Permitted use of a list."""

    SHADOW = "shadow", _("only count matches (shadow mode)")
    REVIEW = "review", _("act on a match after a person has checked it")
    ACT = "act", _("act on a match immediately")


class Grant(RegisterModel):
    """An organisation may fetch a list, for a purpose, on a basis, to a degree, from a day to a day."""

    list_id = models.CharField(max_length=63)
    grantee_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    legal_basis = models.CharField(max_length=120)
    degree = models.CharField(max_length=8, choices=Degree.choices, default=Degree.REVIEW)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    # Of matching alone: how many digests a day; 0 means as usual.
    per_day = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.list_id} → {self.grantee_id}"


class MatchUse(RegisterModel):
    """Daily queries of one client: digests asked, digests listed, and digests asked blinded."""

    recipient_id = models.UUIDField()
    day = models.DateField()
    asked = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    blinded = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient_id", "day"], name="one_use_a_day")]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.day}"
