"""Check of public log entries against signed evidence, because a row of events alone proves nothing.

The facts of a few kinds of events are public, and others rely on them: an Edge on heads and releases, an auditor on
policies. The runtime role can write events but cannot sign. Before a tree is signed:

1. Each entry of those kinds is compared with the signed original by the package that keeps it (`on_told`).
2. An entry that does not match, cannot be read or is too long becomes a bare commitment in the log. Such an entry
   contains nothing else, and the underlying record can still be checked against it.
3. Subscribers that raise alerts are notified (`on_unbacked`), except for entries that are only overtaken.
4. No entry has an hour in the future, because a policy's notice period is counted from the hours of entries. A late
   announcement gets its hour of publication and a matching binding date: it must first be public for thirty days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import structlog

from tutela import clock
from tutela.accountability.chain.leaves import OPEN_KINDS
from tutela.accountability.models import Entry, PublicLeaf
from tutela.tlog import policy_check
from tutela.tlog.log_folder import MOST_ENTRY

UNBACKED, ANNOUNCED = "log.unbacked", "policy.announced"
# Two clocks of one node never differ by this much.
SKEW = timedelta(hours=1)


class EvidenceState(Enum):
    """Evidence for an entry.

    `OVERTAKEN`: it can no longer be confirmed, and no client relies on it any more.
    """

    SIGNED = "signed"
    OVERTAKEN = "overtaken"
    NOTHING = "nothing"


type Check = Callable[[UUID, dict[str, Any]], EvidenceState]
type Alert = Callable[[UUID, str], None]
_checks: dict[str, Check] = {}
_on_unbacked: list[Alert] = []
log = structlog.get_logger(__name__)


def on_told(kind: str, check: Check) -> None:
    """Register a check that compares the facts of a kind of event, by id, with signed evidence. For `app/wiring.py`."""
    _checks[kind] = check


def on_unbacked(listener: Alert) -> None:
    """Subscribe to events whose entry has no signed evidence, with the event's kind.

    For `app/wiring.py`.
    """
    _on_unbacked.append(listener)


def entries(rows: Iterable[PublicLeaf]) -> list[bytes]:
    """The log entries for these rows, in their order. Call outside any transaction."""
    return [_entry(row) for row in rows]


def stands_for(entry: bytes, row: PublicLeaf) -> bool:
    """Return true if a log entry belongs to a row: unchanged, or as changed by `entries`."""
    if entry == bytes(row.entry):
        return True
    return row.event_id is not None and _read(entry).get("commitment") == _commitment(row.event_id)


def announces(row: PublicLeaf) -> bool:
    """Whether an entry announces a signed policy; its hour is then the hour of publication."""
    data = bytes(row.entry)
    told = _read(data) if ANNOUNCED.encode() in data and len(data) <= MOST_ENTRY else {}
    if row.event_id is None or told.get("event") != ANNOUNCED:
        return False
    return _standing(row.event_id, ANNOUNCED, _facts(told)) is EvidenceState.SIGNED


def is_bare(entry: bytes) -> bool:
    """Whether an entry of the log is a bare commitment."""
    return _read(entry).get("event") == UNBACKED


def first(event_ids: Collection[UUID], told: dict[str, Any]) -> UUID | None:
    """Return the first of some events, in log order, whose entry has these facts.

    None if there is none.
    """
    rows = PublicLeaf.objects.filter(event_id__in=event_ids).order_by("position")
    return next((row.event_id for row in rows if _facts(_read(bytes(row.entry))) == told), None)


def _entry(row: PublicLeaf) -> bytes:
    data = bytes(row.entry)
    if row.event_id is None:  # of the chain itself: the function that writes it compares it with the chain
        return data
    told, now = _read(data), clock.now()
    kind, hour = str(told.get("event", "")), f"{now:%Y-%m-%dT%HZ}"
    found = _standing(row.event_id, kind, _facts(told)) if len(data) <= MOST_ENTRY else EvidenceState.NOTHING
    if found is EvidenceState.SIGNED:
        if kind == ANNOUNCED:
            return data if told["hour"] == hour else json.dumps({**told, "hour": hour, **_binds(told, now)}).encode()
        early = str(told.get("hour")) <= f"{now + SKEW:%Y-%m-%dT%HZ}"
        return data if early else json.dumps({**told, "hour": hour}).encode()
    if found is EvidenceState.NOTHING:
        log.error("public log", reason=f"no signed record matches the {kind or 'entry'} of event {row.event_id}")
        for listener in _on_unbacked:
            listener(row.event_id, kind)
    return json.dumps({"event": UNBACKED, "commitment": _commitment(row.event_id), "hour": hour}).encode()


def _binds(told: dict[str, Any], now: datetime) -> dict[str, str]:
    """From when a policy can bind that was announced too late for the day that it names. The first binds at once."""
    counted = now.replace(minute=0, second=0, microsecond=0) + policy_check.NOTICE
    if told["version"] == 1 or datetime.fromisoformat(told["binds_from"]) >= counted:
        return {}
    # No reader counts from a later hour than that of an entry before it; the node, from the moment itself.
    return {"binds": (counted + SKEW + SKEW).isoformat()}


def _standing(event_id: UUID, kind: str, facts: dict[str, Any]) -> EvidenceState:
    if kind in OPEN_KINDS:
        return _checks[kind](event_id, facts) if kind in _checks else EvidenceState.NOTHING
    return EvidenceState.SIGNED if kind and not facts else EvidenceState.NOTHING


def _facts(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in ("event", "commitment", "hour")}


def _read(data: bytes) -> dict[str, Any]:
    """Parse an entry; empty if it cannot be parsed."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):  # a number of thousands of digits is a ValueError too
        return {}
    return found if isinstance(found, dict) else {}


def _commitment(event_id: UUID) -> str:
    """Hash of an event in the chain, in hex; the log entry contains the same value."""
    return bytes(Entry.objects.get(event_id=event_id).leaf).hex()
