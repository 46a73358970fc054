"""Table of the help finder: what an organisation says of a service. A change is a new row."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.events.tenant_model import TenantModel


class HelpServiceEntry(TenantModel):
    """One statement about a service; the newest of a country and a name counts. `withdrawn` hides the service."""

    insert_only: ClassVar[bool] = True

    country = models.CharField(max_length=2)
    name = models.CharField(max_length=200)
    languages = ArrayField(models.CharField(max_length=2), default=list)
    ages = ArrayField(models.CharField(max_length=5), default=list)
    needs = ArrayField(models.CharField(max_length=9), default=list)
    phone = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=20, blank=True)
    chat = models.CharField(max_length=300, blank=True)
    mail = models.CharField(max_length=300, blank=True)
    sign = models.CharField(max_length=300, blank=True)
    always = models.BooleanField(default=False)
    # One line a span of weekdays, as they were typed: "1-5 09:00-17:00".
    hours = models.CharField(max_length=300, blank=True)
    chat_hours = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300)
    confirmed = models.DateField()
    withdrawn = models.BooleanField(default=False)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "country", "name", "-created_at"], name="help_newest")]

    def __str__(self) -> str:
        return self.name
