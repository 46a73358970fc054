"""Searches for a person that were drawn for an audit, and what an auditor found. Details are facts of their events."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel


class SearchReason(models.TextChoices):
    """Reasons to search for a person, an account or an IP address. A closed list without words about anybody."""

    ASSESSMENT = "assessment", _("Assess whether reports belong together")
    CHILD = "child", _("Identify or protect a child")
    REQUEST = "request", _("Answer a request of an authority or a court")
    COMPLAINT = "complaint", _("Handle a complaint of the person concerned")
    QUALITY = "quality", _("Correct or erase data")
    AUDIT = "audit", _("Audit or supervision")


class SearchFinding(models.TextChoices):
    """What an auditor found about a search."""

    IN_ORDER = "in_order", _("in order")
    TO_CLARIFY = "to_clarify", _("to be clarified with the organisation")


class DrawnSearch(TenantModel):
    """A search for a person that the keyed hash of its ID has put into the sample (`search.keys.drawn`)."""

    # Subject of the event of the search.
    search_id = models.UUIDField(unique=True)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "audit"

    def __str__(self) -> str:
        return str(self.search_id)


class SearchCheck(TenantModel):
    """An auditor's check of a drawn search. The row belongs to the auditor's organisation."""

    drawn = models.OneToOneField(DrawnSearch, on_delete=models.PROTECT, related_name="check_row")
    finding = models.CharField(max_length=12, choices=SearchFinding.choices)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True
    tenancy: ClassVar[str] = "audit"

    def __str__(self) -> str:
        return self.finding
