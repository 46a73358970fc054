"""Middleware of every request: authentication, limits and error format."""

from __future__ import annotations

import asyncio
import hmac
import sqlite3
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tutela.edge.errors import FetchFailedError, FetchRefusedError, NoTrustedListError, QueueFullError
from tutela.edge.runtime.limits import HeldBytes, LimitedError, Limits
from tutela.edge.runtime.settings import Settings
from tutela.exchange.errors import NotJsonError
from tutela.exchange.message.problem import MEDIA_TYPE, FieldError, Problem, from_validation
from tutela.exchange.message.text_cleanup import whole_number

_log = structlog.get_logger("tutela.edge")

_NOT_WELL = 400
# A body may take so long, and a second more for each of so many bytes that came.
_BODY_SECONDS, _BODY_PACE = 30.0, 32_768
# A full disk shows itself in several places of a write.
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_AGAIN = "Nothing was stored. Send the same request again later."

type Handler = Callable[[Request], Awaitable[Response]]


class ProblemError(Exception):
    """An answer that is a problem."""

    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem, self.headers = problem, headers or {}


class Boundary:
    """Authenticates, limits, and turns every error into a problem. One for each process."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.limits = limits
        self._tokens = [token.get_secret_value().encode() for token in settings.tokens]

    def guarded(self, handler: Handler, *, told: bool = True) -> Handler:
        """Wrap a handler in the boundary. `request.state.client` is the number of the caller's token.

        Every request is a line of the log; with `told` false, only those that did not succeed.
        """

        async def guard(request: Request) -> Response:
            request_id, began = uuid4().hex, time.perf_counter()
            try:
                request.state.client = self._client(request)
                answer = await self._held(handler, request)
            except Exception as error:  # noqa: BLE001 - the boundary: nothing internal leaves, everything is logged
                answer = said(error, request_id)
            answer.headers["X-Request-Id"] = request_id
            if told or answer.status_code >= _NOT_WELL:
                milliseconds = round((time.perf_counter() - began) * 1000, 1)
                client = getattr(request.state, "client", None)
                _log.info(
                    "request",
                    request_id=request_id,
                    client=client,
                    path=request.scope["path"],
                    status=answer.status_code,
                    milliseconds=milliseconds,
                )
            return answer

        return guard

    def counted(self, handler: Handler, *, token: bool) -> Handler:
        """The handler within each caller's share, one item a request; those without a token share one.

        With `token`, raises ProblemError for callers without; errors are somebody else's to say.
        """

        async def known(request: Request) -> Response:
            request.state.client = self._client(request) if token else -1
            self.limits.take(request.state.client, 1)
            return await self._held(handler, request)

        return known

    async def _held(self, handler: Handler, request: Request) -> Response:
        """Run the handler; the bytes of the request count until it ends, whatever the result."""
        with self.limits.holding(getattr(request.state, "client", -1)) as held:
            request.state.held = held
            return await handler(request)

    async def body(self, request: Request, most: int, *, becomes: int = 1) -> bytes:
        """The body, in memory; it counts against what may be held until the request is answered.

        `becomes`: so many bytes stand for each of it once it is understood. Raises ProblemError or LimitedError.
        """
        if request.headers.get("content-encoding", "identity") != "identity":
            raise ProblemError(
                field(415, "The content encoding is not supported.", "content-encoding", "send the bytes as they are")
            )
        most = min(most, self.limits.most)
        length = request.headers.get("content-length", "")
        known = whole_number(length)
        if known is not None and known > most:
            raise _too_large(most)
        # A body of unknown length may become as large as any: it takes the room before the first byte is read.
        reserved = most if known is None else known
        self.hold(request, reserved)
        data = await _read(request, most)
        self.hold(request, len(data) * becomes - reserved)
        return data

    def hold(self, request: Request, size: int) -> None:
        """Count so many bytes more, or fewer, until the request is answered. Raises LimitedError."""
        held: HeldBytes = request.state.held
        held.add(size)

    def _client(self, request: Request) -> int:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Compared with every token, so that the time tells nothing about which was near.
        known = [hmac.compare_digest(given.strip().encode(), token) for token in self._tokens]
        if scheme.lower() != "bearer" or not any(known):
            problem = field(401, "Authentication is required.", "authorization", "send a bearer token of this Edge")
            raise ProblemError(problem, {"WWW-Authenticate": "Bearer"})
        return known.index(True)


async def _read(request: Request, most: int) -> bytes:
    chunks, size, more, began = [], 0, True, time.monotonic()
    while more:
        # What holds memory and brings nothing would keep everybody else out.
        left = _BODY_SECONDS + size / _BODY_PACE - (time.monotonic() - began)
        try:
            async with asyncio.timeout(left):
                message = await request.receive()
        except TimeoutError:
            problem = field(408, "The body was too slow.", "body", f"at least {_BODY_PACE} bytes per second")
            raise ProblemError(problem, {"Connection": "close"}) from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size, more = size + len(chunks[-1]), message.get("more_body", False)
        if size > most:
            raise _too_large(most)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large(most: int) -> ProblemError:
    return ProblemError(field(413, "The body is too large.", "body", f"at most {most} bytes"))


def tenant_of(request: Request) -> str:
    """Caller of a request, named by its token's position in the settings: no secret goes further than here."""
    return f"token-{getattr(request.state, 'client', 'none')}"


def said(error: Exception, request_id: str) -> Response:
    """The answer for an error; what nobody foresaw is logged by its name and shown as nothing."""
    match error:
        case ProblemError():
            return answered(error.problem.model_copy(update={"request_id": request_id}), error.headers)
        case LimitedError():
            return answered(_problem(error.status, str(error), None, request_id), {"Retry-After": str(error.seconds)})
        case NoTrustedListError():
            return answered(_problem(503, error.title, str(error), request_id), {"Retry-After": "5"})
        case QueueFullError() | FetchFailedError():
            return answered(_problem(503, str(error), None, request_id), {"Retry-After": "5"})
        case FetchRefusedError():
            return answered(field(422, "The address is not fetched.", "url", str(error), request_id))
        case NotJsonError():
            return answered(field(400, "The body cannot be read.", "body", str(error), request_id))
        case ValidationError():
            return answered(from_validation(error, request_id=request_id))
        case ClientDisconnect():
            return Response(status_code=400)
        case sqlite3.OperationalError():
            _log.error("spool", request_id=request_id, error=str(error)[:100])
            status, title, headers = not_kept(error)
            return answered(_problem(status, title, _AGAIN, request_id), headers)
        case _:
            _log.error("unexpected", request_id=request_id, error=type(error).__name__)
            return answered(_problem(500, "Unexpected error.", None, request_id))


def not_kept(error: sqlite3.OperationalError) -> tuple[int, str, dict[str, str]]:
    """Status, title and headers where a spool kept nothing: its disk is full, or others hold its file too long."""
    if error.sqlite_errorcode & 0xFF in _NO_ROOM:
        return 507, "There is no space to store this.", {"Retry-After": "60"}
    return 503, "The spool is busy.", {"Retry-After": "5"}


def field(status: int, title: str, name: str, reason: str, request_id: str | None = None) -> Problem:
    """A problem with one field."""
    errors = (FieldError(field=name, reason=reason),)
    return Problem(title=title, status=status, request_id=request_id, errors=errors)


def answered(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem over HTTP."""
    return Response(problem.to_bytes(), problem.status, headers, MEDIA_TYPE)


def _problem(status: int, title: str, detail: str | None, request_id: str) -> Problem:
    return Problem(title=title, status=status, detail=detail, request_id=request_id)
