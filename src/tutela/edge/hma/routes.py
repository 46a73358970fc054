"""Routes of HMA's interface: every operation, declared once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.hma.banks import Banks
from tutela.edge.hma.curation import Curators
from tutela.edge.hma.exchanges import Exchanges
from tutela.edge.hma.matching import Matching
from tutela.edge.hma.operations import Operation, Tag, document, site_map
from tutela.edge.hma.responses import spoken
from tutela.edge.http_api.middleware import Boundary
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.settings import HmaMode, Settings

_BANK, _CONTENT = "/c/bank/<bank_name>", "/c/bank/<bank_name>/content/<int:content_id>"
_EXCHANGE, _API = "/c/exchange/<exchange_name>", "/c/exchanges/api/<api_name>"
_RAW = ("signal", "signal_type")
_ASKED = ("banks", "seed", "bypass_coinflip")


def hma_routes(settings: Settings, service: EdgeService, boundary: Boundary, curating: Curating) -> list[BaseRoute]:
    """Every route. With `HmaMode.TOKEN` all but `/status` need a token, else only changes do.

    Reason: a caller that can add a negative can hide known material.
    """
    fetcher = Fetcher(settings.fetch_origins, settings.fetch_networks, settings.max_body_bytes)
    banks = Banks(service.lists, settings.bank_names())
    matching = Matching(service, boundary, banks, fetcher, settings.max_body_bytes)
    curators = Curators(banks, curating, matching, boundary)
    exchanges = Exchanges(settings, service.lists, banks, matching, boundary)
    told: list[Operation] = []
    told += [
        *_core(matching, told),
        *_matching(matching),
        *_banks(curators),
        *_contents(curators),
        *_exchanges(exchanges),
        *_configuration(exchanges),
    ]

    def route(one: Operation) -> BaseRoute:
        if one.open:
            return Route(one.served_at, one.handler, methods=[one.method])
        inner = boundary.counted(one.handler, token=one.changes or settings.hma is HmaMode.TOKEN)
        return Route(one.served_at, spoken(inner), methods=[one.method])

    return [*map(route, told), Route("//{rest:path}", _Merged())]


class _Merged:
    """Answers `//h/hash` as `/h/hash`: a client whose base address ends in a slash asks so.

    HMA redirects it; a client that is still sending a file then would see its connection closed.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = re.sub("/+", "/", scope["path"])
        await scope["app"]({**scope, "path": path, "raw_path": path.encode()}, receive, send)


def _core(matching: Matching, told: list[Operation]) -> Iterator[Operation]:
    async def paths(_: Request) -> Response:
        return JSONResponse(site_map(told))

    async def described(_: Request) -> Response:
        return JSONResponse(document(told))

    yield Operation("GET", "/", matching.home, Tag.CORE, "Where to look", "", 302, open=True)
    yield Operation("GET", "/status", matching.status, Tag.CORE, "Whether it can answer", "#text", open=True)
    yield Operation("GET", "/status/live", matching.live, Tag.CORE, "Whether it runs", "#text", open=True)
    yield Operation("GET", "/site-map", paths, Tag.CORE, "Every path", "Names")
    yield Operation("GET", "/openapi/openapi.json", described, Tag.CORE, "This document", "Document")


def _matching(matching: Matching) -> Iterator[Operation]:
    yield from _lookups(matching)
    yield Operation(
        "GET",
        "/m/raw_lookup",
        matching.raw_lookup,
        Tag.MATCHING,
        "Look a hash up, by number",
        "RawLookupResponse",
        query=(*_RAW, "banks", "include_distance"),
    )
    yield Operation(
        "POST",
        "/m/compare",
        matching.compare,
        Tag.MATCHING,
        "Compare hashes",
        "CompareResponse",
        takes="CompareRequest",
    )
    yield Operation(
        "GET",
        "/m/index/status",
        matching.index_status,
        Tag.MATCHING,
        "What is held, and up to when",
        "IndexStatusResponse",
        query=("signal_type",),
    )


def _lookups(matching: Matching) -> Iterator[Operation]:
    url = ("url", "content_type", "types")
    yield Operation("GET", "/h/hash", matching.hash, Tag.HASHING, "Hash an address", "HashResponse", query=url)
    yield Operation(
        "POST", "/h/hash", matching.hash, Tag.HASHING, "Hash a file", "HashResponse", takes="Upload", query=("types",)
    )
    yield Operation(
        "GET",
        "/m/lookup",
        matching.lookup,
        Tag.MATCHING,
        "Look a hash or an address up",
        "LookupResponse",
        query=(*url, *_RAW, *_ASKED),
    )
    yield Operation(
        "POST",
        "/m/lookup",
        matching.lookup,
        Tag.MATCHING,
        "Look a file up",
        "LookupResponse",
        takes="Upload",
        query=("types", *_ASKED),
    )


