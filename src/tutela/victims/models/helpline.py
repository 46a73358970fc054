"""Contacts of a helpline, without any field for an identity, and the returns of a quarter."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class ContactAge(models.TextChoices):
    """Who called, in the bands of the return."""

    CHILD = "child", _("5 to 11")
    TEEN = "teen", _("12 to 18")
    PARENT = "parent", _("parent")
    PROFESSIONAL = "professional", _("teacher or social worker")
    OTHER = "other", _("other or not recorded")


class ContactGender(models.TextChoices):
    """Gender, as far as it was said."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    NOT_RECORDED = "not_recorded", _("not recorded")


class ContactChannel(models.TextChoices):
    """How somebody called."""

    PHONE = "phone", _("telephone")
    CHAT = "chat", _("chat")
    MAIL = "mail", _("e-mail")
    FORM = "form", _("form")
    SOCIAL = "social", _("social network")
    PERSON = "person", _("in person")


class ContactPlatform(models.TextChoices):
    """Where it happened, as far as it was said."""

    SOCIAL = "social", _("social media")
    MESSAGING = "messaging", _("messages")
    GAMING = "gaming", _("games")
    OTHER = "other", _("other")
    NOT_RECORDED = "not_recorded", _("not recorded")


class HelplineContact(TenantModel):
    """One contact of a helpline, as a day and codes. No column can hold a name, a number or a text."""

    day = models.DateField()
    category_set = models.CharField(max_length=20)
    category = models.CharField(max_length=40)
    age = models.CharField(max_length=12, choices=ContactAge.choices)
    gender = models.CharField(max_length=12, choices=ContactGender.choices)
    channel = models.CharField(max_length=6, choices=ContactChannel.choices)
    platform = models.CharField(max_length=12, choices=ContactPlatform.choices)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "day"], name="helpline_day")]

    def __str__(self) -> str:
        return self.category


class QuarterlyReturn(TenantModel):
    """The return of a quarter, as it was made. A later correction is another row."""

    quarter = models.CharField(max_length=7)
    category_set = models.CharField(max_length=20)
    # Canonical JSON of counts, small ones withheld.
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    # How many contacts it counts, for a correction; a return shows it only where it is large enough.
    contacts = models.PositiveIntegerField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.quarter
