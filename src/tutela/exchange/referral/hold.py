"""Hold request of an authority to a provider through the Centre, with an end time."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tutela.exchange.message.timestamps import Moment


class HoldAsked(BaseModel):
    """Hold request: the user is not told until a given time.

    With `keep_content` the content is not removed before it. Source: COM(2022) 209, Art. 48(6) and (7).
    """

    model_config = ConfigDict(extra="forbid")
    referral_id: UUID
    reason: str = Field(min_length=1, max_length=300)
    until: Moment
    keep_content: bool = False


class HoldEnded(BaseModel):
    """Everything that this authority asked for about a referral is over."""

    model_config = ConfigDict(extra="forbid")
    referral_id: UUID
