"""`/c/exchanges` and settings: read-only view of each list's source and age.

An exchange of HMA is a source that is fetched repeatedly into the bank of its name. In Tutela, that is a list of the
register, a partner list, or a file of the provider's own. An operator sets them up, not a caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists
from tutela.edge.active_lists.redistributed import ListAddress
from tutela.edge.hma.banks import Banks
from tutela.edge.hma.matching import FAMILIES, SIGNALS, Matching, asked_kinds
from tutela.edge.hma.requests import read_object
from tutela.edge.hma.responses import HmaError
from tutela.edge.http_api.middleware import Boundary
from tutela.edge.runtime.decision_filter import CONFIRMED_LIST
from tutela.edge.runtime.settings import Settings
from tutela.exchange.register.release import SourceKind

# A list that is fetched counts as failing when the last good look at it lies so many polls back, at least a minute.
_POLLS, _LEAST = 10, timedelta(seconds=60)
_REFUSED = "Where lists come from is set by the operator of this Edge (TUTELA_EDGE_*), not over HTTP."


class Api(StrEnum):
    """Source type of a list; `local_file` is HMA's own term."""

    REGISTER = "tutela_register"
    PASSED_ON = "tutela_passed_on"
    FILE = "local_file"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A list that comes from somewhere; `live` is None while it has not come."""

    name: str
    api: Api
    list_id: str
    live: LiveList | None

    def shown(self) -> dict[str, Any]:
        return {"name": self.name, "api": self.api, "enabled": True, "list_id": self.list_id}


class Exchanges:
    """The configuration's half of the interface."""

    def __init__(
        self, settings: Settings, lists: LiveLists, banks: Banks, matching: Matching, boundary: Boundary
    ) -> None:
        self._lists, self._banks, self._matching, self._boundary = lists, banks, matching, boundary
        self._late = max(_LEAST, timedelta(seconds=settings.poll_seconds * _POLLS))
        self._key = settings.api_key is not None
        passed = {ListAddress.parse(one).list_id for one in settings.redistributed_lists}
        self._api = dict.fromkeys(passed, Api.PASSED_ON) | dict.fromkeys(settings.list_ids, Api.REGISTER)

    async def names(self, _: Request) -> Response:
        return JSONResponse(list(self._all()))

    async def show(self, request: Request) -> Response:
        return JSONResponse(self._one(request).shown())

    async def status(self, request: Request) -> Response:
        return JSONResponse(self._status(self._one(request)))

    async def create(self, request: Request) -> Response:
        """Makes nothing, as with banks: what the operator declared is there already."""
        body = await read_object(self._boundary, request)
        name, api = body.get("bank"), body.get("api")
        if not isinstance(name, str) or not name:
            raise HmaError(400, "bank is required")
        if api is None:
            raise HmaError(400, "Field `api` is required")
        if api not in list(Api):
            raise HmaError(400, f"No such exchange type '{str(api)[:40]}'")
        if not isinstance(body.get("api_json", {}), dict):
            raise HmaError(400, "Field `api_json` must be object")
        known = self._all().get(name)
        if known is None or known.api != api or self._banks.declared(name) is None:
            raise HmaError(403, _REFUSED)
        return JSONResponse({"message": "Created successfully"}, 201)

    async def update(self, request: Request) -> Response:
        one, body = self._one(request), await read_object(self._boundary, request)
        if body.get("enabled") not in (None, True):
            raise HmaError(403, _REFUSED)
        return JSONResponse(one.shown())

    async def delete(self, request: Request) -> Response:
        self._one(request)
        raise HmaError(403, _REFUSED)

    async def apis(self, _: Request) -> Response:
        return JSONResponse(list(Api))

    async def api(self, request: Request) -> Response:
        one = _api(request, 400)
        signed_in = one is not Api.FILE
        state = {"supports_authentification": signed_in, "has_set_authentification": signed_in and self._key}
        return JSONResponse(state)

    async def set_credentials(self, request: Request) -> Response:
        _api(request, 400)
        raise HmaError(403, _REFUSED)

    async def schema(self, request: Request) -> Response:
        _api(request, 404)
        return JSONResponse({"config_schema": {"fields": []}, "credentials_schema": None})

    async def signal_types(self, _: Request) -> Response:
        return JSONResponse([{"name": kind, "enabled_ratio": 1.0} for kind in FAMILIES])

    async def set_signal_type(self, request: Request) -> Response:
        name, body = request.path_params["signal_type_name"], await read_object(self._boundary, request)
        if name not in FAMILIES:
            raise HmaError(404, f"No such signal type '{name[:40]}'")
        if body.get("enabled_ratio") != 1:
            raise HmaError(403, "Both kinds of hash are always asked.")
        return Response(status_code=204)

    async def content_types(self, _: Request) -> Response:
        return JSONResponse([{"name": name, "enabled": True} for name in SIGNALS])

    async def index(self, request: Request) -> Response:
        def state(kind: str) -> dict[str, Any]:
            known = self._matching.index_of(kind)
            size, to = known["size"], known["built_to"]
            return {
                "db_size": size,
                "index_size": size,
                "index_out_of_date": False,
                "newest_db_item": to,
                "index_built_to": to,
            }

        return JSONResponse({kind: state(kind) for kind in asked_kinds(request)})

    def _all(self) -> dict[str, Exchange]:
        return {one.name: one for one in self._each()}

    def _each(self) -> Iterator[Exchange]:
        live = {one.manifest.list_id: one for one in self._lists.all()}
        names = self._banks.names(self._api)
        for list_id in dict.fromkeys([*live, *self._api, *self._lists.expected]):
            if list_id == CONFIRMED_LIST:
                continue
            one = live.get(list_id)
            of_register = one is not None and one.manifest.source_kind is SourceKind.REGISTER
            api = Api.REGISTER if of_register else self._api.get(list_id, Api.FILE)
            yield from (Exchange(name, api, list_id, one) for name in names[list_id])

    def _one(self, request: Request) -> Exchange:
        name = request.path_params["exchange_name"]
        found = self._all().get(name)
        if found is None:
            raise HmaError(404, f"Exchange '{name[:80]}' not found")
        return found

    def _status(self, one: Exchange) -> dict[str, Any]:
        """Status by the last good check only. Callers are not told of a failed poll; the age shows it."""
        now, live = clock.now(), one.live
        fresh = live is not None and now < live.trusted_until
        if live is not None and one.api is not Api.FILE:
            fresh = fresh and now - live.checked_at <= self._late
        return {
            "checkpoint_ts": int(live.manifest.created.timestamp()) if live else None,
            "running_fetch_start_ts": None,
            "last_fetch_complete_ts": int(live.checked_at.timestamp()) if live else None,
            "last_fetch_succeeded": fresh if live else None,
            "up_to_date": fresh,
            "fetched_items": len(live.matches) if live else 0,
        }


def _api(request: Request, status: int) -> Api:
    """The one that is named. Unknown ones are answered with `status`, which HMA has differently in two places."""
    name = request.path_params["api_name"]
    if name not in list(Api):
        raise HmaError(status, f"no such Exchange API '{name[:40]}'")
    return Api(name)
