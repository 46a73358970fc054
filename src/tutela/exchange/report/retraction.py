"""Retraction: a provider's statement that it filed a report in error.

A retraction has no automatic effect: the Centre decides.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import printable

MOST_REASON_CHARACTERS = 600


class Retraction(Wire):
    """Retraction of a report, and the reason. A report is retracted once."""

    schema_version: Literal["1"] = "1"
    report_id: UUID
    reason: Annotated[str, Field(min_length=1, max_length=MOST_REASON_CHARACTERS), AfterValidator(printable)]
