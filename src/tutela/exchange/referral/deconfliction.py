"""Deconfliction: find out that two authorities have the same identifier, and nothing else.

Messages contain points, never identifiers.

1. A holder publishes the values of its identifiers under a secret of its own (RFC 9497), truncated and padded.
2. An asker blinds its identifiers; the Centre forwards the points to every holder, without naming the asker.
3. Each holder multiplies by its secret and proves it; the Centre forwards the answer, without naming the holder.
4. The asker removes its blinding and looks the values up in the holder's set. If equal, the holder has it too.
5. To learn the holder's name, the asker proves under its own name that it knows the whole value; the holder decides.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Sha256, Text
from tutela.exchange.message.timestamps import Moment

MOST_POINTS = 64
# An investigator's day, with room: ten identifiers an hour. Who tries a street's telephone numbers needs thousands.
POINTS_A_DAY = 4 * MOST_POINTS
# A day's budget is that of any two half-days (UTC) in a row: at midnight nobody has another one at once.
HALF_A_DAY = timedelta(hours=12)
# Bytes of a value that a set shows; the rest proves that somebody computed it.
TAG_BYTES = 16
MOST_VALUES = 4096
# A set's size is a multiple of this, so that it reveals little about the number of identifiers.
FILLED_TO = 64

type Tag = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
type Points = Annotated[tuple[Sha256, ...], Field(min_length=1, max_length=MOST_POINTS)]
type Proof = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class HolderSet(Wire):
    """Published values of a holder. A set without values ends its participation."""

    set_id: UUID
    public: Sha256
    values: Annotated[tuple[Tag, ...], Field(max_length=MOST_VALUES)] = ()
    at: Moment

    @model_validator(mode="after")
    def _hides_its_size(self) -> Self:
        if len(set(self.values)) != len(self.values):
            raise ValueError("values must not contain a value twice")
        if len(self.values) % FILLED_TO:
            raise ValueError(f"values must be padded to a multiple of {FILLED_TO}")
        return self


class Question(Wire):
    """Blinded points. On the way to a holder the Centre gives it another id."""

    question_id: UUID
    points: Points


class Evaluation(Wire):
    """A holder's answer to a question: its points times the secret, and one proof for all."""

    public: Sha256
    evaluated: Points
    proof: Proof


class Answered(Wire):
    """A holder's answer on its way back. `relay_id` stands for the holder in this answer alone."""

    question_id: UUID
    relay_id: UUID
    evaluation: Evaluation
    values: Annotated[tuple[Tag, ...], Field(max_length=MOST_VALUES)]


class ContactRequest(Wire):
    """The asker wants to know the holder's name, and states its own."""

    request_id: UUID
    relay_id: UUID
    tag: Tag
    proof: Sha256
    authority: Line
    message: Text | None = None


class ContactReply(Wire):
    """The holder's decision. Who declines is not named."""

    request_id: UUID
    accepted: bool
    authority: Line | None = None
    contact: Text | None = None

    @model_validator(mode="after")
    def _named_or_not(self) -> Self:
        if self.accepted != (self.authority is not None and self.contact is not None):
            raise ValueError("accepting needs a name and a contact; declining has neither")
        return self


def proof_of(value: bytes, request_id: UUID, relay_id: UUID) -> str:
    """Proof of knowing a whole value, for one request about one answer."""
    said = b"tutela-deconfliction/1\0" + request_id.bytes + relay_id.bytes
    return hmac.new(value[TAG_BYTES:], said, hashlib.sha256).hexdigest()
