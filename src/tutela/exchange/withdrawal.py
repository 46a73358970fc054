"""A Centre's word to a provider that an indicator was wrong: what rested on it must be looked at again."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from tutela.exchange.report_fields import Text
from tutela.exchange.wire import Wire


class Withdrawal(Wire):
    """An indicator ended by an error: revoked after a dispute, or a report on it found to be mistaken."""

    schema_version: Literal["1"] = "1"
    indicator: UUID
    reason: Text
    at: AwareDatetime
