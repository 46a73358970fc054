"""Shifts of people on call."""

from __future__ import annotations

from django.db import models

from tutela.events.tenant_model import TenantModel


class Shift(TenantModel):
    """Weekly shift of a person, by times of day in a time zone. An end at or before the start is on the next day."""

    person = models.CharField(max_length=80)
    person_name = models.CharField(max_length=200)
    # Digits in order; 0 is Monday.
    weekdays = models.CharField(max_length=7)
    start = models.TimeField()
    end = models.TimeField()
    zone = models.CharField(max_length=64)
    # First day, in the shift's zone.
    valid_from = models.DateField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    ended_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "person", "weekdays", "start", "end", "zone"],
                condition=models.Q(ended_at=None),
                name="one_shift_of_the_same_times",
            )
        ]

    def __str__(self) -> str:
        return self.person_name
