"""Lawful images that an operator adds to the reference: only their hashes, which are public."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela.events.tenant_model import TenantModel
from tutela.indicators.models.indicators import RegisterModel


class ReferenceLoad(RegisterModel):
    """Load of hashes from a file. `set_sha256` identifies the whole reference from then on (`lawful_reference`)."""

    source = models.CharField(max_length=120)
    licence = models.CharField(max_length=120)
    file_sha256 = models.CharField(max_length=64)
    added = models.IntegerField()
    set_sha256 = models.CharField(max_length=64)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return self.source


class ReferenceHash(RegisterModel):
    """A hash of a lawful picture: its kind and its bytes."""

    load = models.ForeignKey(ReferenceLoad, on_delete=models.PROTECT, related_name="hashes")
    kind = models.CharField(max_length=8)
    value = models.BinaryField(max_length=32)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "kind", "value"], name="one_reference_a_load")]

    def __str__(self) -> str:
        return self.kind


class ReferenceEnd(RegisterModel):
    """End of a load: the hashes that it added no longer count."""

    load = models.OneToOneField(ReferenceLoad, on_delete=models.PROTECT, related_name="end")
    set_sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return str(self.load_id)


class Gate(models.TextChoices):
    """Check at which the reference refuses something."""

    PROPOSAL = "proposal", _("a proposal")
    IMPORT = "import", _("an import, or a partner list")
    VIDEO = "video", _("the frames of a proposed video")


class ReferenceRefusals(TenantModel):
    """Count of an organisation's entries that a check refused as lawful on a day (UTC).

    Refusals are counted, so that repeated attempts cannot fill a table. The row belongs to the organisation; the
    Centre, `grantee_id`, sees it.
    """

    grantee_id = models.UUIDField(db_index=True)
    day = models.DateField()
    gate = models.CharField(max_length=10, choices=Gate.choices)
    entries = models.BigIntegerField(default=0)

    tenancy: ClassVar[str] = "given"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation_id", "day", "gate"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.gate} {self.entries}"
