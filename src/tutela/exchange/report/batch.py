"""Several reports in one body: a JSON array, or one report per line. Each is processed independently."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from pydantic import Field

from tutela.exchange.errors import ExchangeError, NotJsonError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import loaded
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.problem import FieldError

# One transaction: as many as a Centre takes at once without keeping others waiting.
MOST_REPORTS = 100


class TooManyError(ExchangeError):
    """A batch must have 1 to 100 reports."""


class SignedReceipt(Wire):
    """The envelope of a receipt, as it answers a single report."""

    context: Line
    key_id: Line
    payload: str
    signature: str


class LineAnswer(Wire):
    """Result of one report: 201 with its receipt; or 409 or 422 with each invalid field and its reason."""

    line: Annotated[int, Field(ge=1)]
    status: Annotated[int, Field(ge=200, le=599)]
    report_id: UUID | None = None
    receipt: SignedReceipt | None = None
    errors: tuple[FieldError, ...] = ()


class BatchAnswer(Wire):
    """The answer to a batch, in the order of its reports."""

    received: Annotated[int, Field(ge=0)]
    refused: Annotated[int, Field(ge=0)]
    results: tuple[LineAnswer, ...]


def split(body: bytes, *, most: int = MOST_REPORTS) -> list[tuple[int, bytes]]:
    """The reports of a body, each with its number: of its line, or of its place in the array.

    Raises NotJsonError for an array that cannot be read as a whole, and TooManyError.
    """
    array = body.lstrip(b" \t\r\n")[:1] == b"["
    found = _of_array(body) if array else _of_lines(body)
    if not 1 <= len(found) <= most:
        raise TooManyError(f"The batch has {len(found)}.")
    return found


def _of_array(body: bytes) -> list[tuple[int, bytes]]:
    values = loaded(body)
    if not isinstance(values, list):
        raise NotJsonError
    try:
        return [(number, json.dumps(value).encode()) for number, value in enumerate(values, 1)]
    except (ValueError, RecursionError):
        raise NotJsonError from None


def _of_lines(body: bytes) -> list[tuple[int, bytes]]:
    return [(number, line) for number, line in enumerate(body.splitlines(), 1) if line.strip()]
