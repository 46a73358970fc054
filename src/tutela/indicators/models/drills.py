"""Organisations that take part in drills: machines may certify test entries in their name, and nothing else."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import RegisterModel


class DrillMember(RegisterModel):
    """An organisation takes part, from now on. A person of it said so."""

    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.organisation_id)


class DrillMemberEnd(RegisterModel):
    """The organisation no longer takes part."""

    member = models.OneToOneField(DrillMember, on_delete=models.PROTECT, related_name="end")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.member_id)
