"""The addresses of HMA's interface."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from tutela.edge.boundary import Boundary, Handler
from tutela.edge.curating import Curating
from tutela.edge.fetching import Fetcher
from tutela.edge.hma.answers import spoken
from tutela.edge.hma.curating import Curators
from tutela.edge.hma.matching import Matching
from tutela.edge.service import EdgeService
from tutela.edge.settings import HmaMode, Settings


def hma_routes(settings: Settings, service: EdgeService, boundary: Boundary, curating: Curating) -> list[BaseRoute]:
    """Every route; with `HmaMode.TOKEN` all but `/status` ask for a token of this Edge."""
    fetcher = Fetcher(settings.fetch_origins, settings.fetch_networks, settings.max_body_bytes)
    matching = Matching(service, boundary, fetcher, settings.max_body_bytes)
    curators = Curators(service.lists, curating, matching, boundary)

    def at(path: str, handler: Handler, *methods: str) -> BaseRoute:
        inner = boundary.authenticated(handler) if settings.hma is HmaMode.TOKEN else handler
        return Route(path, spoken(inner), methods=list(methods) or ["GET"])

    bank, content = "/c/bank/{name:str}", "/c/bank/{name:str}/content/{number:int}"
    return [
        Route("/status", matching.status),
        Route("/status/live", matching.live),
        at("/h/hash", matching.hash, "GET", "POST"),
        at("/m/lookup", matching.lookup, "GET", "POST"),
        at("/m/raw_lookup", matching.raw_lookup),
        at("/m/compare", matching.compare, "POST"),
        at("/m/index/status", matching.index_status),
        at("/c/banks", curators.banks),
        at("/c/banks", curators.refused, "POST"),
        at(bank, curators.bank),
        at(bank, curators.refused, "PUT", "DELETE"),
        at(f"{bank}/content", curators.add_content, "POST"),
        at(f"{bank}/signal", curators.add_signal, "POST"),
        at(content, curators.content),
        at(content, curators.change_content, "PUT"),
        at(content, curators.delete_content, "DELETE"),
        at("/c/exchanges", curators.none),
        at("/c/exchanges", curators.refused, "POST"),
        at("/c/exchanges/apis", curators.none),
        at("/c/signal_type", curators.signal_types),
        at("/c/signal_type/index", curators.index),
        at("/c/content_type", curators.content_types),
    ]
