"""HMA's answer formats: errors as `{"message", "details"}`, distances as text."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from tutela.edge.errors import FetchFailedError, FetchRefusedError, NoTrustedListError
from tutela.edge.http_api.middleware import ProblemError, not_kept
from tutela.edge.runtime.limits import LimitedError

_log = structlog.get_logger("tutela.edge")

type Handler = Callable[[Request], Awaitable[Response]]


class HmaError(Exception):
    """An answer with a status and a message."""

    def __init__(self, status: int, message: str, details: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


def spoken(handler: Handler) -> Handler:
    """Wrap the handler so that its errors have HMA's form."""

    async def answer(request: Request) -> Response:
        request_id = uuid4().hex
        try:
            response = await handler(request)
        except Exception as error:  # noqa: BLE001 - the boundary: nothing internal leaves, everything is logged
            response = _said(error, request_id)
        response.headers["X-Request-Id"] = request_id
        return response

    return answer


def _said(error: Exception, request_id: str) -> Response:
    match error:
        case HmaError():
            return _answer(error.status, error.message, error.details)
        case ProblemError():
            reasons = "; ".join(f"{one.field}: {one.reason}" for one in error.problem.errors)
            return _answer(error.problem.status, error.problem.title, reasons or None, error.headers)
        case LimitedError():
            return _answer(error.status, str(error), None, {"Retry-After": str(error.seconds)})
        case NoTrustedListError():
            return _answer(503, "index not yet ready", str(error), {"Retry-After": "5"})
        case FetchRefusedError():
            return _answer(403, str(error))
        case FetchFailedError():
            return _answer(503, str(error))
        case sqlite3.OperationalError():
            _log.error("spool", request_id=request_id, error=str(error)[:100])
            status, title, headers = not_kept(error)
            return _answer(status, title, request_id, headers)
        case ClientDisconnect():
            return Response(status_code=400)
        case _:
            _log.error("unexpected", request_id=request_id, error=type(error).__name__)
            return _answer(500, "Unexpected error.", request_id)


def _answer(status: int, message: str, details: str | None = None, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"message": message, "details": details}, status, headers)
