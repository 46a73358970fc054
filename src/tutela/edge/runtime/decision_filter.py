"""Apply people's decisions to every answer of a process: `/v1` and the HMA interface alike."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.runtime.decision_store import Curated, Curation, DecidedItem, StoredDecision
from tutela.exchange.register.release import ReleaseManifest, SourceKind
from tutela.matching import MIN_QUALITY, Record, Snapshot, snapshot_bytes

CONFIRMED_LIST = "confirmed"
# This list needs no short expiry: the provider's own decisions do not go out of date, and the file itself shows when it
# is newer.
_TRUSTED = timedelta(days=3650)
_POLICY = "Confirmed by the provider's own staff; not in the public register."


class Curating:
    """Keeps the lists of one process in step with the decisions. Safe to share between threads."""

    def __init__(self, curation: Curation, lists: LiveLists) -> None:
        self.curation, self._lists = curation, lists
        self._applied: Curated | None = None
        self._lock = threading.Lock()

    def refresh(self) -> bool:
        """Apply what was decided since. True if anything is different."""
        with self._lock:
            return self._refresh()

    def _refresh(self) -> bool:
        state = self.curation.state()
        hidden = state.hidden_now(clock.now())
        self._lists.hide(hidden, _signals(state.negatives))
        fresh = self._applied is None or state.confirmed != self._applied.confirmed
        if fresh and (state.confirmed or self._lists.get(CONFIRMED_LIST)):
            self._put(state.confirmed)
        changed, self._applied = state is not self._applied, state
        return changed

    def decide(self, decision: StoredDecision) -> int:
        """Store and apply at once; other processes follow within a second."""
        number = self.curation.decide(decision)
        self.refresh()
        return number

    def _put(self, items: tuple[DecidedItem, ...]) -> None:
        now = clock.now()
        data, report = snapshot_bytes(_record(one) for one in items)
        manifest = ReleaseManifest(
            list_id=CONFIRMED_LIST,
            list_name="Confirmed here",
            source_kind=SourceKind.PROVIDER_SOURCE,
            version=max((one.number for one in items), default=1),
            created=now,
            expires=now + _TRUSTED,
            entries=report.entries,
            snapshot_sha256=hashlib.sha256(data).hexdigest(),
            snapshot_size=len(data),
            policy=_POLICY,
        )
        live = live_list(Snapshot(data), manifest, manifest.expires, now)
        self._lists.put(replace(live, checked_at=now))


def _record(item: DecidedItem) -> Record:
    signals = item.decision.signals
    digests = {kind: (signals[kind],) if kind in signals else () for kind in ("sha256", "sha1", "md5")}
    pdq = ((signals["pdq"], MIN_QUALITY),) if "pdq" in signals else ()
    return Record(item.entry_id, digests["sha256"], digests["sha1"], digests["md5"], pdq)


def _signals(items: tuple[DecidedItem, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((kind, value) for one in items for kind, value in one.decision.signals.items())
