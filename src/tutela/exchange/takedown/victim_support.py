"""Messages between victim support and a hotline, in addition to cases and statuses (`hotline_message`).

Victim support sends addresses as a hotline sends a case. It can take a case back, and ask for a proactive search of
public hosts. A search has the ID of the request, and an end; nothing about a person.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from pydantic import model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Reference

LONGEST_SEARCH = timedelta(days=366)


class CaseWithdrawn(Wire):
    """The sender takes a case back: the person withdrew or paused the request."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    case_reference: Reference
    at: Moment


class SearchAsked(Wire):
    """A request to search public hosts until a day. A second person at the hotline confirms it."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    # ID of the search; found addresses are reported as statuses of a case with this reference.
    request: Reference
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if not self.first_day <= self.last_day <= self.first_day + LONGEST_SEARCH:
            raise ValueError("last_day must not be before first_day, nor more than a year after it")
        return self


class SearchState(StrEnum):
    """State of a search at the hotline."""

    CONFIRMED = "confirmed"
    ENDED = "ended"


class SearchStatus(Wire):
    """A search was confirmed, or has ended."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    request: Reference
    state: SearchState
    own_reference: Reference
    at: Moment
