"""Stored public figures, and what providers say to them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class FigureQuarter(TenantModel):
    """The figures of one complete quarter. They never change; providers may reply before they are published."""

    # Its first ISO week, such as 2026-W14.
    first_week = models.CharField(max_length=8)
    body = models.JSONField()
    publish_at = models.DateTimeField()

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "first_week"], name="one_figure_a_quarter")]

    def __str__(self) -> str:
        return self.first_week


class FigureReply(TenantModel):
    """What a provider says to its line of a quarter. The newest reply of a provider is published."""

    quarter = models.ForeignKey(FigureQuarter, on_delete=models.PROTECT, related_name="replies")
    provider_id = models.UUIDField()
    # The line's name in the figures.
    provider = models.CharField(max_length=200)
    text = models.TextField()
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.provider
