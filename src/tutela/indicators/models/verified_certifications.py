"""Verified certifications: each verified once and stored with a node seal that SQL cannot forge."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.indicators.models.indicators import Indicator, RegisterModel
from tutela.indicators.models.lifecycle import Certification


class CheckedCertification(RegisterModel):
    """A certification's signature held, and covered every hash of its indicator (`verification`).

    `organisation_id` had it checked, `certifier_id` signed, in `country`, by the key `key_id`. `seal` is a keyed hash
    over all of it and over the hashes as they were.
    """

    certification = models.OneToOneField(Certification, on_delete=models.PROTECT, related_name="checked")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField()
    certifier_id = models.UUIDField()
    country = models.CharField(max_length=2)
    key_id = models.CharField(max_length=64)
    seal = models.BinaryField(max_length=32)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.certification_id)
