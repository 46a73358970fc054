"""The HTTP face of the Edge.

    POST /v1/scan          raw bytes in the body; `X-Tutela-Item` names the item and makes a match a candidate
    POST /v1/lookup        JSON (`service.Lookup`), up to 1000 items
    GET  /healthz/live     the process runs
    GET  /healthz/ready    200 while every expected list is trusted, else 503; measured by the lists' own age
    GET  /metrics          Prometheus

Scan and look-up need `Authorization: Bearer`. Errors are problem details.
An upload stays in memory and is never logged.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import structlog
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tutela import clock
from tutela.edge.candidates import Named
from tutela.edge.errors import NoTrustedListError
from tutela.edge.service import EdgeService, Lookup
from tutela.edge.settings import Settings
from tutela.exchange.errors import NotJsonError
from tutela.exchange.problem import MEDIA_TYPE, FieldError, Problem, from_validation

_log = structlog.get_logger("tutela.edge")

# A thousand items with fifty hashes in eight forms stay below this.
MAX_LOOKUP_BYTES = 16 << 20
_MAX_NAME = 300

type Handler = Callable[[Request], Awaitable[Response]]
type Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class _ProblemError(Exception):
    def __init__(self, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.title)
        self.problem, self.headers = problem, headers or {}


def build_app(settings: Settings, service: EdgeService, lifespan: Lifespan | None = None) -> Starlette:
    """The application over a service that is already wired."""
    api = _Api(settings, service)
    routes = [
        Route("/v1/scan", api.guarded(api.scan), methods=["POST"]),
        Route("/v1/lookup", api.guarded(api.lookup), methods=["POST"]),
        Route("/healthz/live", api.live),
        Route("/healthz/ready", api.ready),
        Route("/metrics", api.metrics),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


class _Api:
    def __init__(self, settings: Settings, service: EdgeService) -> None:
        self._settings, self._service = settings, service
        self._tokens = [token.get_secret_value().encode() for token in settings.tokens]

    def guarded(self, handler: Handler) -> Handler:
        """Authenticate, give the request an id, and turn every error into a problem."""

        async def guard(request: Request) -> Response:
            request_id = uuid4().hex
            try:
                self._authenticate(request)
                answer = await handler(request)
            except _ProblemError as error:
                answer = _answer(error.problem.model_copy(update={"request_id": request_id}), error.headers)
            except NoTrustedListError as error:
                answer = _answer(_problem(503, "No trusted list.", str(error), request_id), {"Retry-After": "5"})
            except ClientDisconnect:
                answer = Response(status_code=400)
            except Exception as error:  # noqa: BLE001 - the boundary: nothing internal leaves, everything is logged
                _log.error("unexpected", request_id=request_id, error=type(error).__name__)
                answer = _answer(_problem(500, "Unexpected error.", None, request_id))
            answer.headers["X-Request-Id"] = request_id
            return answer

        return guard

    async def scan(self, request: Request) -> Response:
        named = self._named(request)
        data = await self._body(request, self._settings.max_body_bytes)
        if not data:
            raise _ProblemError(_field(400, "The body is empty.", "body", "send the bytes of the picture as the body"))
        return JSONResponse(await run_in_threadpool(self._service.scan, data, named, request.state.tenant))

    async def lookup(self, request: Request) -> Response:
        data = await self._body(request, MAX_LOOKUP_BYTES)
        try:
            query = Lookup.from_bytes(data)
        except NotJsonError as error:
            raise _ProblemError(_field(400, "The body cannot be read.", "body", str(error))) from None
        except ValidationError as error:
            raise _ProblemError(from_validation(error)) from None
        return JSONResponse(await run_in_threadpool(self._service.lookup, query))

    async def live(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(self, _: Request) -> Response:
        now, lists = clock.now(), self._service.lists
        described = [live.describe(now) for live in lists.all()]
        missing = sorted(set(lists.expected) - {one["list_id"] for one in described if one["trusted"]})
        ready = not missing and any(one["trusted"] for one in described)
        body = {"ready": ready, "lists": described, "missing": missing}
        return JSONResponse(body, status_code=200 if ready else 503)

    async def metrics(self, _: Request) -> Response:
        page = await run_in_threadpool(self._service.metrics.page, self._service.lists, self._service.outbox)
        return Response(page, media_type="text/plain; version=0.0.4")

    def _authenticate(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Compared with every token, so that the time tells nothing about which was near.
        known = [hmac.compare_digest(given.strip().encode(), token) for token in self._tokens]
        if scheme.lower() != "bearer" or not any(known):
            problem = _field(401, "Authentication is required.", "authorization", "send a bearer token of this Edge")
            raise _ProblemError(problem, {"WWW-Authenticate": "Bearer"})
        # Each token is a caller of its own, by its place in the settings: no secret goes further than here.
        request.state.tenant = f"token-{known.index(True)}"

    def _named(self, request: Request) -> Named | None:
        item = self._metadata(request, "item")
        if item is None:
            return None
        given = {name: self._metadata(request, name) for name in ("account", "service", "channel")}
        service, channel = given["service"] or self._settings.service, given["channel"] or self._settings.channel
        return Named(item, given["account"], service, channel)

    def _metadata(self, request: Request, name: str) -> str | None:
        header = f"X-Tutela-{name.title()}"
        text = request.headers.get(header) or request.query_params.get(name)
        if text is None:
            return None
        if not text.strip() or len(text) > _MAX_NAME or not text.isprintable():
            raise _ProblemError(_field(400, "A name is wrong.", header, f"1 to {_MAX_NAME} printable characters"))
        return text

    async def _body(self, request: Request, limit: int) -> bytes:
        if request.headers.get("content-encoding", "identity") != "identity":
            raise _ProblemError(
                _field(415, "The encoding is not read.", "content-encoding", "send the bytes as they are")
            )
        too_large = _ProblemError(_field(413, "The body is too large.", "body", f"at most {limit} bytes"))
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
        return bytes(body)


def _problem(status: int, title: str, detail: str | None, request_id: str) -> Problem:
    return Problem(title=title, status=status, detail=detail, request_id=request_id)


def _field(status: int, title: str, field: str, reason: str) -> Problem:
    return Problem(title=title, status=status, errors=(FieldError(field=field, reason=reason),))


def _answer(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    return Response(problem.to_bytes(), problem.status, headers, MEDIA_TYPE)
