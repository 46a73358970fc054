"""`/c`: changes by people: add a negative or a confirmed item, hide an entry, undo."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tutela import clock
from tutela.edge.hma.banks import CONFIRMED, NEGATIVES, Bank, Banks, entry_of
from tutela.edge.hma.matching import FAMILIES, Matching, signal_of, signals, wanted
from tutela.edge.hma.requests import as_object, read_object
from tutela.edge.hma.responses import HmaError
from tutela.edge.http_api.middleware import Boundary
from tutela.edge.runtime.decision_filter import Curating
from tutela.edge.runtime.decision_store import DecidedItem, DecisionKind, StoredDecision
from tutela.edge.runtime.threads import scanning

# HMA's own bound on how far ahead an entry may be disabled.
_LONGEST = timedelta(days=5 * 365)
_MOST_NOTE = 255
_METADATA: dict[str, type] = {"content_id": str, "content_uri": str, "json": dict}
_MOST_METADATA = 4096
_REFUSED = (
    "Banks are the lists of this Edge. Curation here adds negatives and human-confirmed items, with a reason, to "
    f"{NEGATIVES} and {CONFIRMED}, and hides single entries. TUTELA_EDGE_HMA_BANKS gives a list another name."
)
_WHOLE = "Every bank is asked about everything: its ratio is 1. Banks are neither renamed nor switched off from here."
# As HMA: upper case, and no digit first.
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


class Curators:
    """The curator's half of the interface."""

    def __init__(self, banks: Banks, curating: Curating, matching: Matching, boundary: Boundary) -> None:
        self._banks, self._curating, self._matching, self._boundary = banks, curating, matching, boundary

    async def banks(self, _: Request) -> Response:
        return JSONResponse([bank.shown() for bank in self._banks.all().values()])

    async def bank(self, request: Request) -> Response:
        return JSONResponse(self._bank(request).shown())

    async def create(self, request: Request) -> Response:
        """Makes nothing: a client that insists on making its bank may name one that the operator declared for it."""
        body = await read_object(self._boundary, request)
        name, ratio = body.get("name"), _ratio(body)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise HmaError(400, "name: upper case letters, digits and underscores, and no digit first")
        bank = self._banks.declared(name)
        if bank is None:
            raise HmaError(403, "Bank already exists" if name in self._banks.all() else _REFUSED)
        if ratio != 1:
            raise HmaError(403, _WHOLE)
        return JSONResponse(bank.shown(), 201)

    async def update(self, request: Request) -> Response:
        bank, body = self._bank(request), await read_object(self._boundary, request)
        if _ratio(body) != 1 or body.get("name") not in (None, bank.name):
            raise HmaError(403, _WHOLE)
        return JSONResponse(bank.shown())

    async def delete(self, request: Request) -> Response:
        self._bank(request)
        raise HmaError(403, _REFUSED)

    async def add_content(self, request: Request) -> Response:
        kind = self._kind(self._bank(request))
        sent = await self._matching.upload(request)
        result = await self._matching.hashed(request, sent.data)
        given = signals(sent.content, result, wanted(request, sent.content))
        made = {name: value for name, value in given.items() if value}
        return await self._add(request, kind, made, sent.fields.get("note"), _metadata(sent.fields.get("metadata")))

    async def add_signal(self, request: Request) -> Response:
        bank = self._bank(request)
        kind, body = self._kind(bank), await read_object(self._boundary, request)
        note = body.pop("note", None)
        given = {name: signal_of(name, value)[1].hex() for name, value in body.items()}
        return await self._add(request, kind, given, note)

    async def content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["content_id"]
        with_signals = (request.query_params.get("include_signals") or "false").lower() == "true"
        with_metadata = (request.query_params.get("include_metadata") or "true").lower() == "true"
        shown = await scanning(self._shown, bank, number, with_signals)
        return JSONResponse({key: shown[key] for key in shown if with_metadata or key != "metadata"})

    async def change_content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["content_id"]
        body = await read_object(self._boundary, request)
        if set(body) - {"disable_until_ts", "note"}:
            raise HmaError(400, "Only disable_until_ts and note can be changed")
        until, reason = _seconds(body.get("disable_until_ts")), _reason(body.get("note"))
        if bank.kind is not None:
            raise HmaError(403, "What was added here is withdrawn by DELETE")
        entry = await scanning(self._entry, bank, number)
        if until > (clock.now() + _LONGEST).timestamp():
            raise HmaError(400, "disable_until_ts is more than five years ahead")
        end = None if until in (0, 1) else datetime.fromtimestamp(until, UTC)
        decision = StoredDecision(
            kind=DecisionKind.SHOWN if until == 1 else DecisionKind.HIDDEN,
            at=clock.now(),
            client=_client(request),
            reason=reason,
            list_id=bank.list_id,
            entry_id=entry,
            until=end,
        )
        await scanning(self._curating.decide, decision)
        return JSONResponse(await scanning(self._shown, bank, number, False))

    async def delete_content(self, request: Request) -> Response:
        bank, number = self._bank(request), request.path_params["content_id"]
        self._kind(bank)
        item, note = self._item(bank, number), request.query_params.get("note")
        # HMA's clients give none with a DELETE, which they send to take back what they added.
        reason = "withdrawn" if note is None else _reason(note)
        decision = StoredDecision(
            kind=DecisionKind.WITHDRAWN, at=clock.now(), client=_client(request), reason=reason, target=item.number
        )
        await scanning(self._curating.decide, decision)
        return JSONResponse({"deleted": 1})

    async def _add(
        self,
        request: Request,
        kind: DecisionKind,
        given: dict[str, str],
        note: object,
        metadata: dict[str, Any] | None = None,
    ) -> Response:
        if not given:
            raise HmaError(400, "No hash can be made of it, or none was given")
        decision = StoredDecision(
            kind=kind,
            at=clock.now(),
            client=_client(request),
            reason=_reason(note),
            signals={FAMILIES[name]: value for name, value in given.items()},
            metadata=metadata or {},
        )
        number = await scanning(self._curating.decide, decision)
        return JSONResponse({"id": number, "signals": given})

    def _bank(self, request: Request) -> Bank:
        bank = self._banks.all().get(request.path_params["bank_name"])
        if bank is None:
            raise HmaError(404, "bank not found")
        return bank

    def _kind(self, bank: Bank) -> DecisionKind:
        if bank.kind is None:
            raise HmaError(403, _REFUSED)
        return bank.kind

    def _item(self, bank: Bank, number: int) -> DecidedItem:
        """Looked for in the bank that was named and in no other."""
        item = self._curating.curation.state().item(number)
        if item is None or item.decision.kind is not self._kind(bank):
            raise HmaError(404, "content not found")
        return item

    def _entry(self, bank: Bank, number: int) -> UUID:
        if bank.live is None:
            raise HmaError(503, "index not yet ready", "The list has not come.")
        matches = bank.live.matches
        found = (entry_of(one, number) for one in matches.snapshots)
        entry = next((one for one in found if one is not None), None)
        if entry is None or (matches.later is not None and entry in matches.later.gone):
            raise HmaError(404, "content not found")
        return entry

    def _shown(self, bank: Bank, number: int, with_signals: bool) -> dict[str, Any]:
        base: dict[str, Any] = {"id": number, "original_media_uri": None, "bank": bank.shown()}
        state = self._curating.curation.state()
        if bank.kind is not None:
            decision = self._item(bank, number).decision
            kept = {name: decision.signals[f] for name, f in FAMILIES.items() if f in decision.signals}
            base |= {"disable_until_ts": 1, "note": decision.reason}
            base |= {"metadata": decision.metadata} if decision.metadata else {}
            return base | ({"signals": kept} if with_signals else {})
        hidden = state.hidden.get((bank.list_id, self._entry(bank, number)))
        # The hashes of a list leave this Edge for nobody.
        if hidden is None:
            return base | {"disable_until_ts": 1}
        return base | {"disable_until_ts": int(hidden.until.timestamp()) if hidden.until else 0, "note": hidden.reason}


