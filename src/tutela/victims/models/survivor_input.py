"""Input of survivors, with their consent, and what changed because of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class InputConsent(models.TextChoices):
    """How far a survivor consents. Each is included in the next."""

    HERE = "here", _("read at victim support alone")
    PLATFORM = "platform", _("brought to the Victims' Rights Platform, without my words")
    QUOTED = "quoted", _("quoted without a name")


class SurvivorInput(TenantModel):
    """What a survivor wants to be heard. The words stand in the conversation, and are erased by its withdrawal."""

    number = models.CharField(max_length=20, unique=True)
    conversation_id = models.UUIDField(null=True, unique=True)
    consent = models.CharField(max_length=8, choices=InputConsent.choices, default=InputConsent.HERE)
    # Words that were given to staff, sealed by the input's key (`subject_keys.seal_words`).
    text = models.TextField(blank=True)
    language = models.CharField(max_length=10)
    received_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "-received_at", "-id"], name="survivor_input_newest")]

    def __str__(self) -> str:
        return self.number


class PlatformMeeting(TenantModel):
    """A meeting or an exchange with the Victims' Rights Platform, and what came of it."""

    held_on = models.DateField()
    title = models.CharField(max_length=200)
    outcome = models.CharField(max_length=1000, blank=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["-held_on", "-id"]

    def __str__(self) -> str:
        return self.title


class InputEffect(models.TextChoices):
    """What became of an input."""

    CHANGED = "changed", _("changed")
    NOT_CHANGED = "not_changed", _("not changed")
    TAKEN_ALONG = "taken_along", _("brought to the Victims' Rights Platform")


class InputChange(TenantModel):
    """What changed because of an input, or why nothing did. The person reads it; it has no words of the person."""

    input = models.ForeignKey(SurvivorInput, on_delete=models.PROTECT, related_name="changes")
    effect = models.CharField(max_length=11, choices=InputEffect.choices)
    # What was changed, or why not, sealed by the input's key (`subject_keys.seal_words`).
    text = models.TextField()
    meeting = models.ForeignKey(PlatformMeeting, on_delete=models.PROTECT, null=True, related_name="changes")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.effect
