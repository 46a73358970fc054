"""Vantage points that look at addresses for a hotline, and the task lists that they were given."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class VantagePoint(TenantModel):
    """A machine in some country that looks at addresses. It has its own key, and no account."""

    name = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    public_key = models.CharField(max_length=64)
    # The newest list made for it, and the newest answer taken from it.
    tasks_sequence = models.PositiveBigIntegerField(default=0)
    results_sequence = models.PositiveBigIntegerField(default=0)
    answered_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "public_key"],
                condition=models.Q(removed_at=None),
                name="one_vantage_point_a_key",
            ),
            # Looks are told apart by the name.
            models.UniqueConstraint(
                fields=["organisation_id", "name"],
                condition=models.Q(removed_at=None),
                name="one_vantage_point_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VantageList(TenantModel):
    """What is kept of a task list: which cases it asked about, and no address."""

    point = models.ForeignKey(VantagePoint, on_delete=models.PROTECT, related_name="lists")
    nonce = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    cases = models.JSONField()

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.pk)
