"""Indicators, their hashes and their imports."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel, unindexed


class RegisterModel(TenantModel):
    """A row of the register: written by its organisation, seen by every member of the register."""

    tenancy: ClassVar[str] = "register"

    class Meta:
        abstract = True


class MediaType(models.TextChoices):
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")


class Indicator(RegisterModel):
    """An item known by its digests. `organisation_id` is the proposer. The series has a random code, never a name."""

    organisation_id = unindexed()
    number = models.CharField(max_length=16)
    media_type = models.CharField(max_length=8, choices=MediaType.choices)
    classification = models.CharField(max_length=80)
    series = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=300)
    proposed_by = models.CharField(max_length=80)
    # Source list or case, where stated, and the import; empty for an indicator proposed individually.
    source = models.CharField(max_length=80, blank=True, default="")
    run_id = models.UUIDField(null=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="one_indicator_number")]
        indexes = [
            models.Index(fields=["-created_at"], name="indicator_recent"),
            models.Index(fields=["organisation_id", "-created_at"], name="indicator_of_recent"),
            models.Index(fields=["run_id", "id"], name="indicator_of_run", condition=models.Q(run_id__isnull=False)),
            models.Index(fields=["media_type", "-created_at"], name="indicator_media"),
            # By what stands there: an index over upper-case letters is not used under a policy.
            models.Index(fields=["series", "-created_at"], name="indicator_series", condition=~models.Q(series="")),
            models.Index(
                fields=["organisation_id", "-created_at"],
                name="indicator_by_hand",
                condition=models.Q(run_id__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class LegalityStated(RegisterModel):
    """Proposer's statement that an item is illegal or lawful in a country, and by which norm."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="legalities")
    country = models.CharField(max_length=2)
    illegal = models.BooleanField()
    norm = models.CharField(max_length=300, blank=True)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "organisation_id", "country"], name="one_word_a_country")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.country}"


class ImportBatch(RegisterModel):
    """Progress of an import, stored with these rows in their transaction. The digest identifies the file."""

    run_id = models.UUIDField()
    file_sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=80)
    lines = models.BigIntegerField()
    accepted = models.BigIntegerField()
    refused = models.BigIntegerField()
    by = models.CharField(max_length=80)
    # What is compared with the organisation's next imports: without a digest, PDQ hashes, their median quality.
    bare = models.IntegerField(default=0)
    looks = models.IntegerField(default=0)
    quality = models.SmallIntegerField(default=0)

    insert_only: ClassVar[bool] = True

    class Meta:
        indexes = [models.Index(fields=["organisation_id", "file_sha256"], name="import_of_file")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.lines}"


class IndicatorHash(RegisterModel):
    """One hash of an indicator, wrapped. `blind` is a keyed hash of it, to find equal ones without unwrapping.

    Triggers refuse any but the proposer's, any once somebody has certified, and every change but a sketch that lacks.
    They ask for the indicator as well, once a statement, in place of a constraint that asks for every row.
    """

    organisation_id = unindexed()
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="hashes", db_constraint=False)
    kind = models.CharField(max_length=8)
    wrapped = models.BinaryField(max_length=120)
    blind = models.BinaryField(max_length=32)
    quality = models.SmallIntegerField(null=True)
    hasher = models.CharField(max_length=40, blank=True)
    # Of a PDQ hash, also of a window's: a keyed hash of some of its bits, that as good as identical ones mostly share.
    sketch = models.BigIntegerField(null=True)
    # Of the commitments in the indicator's signed acts; in one of its hashes, with which it goes. None of before.
    salt = models.BinaryField(max_length=32, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "blind"], name="indicator_blind"),
            models.Index(fields=["sketch"], name="indicator_sketch", condition=models.Q(sketch__isnull=False)),
            models.Index(
                fields=["id"],
                name="without_sketch",
                condition=models.Q(sketch__isnull=True, kind__in=("pdq", "window")),
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class HashValue(RegisterModel):
    """Value of a hash in the certified set, computed once per `values` key. Only an erasure deletes it.

    `seal` is the node's seal over item, key and value (`sealed_values`): a value without one does not count.
    """

    hash = models.ForeignKey(IndicatorHash, on_delete=models.PROTECT, related_name="values")
    key_id = models.CharField(max_length=64)
    value = models.BinaryField(max_length=32)
    # Empty: from before there were seals.
    seal = models.BinaryField(max_length=16, default=b"")

    by_function: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hash", "key_id"], name="one_value_a_key")]
        indexes = [models.Index(fields=["key_id"], name="value_unsealed", condition=models.Q(seal=b""))]

    def __str__(self) -> str:
        return str(self.hash_id)