def _ratio(body: dict[str, Any]) -> float:
    """Share of queries that use a bank, as HMA reads it: also from text, also from `enabled`."""
    given, enabled = body.get("enabled_ratio"), body.get("enabled")
    try:
        ratio = float(given) if given is not None else 1.0 if enabled is None else float(bool(enabled))
    except (TypeError, ValueError, OverflowError):
        raise HmaError(400, "enabled_ratio is a number from 0 to 1") from None
    if not 0 <= ratio <= 1:
        raise HmaError(400, "enabled_ratio is a number from 0 to 1")
    return ratio


def _seconds(given: object) -> int:
    """A moment in seconds, as a number or its digits. Raises HmaError."""
    if isinstance(given, str) and given.isascii() and given.isdecimal():
        given = int(given[:20])
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise HmaError(400, "disable_until_ts is a whole number of seconds, 0 for always, 1 for enabled")
    return given


def _reason(note: object) -> str:
    if not isinstance(note, str) or not note.strip() or len(note) > _MOST_NOTE or not note.isprintable():
        raise HmaError(400, f"note: say why, in 1 to {_MOST_NOTE} printable characters")
    return note.strip()


def _metadata(given: object) -> dict[str, Any]:
    """HMA's metadata of a content: as an object, or as JSON in a form's field. Raises HmaError."""
    value = as_object("metadata", given) if isinstance(given, str) else given or {}
    # `collab` is HMA's own to write; what a client sends of it counts for nothing there either.
    known = {key: value[key] for key in value if key != "collab"} if isinstance(value, dict) else None
    if known is None or set(known) - set(_METADATA):
        raise HmaError(400, f"metadata has no keys but {', '.join(_METADATA)}")
    for key, one in known.items():
        if one is not None and not isinstance(one, _METADATA[key]):
            raise HmaError(400, f"metadata: {key} is {'an object' if key == 'json' else 'text'}")
    if len(json.dumps(known)) > _MOST_METADATA:
        raise HmaError(400, f"metadata is longer than {_MOST_METADATA} characters")
    return known


def _client(request: Request) -> int:
    return int(getattr(request.state, "client", -1))
