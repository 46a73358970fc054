"""User notices: when each became due, and that it was sent."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.detection.models.reports import Draft
from tutela.events.tenant_model import TenantModel


class Audience(models.TextChoices):
    """Audience of a text."""

    ADULT = "adult", _("an adult")
    TEENAGER = "teenager", _("a teenager")
    CHILD = "child", _("a child")


class InformationDue(TenantModel):
    """Due date of a user notice.

    A later hold suspends the notice, and its end makes the notice due again.
    """

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="information_due")
    at = models.DateTimeField()
    rule = models.CharField(max_length=20)
    # The act behind it is a proposal or unchecked: this is what it would ask.
    simulated = models.BooleanField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "at", "rule"], name="one_due_a_moment")]

    def __str__(self) -> str:
        return self.rule


class UserInformed(TenantModel):
    """Notice to the user: its text, language, audience and way."""

    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, related_name="informed")
    language = models.CharField(max_length=35)
    audience = models.CharField(max_length=8, choices=Audience.choices)
    way = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.audience
