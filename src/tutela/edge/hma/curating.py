"""`/c`: what people may change from here, which is little: add a negative or a confirmed item, hide an entry, undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tutela import clock
from tutela.edge.boundary import Boundary
from tutela.edge.curating import Curating
from tutela.edge.curation import Curated, Decision, Item, Kind
from tutela.edge.hma.answers import HmaError
from tutela.edge.hma.banks import CONFIRMED, NEGATIVES, Bank, banks, entry_of
from tutela.edge.hma.bodies import read_object
from tutela.edge.hma.matching import SIGNALS, Matching, signal_of, signals, wanted
from tutela.edge.live import LiveLists
from tutela.edge.threads import scanning
from tutela.matching import Snapshot

_KINDS = {NEGATIVES: Kind.NEGATIVE, CONFIRMED: Kind.CONFIRMED}
# HMA's own bound on how far ahead an entry may be disabled.
_LONGEST = timedelta(days=5 * 365)
_MOST_NOTE = 255
_FAMILY = {"pdq": "pdq", "video_md5": "md5"}
_REFUSED = (
    "Banks are the lists of this Edge. Curation here adds negatives and human-confirmed items, with a reason, to "
    f"{NEGATIVES} and {CONFIRMED}, and hides single entries."
)


class Curators:
    """The curator's half of the interface."""

    def __init__(self, lists: LiveLists, curating: Curating, matching: Matching, boundary: Boundary) -> None:
        self._lists, self._curating, self._matching, self._boundary = lists, curating, matching, boundary

    async def banks(self, _: Request) -> Response:
        return JSONResponse([bank.shown() for bank in banks(self._lists).values()])

    async def bank(self, request: Request) -> Response:
        return JSONResponse(self._bank(request).shown())

    async def refused(self, request: Request) -> Response:
        if "name" in request.path_params:
            self._bank(request)
        raise HmaError(403, _REFUSED)

    async def add_content(self, request: Request) -> Response:
        bank, note = self._bank(request), request.query_params.get("note")
        kind = self._kind(bank)
        content, data = await self._matching.upload(request)
        given = signals(content, await self._matching.hashed(request, data), wanted(request, content))
        return await self._add(request, kind, {name: value for name, value in given.items() if value}, note)

    async def add_signal(self, request: Request) -> Response:
        bank = self._bank(request)
        kind, body = self._kind(bank), await read_object(self._boundary, request)
        note = body.pop("note", None)
        given = {name: signal_of(name, value)[1].hex() for name, value in body.items()}
        return await self._add(request, kind, given, note)

    async def content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["number"]
        with_signals = (request.query_params.get("include_signals") or "false").lower() == "true"
        return JSONResponse(await scanning(self._shown, bank, number, with_signals))

    async def change_content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["number"]
        body = await read_object(self._boundary, request)
        if set(body) - {"disable_until_ts", "note"}:
            raise HmaError(400, "Only disable_until_ts and note can be changed")
        until, reason = body.get("disable_until_ts"), _reason(body.get("note"))
        if not isinstance(until, int) or isinstance(until, bool) or until < 0:
            raise HmaError(400, "disable_until_ts is a whole number of seconds, 0 for always, 1 for enabled")
        if bank.live is None or bank.name == CONFIRMED:
            raise HmaError(403, "What was added here is withdrawn by DELETE")
        entry = await scanning(self._entry, bank, number)
        end = None if until in (0, 1) else datetime.fromtimestamp(until, UTC)
        if end is not None and end > clock.now() + _LONGEST:
            raise HmaError(400, "disable_until_ts is more than five years ahead")
        decision = Decision(
            kind=Kind.SHOWN if until == 1 else Kind.HIDDEN, at=clock.now(), client=_client(request), reason=reason,
            list_id=bank.live.manifest.list_id, entry_id=entry, until=end,
        )  # fmt: skip
        await scanning(self._curating.decide, decision)
        return JSONResponse(await scanning(self._shown, bank, number, False))

    async def delete_content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["number"]
        self._kind(bank)
        item = self._item(bank, number)
        decision = Decision(
            kind=Kind.WITHDRAWN, at=clock.now(), client=_client(request), reason="withdrawn", target=item.number
        )
        await scanning(self._curating.decide, decision)
        return JSONResponse({"deleted": 1})

    async def none(self, _: Request) -> Response:
        return JSONResponse([])

    async def signal_types(self, _: Request) -> Response:
        return JSONResponse([{"name": kind, "enabled_ratio": 1.0} for kind in _FAMILY])

    async def content_types(self, _: Request) -> Response:
        return JSONResponse([{"name": name, "enabled": True} for name in SIGNALS])

    async def index(self, _: Request) -> Response:
        def state(kind: str) -> dict[str, Any]:
            known = self._matching.index_of(kind)
            size, to = known["size"], known["built_to"]
            return {
                "db_size": size, "index_size": size, "index_out_of_date": False, "newest_db_item": to,
                "index_built_to": to,
            }  # fmt: skip

        return JSONResponse({kind: state(kind) for kind in _FAMILY})

    async def _add(self, request: Request, kind: Kind, given: dict[str, str], note: object) -> Response:
        if not given:
            raise HmaError(400, "No hash can be made of it, or none was given")
        decision = Decision(
            kind=kind, at=clock.now(), client=_client(request), reason=_reason(note),
            signals={_FAMILY[name]: value for name, value in given.items()},
        )  # fmt: skip
        number = await scanning(self._curating.decide, decision)
        return JSONResponse({"id": number, "signals": given})

    def _bank(self, request: Request) -> Bank:
        bank = banks(self._lists).get(request.path_params["name"])
        if bank is None:
            raise HmaError(404, "bank not found")
        return bank

    def _kind(self, bank: Bank) -> Kind:
        if bank.name not in _KINDS:
            raise HmaError(403, _REFUSED)
        return _KINDS[bank.name]

    def _item(self, bank: Bank, number: int) -> Item:
        """Looked for in the bank that was named and in no other."""
        item = self._curating.curation.state().item(number)
        if item is None or item.decision.kind is not self._kind(bank):
            raise HmaError(404, "content not found")
        return item

    def _entry(self, bank: Bank, number: int) -> UUID:
        snapshot: Snapshot | None = bank.live.matches.snapshot if bank.live else None
        entry = entry_of(snapshot, number) if snapshot is not None else None
        if entry is None:
            raise HmaError(404, "content not found")
        return entry

    def _shown(self, bank: Bank, number: int, with_signals: bool) -> dict[str, Any]:
        base: dict[str, Any] = {"id": number, "original_media_uri": None, "bank": bank.shown()}
        state = self._curating.curation.state()
        if bank.name in _KINDS:
            item = self._item(bank, number)
            kept = {name: item.decision.signals[f] for name, f in _FAMILY.items() if f in item.decision.signals}
            base |= {"disable_until_ts": 1, "note": item.decision.reason}
            return base | ({"signals": kept} if with_signals else {})
        entry = self._entry(bank, number)
        until, note = _hidden(state, bank, entry)
        # The hashes of a list leave this Edge for nobody.
        return base | {"disable_until_ts": until, "note": note} | ({"signals": {}} if with_signals else {})


def _hidden(state: Curated, bank: Bank, entry: UUID) -> tuple[int, str | None]:
    decision = state.hidden.get((bank.live.manifest.list_id if bank.live else "", entry))
    if decision is None:
        return 1, None
    return int(decision.until.timestamp()) if decision.until else 0, decision.reason


def _reason(note: object) -> str:
    if not isinstance(note, str) or not note.strip() or len(note) > _MOST_NOTE or not note.isprintable():
        raise HmaError(400, f"note: say why, in 1 to {_MOST_NOTE} printable characters")
    return note.strip()


def _client(request: Request) -> int:
    return int(getattr(request.state, "client", -1))
