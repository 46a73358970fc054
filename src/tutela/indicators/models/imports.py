"""Progress of file imports, and the permitted import size of each organisation."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.indicators.models.indicators import RegisterModel


class ImportStep(RegisterModel):
    """Finished part of a file import, stored with its batch in the same transaction.

    `asked` identifies the file and all parameters: the same file with other parameters is another import. A repeated
    import begins another `attempt` at the refused lines (`again`) and at those after `lines`.
    """

    run_id = models.UUIDField()
    asked = models.CharField(max_length=64)
    attempt = models.IntegerField()
    lines = models.BigIntegerField()
    again = ArrayField(models.BigIntegerField(), default=list)

    insert_only: ClassVar[bool] = True

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run_id", "attempt", "lines"], name="one_step_a_line")]
        indexes = [models.Index(fields=["organisation_id", "asked"], name="step_of_import")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.attempt} {self.lines}"


class ImportAllowance(RegisterModel):
    """Daily import allowance of an organisation until a date, set by the Centre in advance.

    The newest allowance counts.
    """

    allowed_id = models.UUIDField(db_index=True)
    entries = models.BigIntegerField()
    valid_to = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.allowed_id} {self.entries}"
