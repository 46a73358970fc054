"""Bodies of JSON that HMA's clients send: an object, read once and whole."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from tutela.edge.boundary import Boundary
from tutela.edge.hma.answers import HmaError
from tutela.exchange.canonical import parse
from tutela.exchange.errors import NotJsonError

_MOST = 256 << 10


async def read_object(boundary: Boundary, request: Request) -> dict[str, Any]:
    """The object in the body. Raises HmaError for anything else."""
    try:
        value = parse(await boundary.body(request, _MOST) or b"{}")
    except NotJsonError as error:
        raise HmaError(400, "The body is not JSON", error.detail or None) from None
    if not isinstance(value, dict):
        raise HmaError(400, "The body is not an object")
    return value
