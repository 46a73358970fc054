"""How far an import of a file has come, and how large the imports of an organisation may be."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tutela.indicators.models.indicators import RegisterModel


class ImportStep(RegisterModel):
    """A part of a file was done: with its batch, in its transaction.

    `asked` names the file and all that was said with it: the same file, asked for otherwise, is another import. Whoever
    gives the same again begins another `attempt` at the lines that were refused (`again`) and at those behind `lines`.
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
    """So much an organisation may import a day until then, said by the Centre beforehand. The newest one counts."""

    allowed_id = models.UUIDField(db_index=True)
    entries = models.BigIntegerField()
    valid_to = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=200)

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.allowed_id} {self.entries}"
