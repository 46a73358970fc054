"""HTTP interface of the Edge.

    POST /v1/scan          the bytes as the body, or a form with one file; `X-Tutela-Item` makes a match a candidate
    POST /v1/scan/url      JSON {"url", "item"…}: fetched from a listed origin (off until one is listed)
    POST /v1/lookup        JSON (`lookup_query.Lookup`), up to 1000 items
    POST /v1/events/s3     notifications of an object store: new objects are scanned soon
    GET  /v1/lists         the lists in use and their ages
    GET  /healthz/live     the process runs
    GET  /healthz/ready    200 while every expected list is trusted, else 503; measured by the lists' own age
    GET  /metrics          Prometheus
    GET  /openapi.json     description of this API

Every path under /v1 needs `Authorization: Bearer`. Errors are problem details. An upload stays in memory and is never
logged.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated

from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from tutela import clock
from tutela.edge.active_lists.provider_lists import refused_sources
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.hma.routes import hma_routes
from tutela.edge.http_api import multipart
from tutela.edge.http_api.bucket_events import Notification, announced
from tutela.edge.http_api.middleware import Boundary, Handler, ProblemError, field, tenant_of
from tutela.edge.http_api.openapi import described_api
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.limits import Limits
from tutela.edge.runtime.lookup_query import Lookup
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.second_pass import state_of_second_pass
from tutela.edge.runtime.settings import HmaMode, Settings, UndecodedPolicy
from tutela.edge.runtime.threads import asking, scanning
from tutela.edge.spool.candidates import NamedItem
from tutela.exchange.message.answer_headers import complete
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line
from tutela.matching.lists.counts import drill_entries_of
from tutela.scan.outcome import Status

# A thousand items with fifty hashes in eight forms stay below this.
MAX_LOOKUP_BYTES = 16 << 20
# Below this an Edge may soon keep no candidate and no newer list.
LEAST_FREE = 64 << 20
# Bytes in memory for each of a body once it is objects, measured: of hashes, and of the short names of a notification.
_QUESTION, _NOTIFICATION = 10, 30
_MAX_NAME = 300
LOOKUP = "/v1/lookup"
# So many items without perceptual hashes are looked up sooner than a thread could be asked to.
_AT_ONCE = 100

_NO_LIST = "No list is set: give TUTELA_EDGE_PROVIDER_LISTS, or TUTELA_EDGE_LIST_IDS."

type Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


class UrlScan(Wire):
    """The body of `POST /v1/scan/url`."""

    url: Annotated[str, Field(min_length=1, max_length=4096)]
    item: Line | None = None
    account: Line | None = None
    service: Line | None = None
    channel: Line | None = None
    undecoded: UndecodedPolicy | None = None


def build_app(
    settings: Settings,
    service: EdgeService,
    lifespan: Lifespan | None = None,
    curating: Curating | None = None,
    together: Path | None = None,
) -> Starlette:
    """Create the application over a wired service; with `curating`, also HMA's interface if it is enabled.

    `together`: the file in which all processes of this Edge count what they hold (`Limits`).
    """
    boundary = Boundary(settings, Limits(settings, service.metrics, together=together))
    more = hma_routes(settings, service, boundary, curating) if curating and settings.hma is not HmaMode.OFF else []
    api = _Api(settings, service, boundary)
    lookup = boundary.guarded(api.lookup, told=False)
    routes: list[BaseRoute] = [
        Route(LOOKUP, lookup, methods=["POST"]),
        Route("/v1/scan", boundary.guarded(api.scan), methods=["POST"]),
        Route("/v1/scan/url", boundary.guarded(api.scan_url), methods=["POST"]),
        Route("/v1/events/s3", boundary.guarded(api.events), methods=["POST"]),
        Route("/v1/lists", boundary.guarded(api.lists)),
        Route("/healthz/live", api.live),
        Route("/healthz/ready", api.ready),
        Route("/metrics", api.metrics),
        Route("/openapi.json", api.openapi),
        *more,
    ]
    return _Edge(lookup, routes, lifespan)


class _Edge(Starlette):
    """Starlette, but for the one address that is asked thousands of times a second: it needs no routing."""

    def __init__(self, lookup: Handler, routes: list[BaseRoute], lifespan: Lifespan | None) -> None:
        super().__init__(routes=routes, lifespan=lifespan)
        self._lookup = lookup

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            send = complete(send, secure=(b"x-forwarded-proto", b"https") in scope["headers"])
        if scope["type"] == "http" and scope["path"] == LOOKUP and scope["method"] == "POST":
            scope.setdefault("state", {})
            answer = await self._lookup(Request(scope, receive, send))
            await answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class _Api:
    def __init__(self, settings: Settings, service: EdgeService, boundary: Boundary) -> None:
        self._settings, self._service, self._boundary = settings, service, boundary
        self._fetcher = Fetcher(settings.fetch_origins, settings.fetch_networks, settings.max_body_bytes)

    async def scan(self, request: Request) -> Response:
        named, location = self._named(request), self._metadata(request, "location", 4096)
        undecoded = _undecoded(self._metadata(request, "undecoded"))
        if location is not None:
            self._fetcher.check(location)
        self._boundary.limits.take(request.state.client, 1)
        data = await self._boundary.body(request, self._settings.max_body_bytes)
        data = _one_file(data, request.headers.get("content-type", ""))
        with self._boundary.limits.scan(request.state.client):
            return _scanned(await scanning(self._service.scan, data, named, tenant_of(request), location, undecoded))

    async def scan_url(self, request: Request) -> Response:
        wanted = UrlScan.from_bytes(await self._boundary.body(request, 64 << 10))
        self._fetcher.check(wanted.url)
        self._boundary.limits.take(request.state.client, 1)
        service, channel = wanted.service or self._settings.service, wanted.channel or self._settings.channel
        named = NamedItem(wanted.item, wanted.account, service, channel) if wanted.item else None
        self._boundary.hold(request, self._settings.max_body_bytes)
        with self._boundary.limits.scan(request.state.client):
            data = await scanning(self._fetcher.fetch, wanted.url)
            how = wanted.undecoded
            return _scanned(await scanning(self._service.scan, data, named, tenant_of(request), wanted.url, how))

    async def lookup(self, request: Request) -> Response:
        query = Lookup.from_bytes(await self._boundary.body(request, MAX_LOOKUP_BYTES, becomes=_QUESTION))
        self._boundary.limits.take(request.state.client, len(query.items))
        if len(query.items) <= _AT_ONCE and not any(item.pdq for item in query.items):
            return Response(self._service.lookup(query), media_type="application/json")
        found = await asking(self._service.lookup, query)
        return Response(found, media_type="application/json")

    async def events(self, request: Request) -> Response:
        body = await self._boundary.body(request, MAX_LOOKUP_BYTES, becomes=_NOTIFICATION)
        notification = Notification.model_validate_json(body)
        self._boundary.limits.take(request.state.client, max(1, len(notification.Records)))
        found = announced(notification, self._fetcher, tenant_of(request))
        new = await scanning(self._service.unscanned.put, found) if found else 0
        return JSONResponse({"queued": new, "known": len(found) - new}, status_code=202)

    async def lists(self, request: Request) -> Response:
        self._boundary.limits.take(request.state.client, 1)
        now, lists = clock.now(), self._service.lists.all()
        told = [{**live.describe(now), "test_entries": len(drill_entries_of(live.matches))} for live in lists]
        return JSONResponse({"lists": told})

    async def live(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(self, _: Request) -> Response:
        now, lists = clock.now(), self._service.lists
        described = [live.describe(now) for live in lists.all()]
        missing = sorted(set(lists.expected) - {one["list_id"] for one in described if one["trusted"]})
        ready = not missing and bool(described) and all(one["trusted"] for one in described)
        troubles = _troubles(self._settings.data_dir)
        troubles += refused_sources(self._settings.data_dir)
        troubles += [] if described or missing else [_NO_LIST]
        body = {"ready": ready, "lists": described, "missing": missing, "troubles": troubles}
        body["decoders"] = self._service.decoders
        body["second_pass"] = state_of_second_pass(self._settings)
        body["unscanned"] = await scanning(self._waiting)
        return JSONResponse(body, status_code=200 if ready else 503)

    def _waiting(self) -> dict[str, int]:
        queue = self._service.unscanned
        return {"waiting": queue.waiting()[0], "not_decoded": queue.count_aside()}

    async def metrics(self, _: Request) -> Response:
        service = self._service
        page = await scanning(service.metrics.page, service.lists, service.outbox, service.unscanned)
        return Response(page, media_type="text/plain; version=0.0.4")

    async def openapi(self, _: Request) -> Response:
        return JSONResponse(described_api())

    def _named(self, request: Request) -> NamedItem | None:
        item = self._metadata(request, "item")
        if item is None:
            return None
        given = {name: self._metadata(request, name) for name in ("account", "service", "channel")}
        service, channel = given["service"] or self._settings.service, given["channel"] or self._settings.channel
        return NamedItem(item, given["account"], service, channel)

    def _metadata(self, request: Request, name: str, most: int = _MAX_NAME) -> str | None:
        header = f"X-Tutela-{name.title()}"
        text = request.headers.get(header) or request.query_params.get(name)
        if text is None:
            return None
        if not text.strip() or len(text) > most or not text.isprintable():
            raise ProblemError(
                field(400, "A header or field is not valid.", header, f"1 to {most} printable characters")
            )
        return text


def _troubles(data: Path) -> list[str]:
    try:
        free = shutil.disk_usage(data).free
    except OSError as error:
        return [f"data folder: {error.strerror}"]
    return [f"data folder: {free >> 20} MB free"] if free < LEAST_FREE else []


def _one_file(body: bytes, content_type: str) -> bytes:
    """The upload: the body itself, or the one file of a form."""
    if multipart.is_form(content_type):
        try:
            found = list(multipart.files(body, content_type))
        except multipart.FormError as error:
            raise ProblemError(field(400, "The form cannot be read.", "body", error.detail)) from None
        if len(found) != 1:
            raise ProblemError(field(400, "The form is not valid.", "body", f"send one file, not {len(found)}"))
        body = bytes(found[0].data)
    if not body:
        raise ProblemError(field(400, "The body is empty.", "body", "send the picture's bytes as the body"))
    return body


def _scanned(answer: dict[str, object]) -> Response:
    """202 for what was not scanned: a caller that looks at the status alone cannot take it for an answer.

    Of a file that is no picture there is nothing more to scan than its digests: 200.
    """
    done = answer["status"] in (Status.SCANNED, Status.NOT_A_PICTURE)
    return JSONResponse(answer, status_code=200 if done else 202)


def _undecoded(text: str | None) -> UndecodedPolicy | None:
    try:
        return UndecodedPolicy(text) if text else None
    except ValueError:
        raise ProblemError(
            field(400, "A header or field is not valid.", "X-Tutela-Undecoded", "must be hold, queue or pass")
        ) from None
