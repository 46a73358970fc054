"""Pictures that look alike: each item's perceptual hash, sealed, and which pairs were found near each other."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenancy import TenantModel
from tutela.reports.models.desk import Item, Report


class Look(TenantModel):
    """How an item looks: its PDQ hash, sealed by the key of a report that carries it. `number` counts them."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="looks")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="looks")
    blind = models.BinaryField(max_length=32)
    sealed = models.BinaryField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "blind"], name="one_look_an_item"),
            models.UniqueConstraint(fields=["organisation_id", "number"], name="one_look_a_number"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Near(TenantModel):
    """Two items that look alike, so many bits apart, with a report of each: what explains a bundle."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="near")
    other_item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="near")
    other = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="near_of")
    distance = models.SmallIntegerField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "other_item"], name="one_near_a_pair")]

    def __str__(self) -> str:
        return str(self.distance)
