"""Table of clock changes on the machines."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from tutela.events.tenant_model import TenantModel


class ClockMoved(TenantModel):
    """Change of a machine's clock while a worker ran there. `created_at` is the time shown afterwards."""

    machine = models.CharField(max_length=80)
    # Forwards; backwards with a minus.
    seconds = models.FloatField()

    insert_only: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.machine}: {self.seconds:+.0f} s"