def _banks(curators: Curators) -> Iterator[Operation]:
    yield Operation("GET", "/c/banks", curators.banks, Tag.BANKS, "Every bank", "Banks")
    yield Operation(
        "POST",
        "/c/banks",
        curators.create,
        Tag.BANKS,
        "Take up a bank that its operator declared",
        "BankConfig",
        201,
        takes="BankCreateRequest",
    )
    yield Operation("GET", _BANK, curators.bank, Tag.BANKS, "A bank", "BankConfig")
    yield Operation("PUT", _BANK, curators.update, Tag.BANKS, "Change nothing", "BankConfig", takes="BankUpdateRequest")
    yield Operation("DELETE", _BANK, curators.delete, Tag.BANKS, "Always refused", "SuccessResponse")


def _contents(curators: Curators) -> Iterator[Operation]:
    yield from _additions(curators)
    yield Operation(
        "GET",
        _CONTENT,
        curators.content,
        Tag.CONTENT,
        "A content",
        "BankContentResponse",
        query=("include_signals", "include_metadata"),
    )
    yield Operation(
        "PUT",
        _CONTENT,
        curators.change_content,
        Tag.CONTENT,
        "Hide or show, with a reason",
        "BankContentResponse",
        takes="BankContentUpdateRequest",
        changes=True,
    )
    yield Operation(
        "DELETE",
        _CONTENT,
        curators.delete_content,
        Tag.CONTENT,
        "Withdraw what was added here",
        "Deleted",
        changes=True,
    )


def _additions(curators: Curators) -> Iterator[Operation]:
    yield Operation(
        "POST",
        f"{_BANK}/content",
        curators.add_content,
        Tag.CONTENT,
        "Add a file, with a reason",
        "BankedContent",
        takes="Upload",
        query=("url", "content_type", "types"),
        changes=True,
    )
    yield Operation(
        "POST",
        f"{_BANK}/signal",
        curators.add_signal,
        Tag.CONTENT,
        "Add hashes, with a reason",
        "BankedContent",
        takes="SignalsRequest",
        changes=True,
    )


def _exchanges(exchanges: Exchanges) -> Iterator[Operation]:
    yield Operation("GET", "/c/exchanges", exchanges.names, Tag.EXCHANGES, "Every exchange", "Names")
    yield Operation(
        "POST",
        "/c/exchanges",
        exchanges.create,
        Tag.EXCHANGES,
        "Take up one that its operator declared",
        "SuccessResponse",
        201,
        takes="ExchangeCreateRequest",
    )
    yield Operation("GET", "/c/exchanges/apis", exchanges.apis, Tag.EXCHANGES, "How lists come", "Names")
    yield Operation("GET", _API, exchanges.api, Tag.EXCHANGES, "One way", "ExchangeApiConfigResponse")
    yield Operation(
        "POST", _API, exchanges.set_credentials, Tag.EXCHANGES, "Always refused", "ExchangeApiConfigResponse"
    )
    yield Operation(
        "GET", f"{_API}/schema", exchanges.schema, Tag.EXCHANGES, "What it can be given", "ExchangeApiSchema"
    )
    yield Operation("GET", _EXCHANGE, exchanges.show, Tag.EXCHANGES, "An exchange", "ExchangeConfig")
    yield Operation(
        "GET", f"{_EXCHANGE}/status", exchanges.status, Tag.EXCHANGES, "How current it is", "ExchangeFetchStatus"
    )
    yield Operation(
        "PUT",
        _EXCHANGE,
        exchanges.update,
        Tag.EXCHANGES,
        "Change nothing",
        "ExchangeConfig",
        takes="ExchangeUpdateRequest",
    )
    yield Operation("DELETE", _EXCHANGE, exchanges.delete, Tag.EXCHANGES, "Always refused", "SuccessResponse")


def _configuration(exchanges: Exchanges) -> Iterator[Operation]:
    kind = Tag.CONFIGURATION
    yield Operation("GET", "/c/signal_type", exchanges.signal_types, kind, "Kinds of hash", "SignalTypes")
    yield Operation(
        "GET",
        "/c/signal_type/index",
        exchanges.index,
        kind,
        "What is held of each",
        "SignalTypeIndexStatus",
        query=("signal_type",),
    )
    yield Operation(
        "PUT",
        "/c/signal_type/<signal_type_name>",
        exchanges.set_signal_type,
        kind,
        "Change nothing",
        "",
        204,
        takes="SignalTypeUpdateRequest",
    )
    yield Operation("GET", "/c/content_type", exchanges.content_types, kind, "Kinds of content", "ContentTypes")
