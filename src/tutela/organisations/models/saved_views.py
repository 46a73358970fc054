"""Table of saved views: filters and order of a list under a name."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class SavedView(TenantModel):
    """One person's view of a list; colleagues see shared views.

    Saving a view again removes the old one.
    """

    listing = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    # As in an address: nothing but the list's own filters.
    query = models.CharField(max_length=600, blank=True)
    shared_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation_id", "by", "listing", "name"],
                condition=models.Q(removed_at=None),
                name="one_view_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.name
