"""Organisations that exceeded a rate limit of the policy, held until the Centre has checked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.indicators.models.indicators import RegisterModel


class FloodHold(RegisterModel):
    """An organisation proposed more than the policy allows: it adds nothing more until the Centre agrees. Or it
    disputed more than it may, or found more entries wrong: that stops nothing by itself until then, and names this."""

    held_id = models.UUIDField(db_index=True)
    kind = models.CharField(
        max_length=16,
        choices=[("proposals", _("proposals")), ("disputes", _("disputes")), ("feedback", _("false positives"))],
        default="proposals",
    )
    count = models.IntegerField()
    reason = models.CharField(max_length=300)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.held_id)

    @property
    def counts(self) -> bool | None:
        """True if statements under the hold were accepted; None before the Centre has decided."""
        release = getattr(self, "release", None)
        return release.counts if release else None


class FloodRelease(RegisterModel):
    """Decision of the Centre that an organisation held by a rate limit may continue.

    `counts`: statements made under the hold take their normal effect.
    """

    hold = models.OneToOneField(FloodHold, on_delete=models.PROTECT, related_name="release")
    counts = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.hold_id)
