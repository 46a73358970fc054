"""Common base of signed-list fetchers: state and transport; a refusal never raises."""

from __future__ import annotations

import contextlib
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx

from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveList, LiveLists
from tutela.edge.active_lists.sealed_memory import SharedList
from tutela.edge.active_lists.state_store import SKEW, ListStore, StoredState
from tutela.edge.errors import ExpiredReleaseError, NoGrantError, ReleaseError, SnapshotMismatchError, UnreachableError
from tutela.exchange.message.signed_envelope import TrustedKeys
from tutela.exchange.register.release import GRANTED_UNTIL, IN_USE, NO_GRANT, ReleaseHead, removed_ids
from tutela.matching import SnapshotError

# Heads and manifests are small; a larger answer is refused unread.
MAX_DOCUMENT = 8 << 20
MAX_PROBLEM = 64 << 10

type Alert = Callable[[str, ReleaseError], None]


class Polling(ABC):
    """Keep one list current. `client` has the address and key; `alert` gets every refusal.

    The address is that of the server.
    """

    def __init__(
        self, list_id: str, client: httpx.Client, keys: TrustedKeys, store: ListStore, lists: LiveLists, alert: Alert
    ) -> None:
        self.list_id, self._client, self._keys = list_id, client, keys
        self._store, self._lists, self._alert = store, lists, alert
        self._state = StoredState()
        self._removed: tuple[str, frozenset[UUID]] = ("", frozenset())
        # Expiry of the grant, as the last answer stated: nothing is trusted for longer.
        self._granted: datetime | None = None

    def resume(self) -> bool:
        """Verify the last run's release again; use it if still trusted. Raises StateDamagedError."""
        self._state = self._store.load()
        if not self._state.active or self._state.trusted_until is None:
            return False
        try:
            if clock.now() < (latest := self._store.latest()) - SKEW:
                raise ExpiredReleaseError(f"The clock was set back: an earlier time was {latest.isoformat()}.")
            self._lists.put(self._reopen(self._state.trusted_until))
        except (ReleaseError, OSError) as error:
            self._alert(self.list_id, error if isinstance(error, ReleaseError) else SnapshotMismatchError(str(error)))
            return False
        return True

    def poll(self) -> bool:
        """One round; True if it went well. A refusal is counted and reported, never raised."""
        self._store.lived()
        try:
            self._poll()
        except ReleaseError as error:
            if isinstance(error, NoGrantError):
                self._end()
            self._alert(self.list_id, error)
            return False
        return True

    def _end(self) -> None:
        """Stop using a list whose grant has ended. A new grant restores it with the next head."""
        now = clock.now()
        if (live := self._lists.came(self.list_id)) and now < live.trusted_until:
            self._lists.put(replace(live, trusted_until=now))
        if self._state.trusted_until is not None and now < self._state.trusted_until:
            # A full disk keeps nobody from hearing of it; the next round tries again.
            with contextlib.suppress(OSError):
                self._commit(replace(self._state, trusted_until=now))

    def _bounded(self, until: datetime) -> datetime:
        return min(until, self._granted) if self._granted else until

    @abstractmethod
    def _poll(self) -> None:
        """One round. Raises ReleaseError."""

    @abstractmethod
    def _reopen(self, until: datetime) -> LiveList:
        """Verify the list of the last run again. Raises ReleaseError, OSError."""

    def _sealed(self, memory: int, path: Path) -> SharedList:
        try:
            return SharedList.make(memory, path, self._store.key)
        except SnapshotError as error:
            raise SnapshotMismatchError(str(error)) from error

    def _commit(self, state: StoredState) -> None:
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

    def _snapshot(self, path: str, wanted: int, digest: str) -> Iterator[bytes]:
        """The bytes of a snapshot; raises before it ends if they are not as many, with the SHA-256, as are wanted."""
        size, sha256 = 0, hashlib.sha256()
        for chunk in self._stream(path):
            size += len(chunk)
            if size > wanted:
                raise SnapshotMismatchError("The answer is longer than expected.")
            sha256.update(chunk)
            yield chunk
        if (size, sha256.hexdigest()) != (wanted, digest):
            raise SnapshotMismatchError

    def _removals(self, head: ReleaseHead, place: str) -> frozenset[UUID]:
        """Ids that a head removes; a file of them is fetched below `place`, once. Raises ReleaseError."""
        if (file := head.removed_file) is None:
            return frozenset(head.removed)
        if self._removed[0] != file.sha256:
            data = b"".join(self._snapshot(f"{place}/removed/{file.sha256}", file.size, file.sha256))
            self._removed = (file.sha256, removed_ids(data))
        return self._removed[1]

    def _stream(self, path: str) -> Iterator[bytes]:
        try:
            with self._client.stream("GET", path, headers={IN_USE: str(self._state.active)}) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise _refusal(answer)
                if said := answer.headers.get(GRANTED_UNTIL):
                    self._granted = _moment(said)
                yield from answer.iter_raw()
        except httpx.HTTPError as error:
            raise UnreachableError(type(error).__name__) from None


def _refusal(answer: httpx.Response) -> ReleaseError:
    """Turn an answer into an error. Only a refusal by the Centre ends a list.

    A 403 from a third party on the way, such as a proxy, is no answer of the Centre.
    """
    if answer.status_code == httpx.codes.FORBIDDEN:
        body = b""
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) > MAX_PROBLEM:
                break
        try:
            if json.loads(body).get("type") == NO_GRANT:
                return NoGrantError()
        except (ValueError, AttributeError, RecursionError):
            pass
    return UnreachableError(f"Status {answer.status_code}.")


def _moment(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UnreachableError("The answer does not state the end of the grant.")
    return found


def hiding(live: LiveList, removed: frozenset[UUID]) -> LiveList:
    return live if removed == live.matches.removed else replace(live, matches=live.matches.without(removed))
