"""How much a client of the hosted match service has asked, a day."""

from __future__ import annotations

from django.db import models

from tutela.indicators.models.indicators import RegisterModel


class MatchUse(RegisterModel):
    """What a client asked on a day: how many digests, how many of them were listed, and how many it asked blinded."""

    recipient_id = models.UUIDField()
    day = models.DateField()
    asked = models.IntegerField(default=0)
    matched = models.IntegerField(default=0)
    blinded = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient_id", "day"], name="one_use_a_day")]

    def __str__(self) -> str:
        return f"{self.recipient_id} {self.day}"
