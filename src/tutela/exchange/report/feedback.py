"""Feedback to the provider: the outcome of a report, as far as the authority allows."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from pydantic import model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.report.unfounded_reasons import UnfoundedReason

FEEDBACK_CONTEXT = "tutela/feedback/1"


class FeedbackKind(StrEnum):
    RECEIVED = "received"
    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"
    CLOSED = "closed"
    HOLD = "hold"
    # The provider retracted the report, and the Centre keeps it; `reason` gives the reason.
    STANDS = "stands"


class Feedback(Wire):
    """One step. A provider must be able to undo a wrong decision: "not relevant" has a reason.

    `reason_code` gives the reason in a form that can be counted; messages of older nodes have only text.

    A hold states until when the user is not notified (CSAR 48(6)). With `content_until`, it also states until when the
    content is not removed (48(7)). A time that has passed ends an earlier hold.

    `filed_as` is the number by which the provider knows a report from the CyberTipline interface.
    """

    schema_version: Literal["1"] = "1"
    feedback_id: UUID
    report_id: UUID
    kind: FeedbackKind
    reason: Text | None = None
    reason_code: UnfoundedReason | None = None
    at: Moment
    until: Moment | None = None
    content_until: Moment | None = None
    centre: Line
    filed_as: Line | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        coded = self.reason_code is not None
        worded = self.reason is not None
        if self.kind is FeedbackKind.NOT_RELEVANT:
            if not worded and self.reason_code in (None, UnfoundedReason.OTHER):
                raise ValueError("feedback of no relevance needs a reason")
        elif coded:
            raise ValueError("only feedback of no relevance can have a code of no relevance")
        if (self.kind is FeedbackKind.HOLD) != (self.until is not None):
            raise ValueError("only a hold must have an end")
        if self.content_until is not None and (self.until is None or self.content_until > self.until):
            raise ValueError("content_until must be within a hold")
        return self
