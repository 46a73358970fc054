"""Fetch releases and verify them before use; after a failure the last good list stays until expiry.

One poll, in this order, which matters for security:

1. The log's newest checkpoint is fetched, then the head, so that any head that the log names could have been served.
2. The head is verified, and entries that it removes are hidden at once: a removal is never delayed.
3. The log is followed to that checkpoint. A contradiction to what was seen ends the poll, and trust is not renewed.
4. A head that the log names and that was not served is withheld, with the same effect. The same applies to a head below
   one that is in force here and not yet in the log. The head in force is given up once it is certain that it will not
   be logged.
5. A head that the log names applies completely, also where it restores what an earlier one removed; trust is renewed.
6. A version that is not in use is fetched with its proof from the log. The version is used only if every check passes
   and the Centre shows that its contents are in the certified set of that entry (`certified_set_check`).
7. Content in force here but missing from a log whose witnesses sign raises an alert.

Witnesses that do not answer stop only steps 5 and 6: nothing is added, and removed entries stay removed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from tutela import clock
from tutela.edge.active_lists.certified_set_check import check_count, check_lawful, check_present, draw
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists, renewed, shared_list
from tutela.edge.active_lists.log_follower import LogBook, Signed
from tutela.edge.active_lists.poller import Alert, Polling, hiding
from tutela.edge.active_lists.sealed_memory import SharedList, memory_of
from tutela.edge.active_lists.state_store import ListStore, Unlogged
from tutela.edge.active_lists.verification import (
    SeenVersions,
    adopted,
    certified_values,
    check_head,
    check_logged,
    check_manifest,
    check_snapshot,
    stored_manifest,
)
from tutela.edge.errors import (
    EquivocationError,
    ExpiredReleaseError,
    NoQuorumError,
    NotBoundError,
    NotLoggedError,
    ReleaseError,
    RolledBackError,
    SnapshotMismatchError,
    UnloggedHeadError,
    UnreachableError,
    WithheldError,
)
from tutela.exchange.message.signed_envelope import TrustedKeys
from tutela.exchange.register.release import CertifiedValues, ReleaseHead, ReleaseManifest
from tutela.matching import Snapshot, SnapshotError, folded
from tutela.matching.files.snapshot_writer import write_atomically

# From the moment in which witnesses sign again, a head has so long to reach the log.
LOGGED_WITHIN = timedelta(seconds=60)


def _overdue(waiting: Unlogged, now: datetime) -> bool:
    return waiting.quorum is not None and now - waiting.quorum > LOGGED_WITHIN


class ReleaseSync(Polling):
    """Keeps a list of the register current. `client` carries the Centre's address and the key."""

    def __init__(
        self,
        list_id: str,
        client: httpx.Client,
        keys: TrustedKeys,
        book: LogBook,
        store: ListStore,
        lists: LiveLists,
        alert: Alert,
    ) -> None:
        super().__init__(list_id, client, keys, store, lists, alert)
        self._book = book

    def stand(self) -> tuple[int, int, int]:
        """Version in use, newest sequence seen, and how far the log was followed."""
        waiting = self._state.unlogged
        seen = max(self._state.seen.sequence, waiting.newest if waiting else 0)
        return self._state.active, seen, self._book.size

    def _poll(self) -> None:
        now = clock.now()
        newest = self._newest()
        data = self._document(f"/api/v1/releases/{self.list_id}/head")
        head, seen = check_head(data, self.list_id, self._keys, self._state.seen, now)
        self._remove(head, seen, now)
        away = newest if isinstance(newest, ReleaseError) else None
        if isinstance(newest, Signed):
            self._book.follow(newest)
        elif not isinstance(newest, UnreachableError | NoQuorumError):
            raise newest
        self._settle(seen, now)
        self._refuse_older(seen, now)
        self._renew(head, now)
        if away is not None:
            raise away
        if head.version != self._state.active or self._lists.get(self.list_id) is None:
            self._adopt(head, now)
        self._check_logged(now)

    def _newest(self) -> Signed | ReleaseError:
        """Step 1. What it raises is raised after the removals."""
        try:
            return self._book.newest()
        except ReleaseError as error:
            return error

    def _remove(self, head: ReleaseHead, seen: SeenVersions, now: datetime) -> None:
        """Step 2."""
        waiting = self._state.unlogged
        if seen.sequence != self._state.seen.sequence:
            if waiting is None:
                waiting = Unlogged(seen.sequence, now)
            if seen.sequence > waiting.newest:
                waiting = replace(waiting, newest=seen.sequence, sha256=seen.head_sha256)
        removed = self._state.removed | self._ids(head)
        self._commit(replace(self._state, removed=removed, unlogged=waiting))
        if live := self._lists.get(self.list_id):
            self._lists.put(hiding(live, removed))

    def _settle(self, seen: SeenVersions, now: datetime) -> None:
        """Step 4, and which heads the log names by now."""
        named = self._book.head(self.list_id)
        if named is None:
            return
        (sequence, sha256), waiting, known = named, self._state.unlogged, self._state.seen
        both = [(seen.sequence, seen.head_sha256), *([(waiting.newest, waiting.sha256)] if waiting else [])]
        if any(number == sequence and digest != sha256 for number, digest in both):
            raise EquivocationError("The served head differs from the head in the log.")
        if (sequence, sha256) in both:
            known = replace(known, sequence=sequence, head_sha256=sha256)
        if waiting is not None and sequence >= waiting.sequence:
            later = waiting.newest > sequence
            waiting = replace(waiting, sequence=waiting.newest, since=now, quorum=None) if later else None
        before = self._state
        self._commit(replace(self._state, seen=known, unlogged=waiting))
        if sequence > seen.sequence:
            seen_here = before.unlogged is not None and before.unlogged.newest >= sequence
            said = f"Sequence {seen.sequence}, but the log names {sequence}."
            raise RolledBackError(said) if seen_here else WithheldError(said)

    def _refuse_older(self, seen: SeenVersions, now: datetime) -> None:
        """Step 4, for unlogged heads.

        Removals of such a head apply until it is certain that it will never be logged.
        """
        waiting = self._note_quorum(now)
        if waiting is None or (waiting.newest, waiting.sha256) == (seen.sequence, seen.head_sha256):
            return
        if _overdue(waiting, now):
            self._commit(replace(self._state, unlogged=None))
            raise UnloggedHeadError(
                f"Sequence {waiting.newest} was served but never logged; the Edge no longer waits for it."
            )
        if waiting.newest == seen.sequence:
            raise EquivocationError("Two heads have this number, and neither is logged.")
        raise RolledBackError(f"Sequence {seen.sequence} after {waiting.newest}.")

    def _renew(self, head: ReleaseHead, now: datetime) -> None:
        """Step 5. An old list is not renewed by a head that names a newer one."""
        live = self._lists.get(self.list_id)
        if live is None or head.version != self._state.active:
            return
        until = self._until(head)
        removed = self._counted(head)
        self._commit(replace(self._state, trusted_until=until, removed=removed))
        self._lists.put(replace(renewed(hiding(live, removed), until, now), log=self._book.describe()))

    def _counted(self, head: ReleaseHead) -> frozenset[UUID]:
        """Ids that are removed: those of any head, until the log names this head."""
        return self._state.removed if self._state.unlogged else self._ids(head)

    def _ids(self, head: ReleaseHead) -> frozenset[UUID]:
        return self._removals(head, f"/api/v1/releases/{self.list_id}")

    def _until(self, head: ReleaseHead) -> datetime:
        return self._bounded(min(filter(None, (head.expires, self._book.trusted_until()))))

    def _adopt(self, head: ReleaseHead, now: datetime) -> None:
        """Step 6."""
        signed = self._document(self._path(head.version, "manifest"))
        manifest = check_manifest(signed, head, self._keys, now)
        proof = self._required(self._path(head.version, "proof"), NotLoggedError)
        self._book.follow(check_logged(proof, manifest, head.manifest_sha256, self._book))
        if self._book.release(self.list_id, head.version) not in (None, head.manifest_sha256):
            raise EquivocationError("The log names two releases of this version.")
        memory, changes = self._parts(manifest)
        removed = self._counted(head)
        live = shared_list(memory, manifest, self._until(head), now, changes)
        check_snapshot(memory.snapshot, manifest, live.matches.later)
        self._bind(live, certified_values(proof))
        live = hiding(live, removed)
        write_atomically(self._store.manifest_path(head.version), signed)
        write_atomically(self._store.proof_path(head.version), proof)
        seen, until = adopted(head, self._state.seen), live.trusted_until
        self._commit(replace(self._state, seen=seen, active=head.version, trusted_until=until, removed=removed))
        self._lists.put(replace(live, log=self._book.describe()))
        self._store.forget_others(head.version, manifest.base)

    def _bind(self, live: LiveList, values: CertifiedValues | None) -> None:
        """Verify a list against the certified set. Without a set in the log, no absence can be proven."""
        found, before = live.matches, self._lists.came(self.list_id)
        check_lawful(found)
        if values is None:
            return
        check_count(found, live.manifest)
        drawn = draw(found, before.matches if before else None)
        if drawn:
            path = self._path(live.manifest.version, f"presence/{','.join(map(str, drawn))}")
            check_present(drawn, self._required(path, NotBoundError), values)

    def _parts(self, manifest: ReleaseManifest) -> tuple[SharedList, SharedList | None]:
        """The snapshot, which is here already if the version before had it, and the changes to it."""
        live, changes, base = self._lists.came(self.list_id), None, None
        if live is not None and live.memory is not None:
            here = (live.manifest.base, live.memory.snapshot.sha256)
            same = here == (manifest.base, manifest.snapshot_sha256)
            base = live.memory if same else self._grown(live.manifest.base, live.memory, manifest)
        if base is None:
            where = self._path(manifest.base, "snapshot")
            parts = self._snapshot(where, manifest.snapshot_size, manifest.snapshot_sha256)
            base = self._sealed(memory_of(parts), self._store.list_path(manifest.base))
        if manifest.changes is not None:
            where = self._path(manifest.version, "changes")
            parts = self._snapshot(where, manifest.changes.size, manifest.changes.sha256)
            changes = self._sealed(memory_of(parts), self._store.changes_path(manifest.version))
        return base, changes

    def _grown(self, version: int, memory: SharedList, manifest: ReleaseManifest) -> SharedList | None:
        """Build the snapshot from the local one and the changes since; None if it must be fetched."""
        changes = manifest.folded
        if changes is None or changes.base != version:
            return None
        try:
            parts = self._snapshot(self._path(manifest.version, "changes"), changes.size, changes.sha256)
            data = folded(memory.snapshot, Snapshot(b"".join(parts)))
        except (UnreachableError, SnapshotMismatchError, SnapshotError, ValueError):
            return None
        if hashlib.sha256(data).hexdigest() != manifest.snapshot_sha256:
            return None
        return self._sealed(memory_of([data]), self._store.list_path(manifest.version))

    def _path(self, version: int, part: str) -> str:
        return f"/api/v1/releases/{self.list_id}/{version}/{part}"

    def _check_logged(self, now: datetime) -> None:
        """Step 7."""
        self._book.check_fresh()
        waiting = self._note_quorum(now)
        if waiting is not None and _overdue(waiting, now):
            raise UnloggedHeadError(f"Sequence {waiting.sequence}, since {waiting.since.isoformat()}.")

    def _note_quorum(self, now: datetime) -> Unlogged | None:
        """The unlogged head, with the first quorum that signed without it."""
        waiting = self._state.unlogged
        if waiting is None or waiting.quorum is not None or self._book.cosigned_at(now) <= waiting.since:
            return waiting
        waiting = replace(waiting, quorum=self._book.cosigned_at(now))
        self._commit(replace(self._state, unlogged=waiting))
        return waiting

    def _reopen(self, until: datetime) -> LiveList:
        now = clock.now()
        version = self._state.active
        manifest, sha256 = stored_manifest(self._store.manifest_path(version).read_bytes(), self._keys)
        if (manifest.list_id, manifest.version) != (self.list_id, version):
            raise SnapshotMismatchError("The stored manifest belongs to another release.")
        check_logged(self._store.proof_path(version).read_bytes(), manifest, sha256, self._book)
        if now >= min(until, manifest.expires):
            raise ExpiredReleaseError
        key, changes = self._store.key, None
        memory = SharedList.open(self._store.list_path(manifest.base), key, manifest.snapshot_sha256)
        if manifest.changes is not None:
            changes = SharedList.open(self._store.changes_path(version), key, manifest.changes.sha256)
        live = shared_list(memory, manifest, until, now, changes)
        check_snapshot(memory.snapshot, manifest, live.matches.later)
        live = hiding(live, self._state.removed)
        return replace(live, log=self._book.describe())

    def _required(self, path: str, missing: type[ReleaseError]) -> bytes:
        """Fetch a document that the Centre must have. Raises `missing` if the Centre answers 404."""
        try:
            return self._document(path)
        except UnreachableError as error:
            raise (missing(error.detail) if error.detail == f"Status {httpx.codes.NOT_FOUND}." else error) from None
