"""A withdrawal: an indicator, or a whole report, turned out to be wrong; everybody who got it is told."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import UUID7, AwareDatetime, Field, model_validator

from tutela.exchange.report_fields import Line, Text
from tutela.exchange.wire import Wire


class Withdrawal(Wire):
    """What no longer holds, and why. `report_ids` are those of the recipient that rested on it."""

    schema_version: Literal["1"] = "1"
    indicator: UUID | None = None
    report_ids: Annotated[tuple[UUID7, ...], Field(max_length=10_000)] = ()
    reason: Text
    at: AwareDatetime
    centre: Line | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.indicator is None and not self.report_ids:
            raise ValueError("names neither an indicator nor a report")
        return self
