"""The answer to several cases of a partner hotline in one call: one result for each, in their order."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tutela.exchange.message.base import Wire
from tutela.exchange.message.problem import FieldError
from tutela.exchange.takedown.hotline_message import HotlineReceipt


class HotlineLineAnswer(Wire):
    """Result of one case: 201 with its receipt; or 409 or 422 with each invalid field and its reason."""

    line: Annotated[int, Field(ge=1)]
    status: Annotated[int, Field(ge=200, le=599)]
    receipt: HotlineReceipt | None = None
    errors: tuple[FieldError, ...] = ()


class HotlineBatchAnswer(Wire):
    """The answer to a batch."""

    received: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
    results: tuple[HotlineLineAnswer, ...]
