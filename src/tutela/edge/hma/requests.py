"""JSON from HMA's clients: one object, read completely. Unlike in our messages, fractions are allowed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from tutela.edge.hma.responses import HmaError
from tutela.edge.http_api.middleware import Boundary

MOST_BODY_BYTES = 256 << 10
# Bytes in memory for each of a body once it is objects.
_OBJECTS = 30


async def read_object(boundary: Boundary, request: Request) -> dict[str, Any]:
    """The object in the body. Raises HmaError for anything else."""
    return as_object("The body", await boundary.body(request, MOST_BODY_BYTES, becomes=_OBJECTS) or b"{}")


def as_object(what: str, data: bytes | str) -> dict[str, Any]:
    """The object that a text of JSON is. Raises HmaError, also for a name twice and for half a character."""
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise HmaError(400, f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise HmaError(400, f"{what} is not an object")
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice")
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)
