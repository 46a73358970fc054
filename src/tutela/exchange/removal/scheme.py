"""Messages of the removal scheme: a host accepts or leaves it, and answers what it did about requested hashes."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.removal.requested_hashes import HashType, Shape

LONGEST_DAYS = 730
type RecipientText = Annotated[str, Field(pattern=r"^age1[a-z0-9]{58}$")]


class SchemeAcceptance(Wire):
    """A host accepts the scheme, changes its terms, or leaves (`accepts` is false). The highest sequence counts.

    `types` are the fewest types of hash by which the host finds copies. It gets no other.
    """

    schema_version: Literal["1"] = "1"
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    accepts: bool
    shape: Shape
    types: Annotated[tuple[HashType, ...], Field(min_length=1, max_length=3)]
    recipient: RecipientText
    most_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    at: Moment

    @model_validator(mode="after")
    def _no_type_twice(self) -> Self:
        if len(set(self.types)) < len(self.types):
            raise ValueError("types must not contain a type twice")
        return self


class RemovalOutcome(StrEnum):
    """What a host did. `removed` after an earlier `removed`: a copy had come back."""

    REMOVED = "removed"
    KEPT = "kept"
    # The host has deleted the hashes, because they were withdrawn or had expired.
    DELETED = "deleted"


class KeptBecause(StrEnum):
    """Why a host's reviewer left a picture where it is."""

    OTHER_PICTURE = "other_picture"
    LAWFUL = "lawful"
    NOT_PUBLIC = "not_public"


class RemovalAnswer(Wire):
    """A host's answer about the hashes of one message. It names no item, no account and no address."""

    schema_version: Literal["1"] = "1"
    answer_id: UUID
    message_id: UUID
    # Of the message that it answers: what was sent since then is not meant.
    sequence: Annotated[int, Field(ge=1, le=1_000_000)]
    outcome: RemovalOutcome
    because: KeptBecause | None = None
    at: Moment

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if (self.outcome is RemovalOutcome.KEPT) != (self.because is not None):
            raise ValueError("because is required if a picture is kept, and only then")
        return self
