"""Fetching releases. Everything is verified before use; on any failure the last good list stays, until it expires.

One poll: fetch the head and verify it; hide what it removes, at once, also while a newer snapshot is still on its way;
if it names a version that is not in use, fetch manifest and snapshot, verify them, and only then switch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import httpx

from tutela import clock
from tutela.edge.errors import (
    ExpiredReleaseError,
    ReleaseError,
    SnapshotMismatchError,
    UnreachableError,
)
from tutela.edge.live import LiveList, LiveLists, renewed, shared_list
from tutela.edge.shared import SharedList, memory_of
from tutela.edge.store import ListStore, State
from tutela.edge.trust import check_head, check_manifest, check_snapshot, stored_manifest
from tutela.exchange.release import ReleaseHead, ReleaseManifest
from tutela.exchange.signed import TrustedKeys
from tutela.matching import SnapshotError
from tutela.matching.writing import write_atomically

# Heads and manifests are small; a larger answer is refused unread.
MAX_DOCUMENT = 8 << 20

type Alarm = Callable[[str, ReleaseError], None]


class ReleaseSync:
    """Keeps one list current. `client` carries the Centre's address and the key; `alarm` hears of every refusal."""

    def __init__(
        self, list_id: str, client: httpx.Client, keys: TrustedKeys, store: ListStore, lists: LiveLists, alarm: Alarm
    ) -> None:
        self.list_id, self._client, self._keys = list_id, client, keys
        self._store, self._lists, self._alarm = store, lists, alarm
        self._state = State()

    def resume(self) -> bool:
        """Use the release of the last run again, verified anew, if it is still trusted. Raises StateDamagedError."""
        self._state = self._store.load()
        if not self._state.active or self._state.trusted_until is None:
            return False
        try:
            self._lists.put(self._reopen(self._state.trusted_until))
        except (ReleaseError, OSError) as error:
            self._alarm(self.list_id, error if isinstance(error, ReleaseError) else SnapshotMismatchError(str(error)))
            return False
        return True

    def poll(self) -> bool:
        """One round; True if it went well. A refusal is counted and reported, never raised."""
        try:
            self._poll()
        except ReleaseError as error:
            self._alarm(self.list_id, error)
            return False
        return True

    def _poll(self) -> None:
        now = clock.now()
        data = self._document(f"/api/v1/releases/{self.list_id}/head")
        head, seen = check_head(data, self.list_id, self._keys, self._state.seen, now)
        removed = frozenset(head.removed)
        if head.version == self._state.active and (live := self._lists.get(self.list_id)):
            self._commit(State(seen, head.version, head.expires, removed))
            self._lists.put(renewed(_hiding(live, removed), head.expires, now))
            return
        # The newer list is not here yet: what it removes is removed from the old one too.
        self._commit(replace(self._state, seen=seen, removed=self._state.removed | removed))
        if live := self._lists.get(self.list_id):
            self._lists.put(_hiding(live, self._state.removed))
        self._adopt(head, now)

    def _adopt(self, head: ReleaseHead, now: datetime) -> None:
        base = f"/api/v1/releases/{self.list_id}/{head.version}"
        signed = self._document(f"{base}/manifest")
        manifest = check_manifest(signed, head, self._keys, now)
        memory = self._sealed(memory_of(self._snapshot(f"{base}/snapshot", manifest)), head.version)
        check_snapshot(memory.snapshot, manifest)
        live = _hiding(shared_list(memory, manifest, head.expires, now), frozenset(head.removed))
        write_atomically(self._store.manifest_path(head.version), signed)
        self._commit(State(self._state.seen, head.version, live.trusted_until, frozenset(head.removed)))
        self._lists.put(live)
        self._store.forget_others(head.version)

    def _reopen(self, until: datetime) -> LiveList:
        now = clock.now()
        manifest = stored_manifest(self._store.manifest_path(self._state.active).read_bytes(), self._keys)
        if (manifest.list_id, manifest.version) != (self.list_id, self._state.active):
            raise SnapshotMismatchError("The stored manifest is of another release.")
        if now >= min(until, manifest.expires):
            raise ExpiredReleaseError
        path = self._store.list_path(manifest.version)
        memory = SharedList.open(path, self._store.key, manifest.snapshot_sha256)
        check_snapshot(memory.snapshot, manifest)
        return _hiding(shared_list(memory, manifest, until, now), self._state.removed)

    def _sealed(self, memory: int, version: int) -> SharedList:
        try:
            return SharedList.make(memory, self._store.list_path(version), self._store.key)
        except SnapshotError as error:
            raise SnapshotMismatchError(str(error)) from error

    def _commit(self, state: State) -> None:
        if state != self._state:
            self._store.save(state)
            self._state = state

    def _document(self, path: str) -> bytes:
        body = bytearray()
        for chunk in self._stream(path):
            body += chunk
            if len(body) > MAX_DOCUMENT:
                raise UnreachableError("The answer is too large.")
        return bytes(body)

    def _snapshot(self, path: str, manifest: ReleaseManifest) -> Iterator[bytes]:
        """The bytes of the snapshot; raises before it ends if they are not those that the manifest names."""
        size, sha256 = 0, hashlib.sha256()
        for chunk in self._stream(path):
            size += len(chunk)
            if size > manifest.snapshot_size:
                raise SnapshotMismatchError("It is longer.")
            sha256.update(chunk)
            yield chunk
        if (size, sha256.hexdigest()) != (manifest.snapshot_size, manifest.snapshot_sha256):
            raise SnapshotMismatchError

    def _stream(self, path: str) -> Iterator[bytes]:
        try:
            with self._client.stream("GET", path) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise UnreachableError(f"Status {answer.status_code}.")
                yield from answer.iter_raw()
        except httpx.HTTPError as error:
            raise UnreachableError(type(error).__name__) from None


def _hiding(live: LiveList, removed: frozenset[UUID]) -> LiveList:
    return live if removed == live.matches.removed else replace(live, matches=live.matches.without(removed))
