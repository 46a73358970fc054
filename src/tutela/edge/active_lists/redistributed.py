"""Partner lists that an organisation redistributes: signed by it alone, not in the public log.

A redistributed list is never the register's. A place is `OWNER/LIST`: the redistributing organisation and the list's
name. Each poll, in this order:

1. The head is signed by an owner's key, names the list, has not expired, and is not older than one seen before.
2. The entries that it removes are hidden at once, and trust in the list is renewed.
3. A version that is not in use is fetched. Its manifest is signed, is the one that the head names, and states that the
   list is a provider source. The redistributing organisation therefore cannot pass it off as the register's.
4. The snapshot is the one of the manifest.

After a failure the last good list stays in use until it expires.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import httpx

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, renewed, shared_list
from tutela.edge.active_lists.poller import Alert, Polling, hiding
from tutela.edge.active_lists.sealed_memory import SharedList, memory_of
from tutela.edge.active_lists.state_store import ListStore
from tutela.edge.active_lists.verification import adopted, check_head, check_manifest, check_snapshot, stored_manifest
from tutela.edge.errors import ExpiredReleaseError, SettingsError, SnapshotMismatchError, UntrustedReleaseError
from tutela.exchange.message.signed_envelope import TrustedKeys
from tutela.exchange.register.release import ReleaseHead, ReleaseManifest, SourceKind
from tutela.matching.files.snapshot_writer import write_atomically


@dataclass(frozen=True, slots=True)
class ListAddress:
    """Address of a redistributed list."""

    owner: UUID
    list_id: str

    @classmethod
    def parse(cls, text: str) -> ListAddress:
        """Raises SettingsError."""
        owner, _, list_id = text.partition("/")
        try:
            return cls(UUID(owner), list_id)
        except ValueError:
            raise SettingsError(f"{text}: a place must be OWNER/LIST, as shown on the page of partner lists.") from None

    @property
    def path(self) -> str:
        """Below the server's address."""
        return f"/api/v1/redistributed/{self.owner}/{self.list_id}"


class PassedSync(Polling):
    """Keeps one such list current."""

    def __init__(
        self,
        place: ListAddress,
        client: httpx.Client,
        keys: TrustedKeys,
        store: ListStore,
        lists: LiveLists,
        alert: Alert,
    ) -> None:
        super().__init__(place.list_id, client, keys, store, lists, alert)
        self._place = place

    def _poll(self) -> None:
        now = clock.now()
        data = self._document(f"{self._place.path}/head")
        head, seen = check_head(data, self.list_id, self._keys, self._state.seen, now)
        self._commit(replace(self._state, seen=seen))
        live = self._lists.get(self.list_id)
        if live is None or head.version != self._state.active:
            if live is not None:
                self._lists.put(hiding(live, live.matches.removed | self._removals(head, self._place.path)))
            self._adopt(head, now)
            return
        removed = self._removals(head, self._place.path)
        until = self._bounded(head.expires)
        self._commit(replace(self._state, trusted_until=until, removed=removed))
        self._lists.put(renewed(hiding(live, removed), until, now))

    def _adopt(self, head: ReleaseHead, now: datetime) -> None:
        base = f"{self._place.path}/{head.version}"
        signed = self._document(f"{base}/manifest")
        manifest = _of_others(check_manifest(signed, head, self._keys, now))
        parts = self._snapshot(f"{base}/snapshot", manifest.snapshot_size, manifest.snapshot_sha256)
        memory = self._sealed(memory_of(parts), self._store.list_path(head.version))
        check_snapshot(memory.snapshot, manifest)
        removed = self._removals(head, self._place.path)
        live = hiding(shared_list(memory, manifest, self._bounded(head.expires), now), removed)
        write_atomically(self._store.manifest_path(head.version), signed)
        seen, until = adopted(head, self._state.seen), live.trusted_until
        self._commit(replace(self._state, seen=seen, active=head.version, trusted_until=until, removed=removed))
        self._lists.put(live)
        self._store.forget_others(head.version, head.version)

    def _reopen(self, until: datetime) -> LiveList:
        now, version = clock.now(), self._state.active
        manifest, _sha256 = stored_manifest(self._store.manifest_path(version).read_bytes(), self._keys)
        if (_of_others(manifest).list_id, manifest.version) != (self.list_id, version):
            raise SnapshotMismatchError("The stored manifest belongs to another release.")
        if now >= min(until, manifest.expires):
            raise ExpiredReleaseError
        memory = SharedList.open(self._store.list_path(version), self._store.key, manifest.snapshot_sha256)
        check_snapshot(memory.snapshot, manifest)
        return hiding(shared_list(memory, manifest, until, now), self._state.removed)


def _of_others(manifest: ReleaseManifest) -> ReleaseManifest:
    if manifest.source_kind is not SourceKind.PROVIDER_SOURCE:
        raise UntrustedReleaseError("A list of the register must come from a Centre, through its log.")
    return manifest
