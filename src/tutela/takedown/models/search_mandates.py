"""Mandates for proactive search: who asked for it, what for, and until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel
from tutela.takedown.models.partners import IncomingCase


class SearchMandate(TenantModel):
    """One request for a proactive search. It has a purpose and ends by itself."""

    number = models.CharField(max_length=20, unique=True)
    # Who asks: an authority, a partner hotline or the own management, and the document that says so.
    requested_by = models.CharField(max_length=200)
    document = models.CharField(max_length=300)
    purpose = models.CharField(max_length=500)
    first_day = models.DateField()
    last_day = models.DateField()
    # The case of a victim support that asked for it: what is found is reported to it.
    incoming = models.OneToOneField(IncomingCase, on_delete=models.PROTECT, null=True, related_name="search")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.number


class SearchMandateStep(TenantModel):
    """A second person confirmed a mandate, or somebody ended it."""

    mandate = models.ForeignKey(SearchMandate, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=9, choices=[("confirmed", "confirmed"), ("ended", "ended")])
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mandate", "kind"], name="one_step_a_search_mandate")]

    def __str__(self) -> str:
        return self.kind
