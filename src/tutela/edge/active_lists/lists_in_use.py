"""Lists in use. Readers see one consistent state; a list that is no longer trusted is not searched."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from tutela import clock
from tutela.edge.active_lists.sealed_memory import SharedList
from tutela.edge.active_lists.verification import check_snapshot
from tutela.edge.errors import (
    ExpiredReleaseError,
    MalformedReleaseError,
    NoTrustedListError,
    SnapshotMismatchError,
    UntrustedReleaseError,
)
from tutela.exchange.errors import NotJsonError
from tutela.exchange.register.release import ReleaseManifest, SourceKind
from tutela.matching import THRESHOLDS, Later, Match, MatchList, Snapshot, SnapshotError, Thresholds
from tutela.matching.files.lookup_keys import Item


class Subject(StrEnum):
    """Subject of a list. Only matches against lists about child sexual abuse may become candidates for a report."""

    CSA = "csa"
    OTHER = "other"


# Two files can be made that have one MD5 or one SHA-1: a negative by these takes no match by a stronger digest.
_WEAKEST_FIRST = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class _Digests:
    md5: str
    sha1: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LiveList:
    """A verified list, the manifest it came with, and until when it may be used.

    `memory` is what workers map: its snapshot, and with `changes` what the list gained and lost since.
    """

    matches: MatchList
    manifest: ReleaseManifest
    trusted_until: datetime
    checked_at: datetime
    memory: SharedList | None = None
    changes: SharedList | None = None
    subject: Subject = Subject.CSA
    # How the public log confirms a list of the register (`LogBook.describe`).
    log: dict[str, Any] | None = None

    def describe(self, now: datetime) -> dict[str, Any]:
        """Facts about a list for answers and the readiness page. Ages are in seconds since the last good check."""
        return {
            "list_id": self.manifest.list_id,
            "name": self.manifest.list_name,
            "source": self.manifest.source_kind.value,
            "subject": self.subject.value,
            "in_public_register": self.manifest.source_kind is SourceKind.REGISTER,
            "version": self.manifest.version,
            "entries": len(self.matches),
            "removed": len(self.matches.removed),
            "age_seconds": round((now - self.checked_at).total_seconds(), 3),
            "trusted_until": self.trusted_until.isoformat(),
            "trusted": now < self.trusted_until,
            **({"log": self.log} if self.log else {}),
        }


class LiveLists:
    """All lists of an Edge. `expected` are those without which it is not complete, hence not ready.

    `thresholds` say when a video agrees with a listed one.
    """

    def __init__(self, expected: Sequence[str] = (), thresholds: Sequence[Thresholds] = THRESHOLDS) -> None:
        self.expected: tuple[str, ...] = tuple(expected)
        self._thresholds = thresholds
        self._changed = threading.Condition()
        self._lists: dict[str, LiveList] = {}
        # As they came, before what people decided here is taken from them.
        self._given: dict[str, LiveList] = {}
        self._hidden: Mapping[str, frozenset[UUID]] = {}
        # When each list's time is out, counted in how long this machine has run: a clock that is set back revives none.
        self._until: dict[str, float] = {}
        self._negatives: frozenset[tuple[str, str]] = frozenset()
        self._state = 0

    def put(self, live: LiveList) -> None:
        """Start using a list, or a newer state of it, with the next question."""
        live = replace(live, matches=replace(live.matches, thresholds=self._thresholds))
        with self._changed:
            self._until = {**self._until, live.manifest.list_id: self._deadline(live)}
            self._given = {**self._given, live.manifest.list_id: live}
            self._lists = {**self._lists, live.manifest.list_id: self._shown(live)}
            self._state += 1
            self._changed.notify_all()

    def _deadline(self, live: LiveList) -> float:
        """End of trust in a list, by the machine's uptime. It moves only if `trusted_until` has changed."""
        before = self._given.get(live.manifest.list_id)
        found = clock.running() + (live.trusted_until - clock.now()).total_seconds()
        same = before is not None and before.trusted_until == live.trusted_until
        return min(found, self._until[live.manifest.list_id]) if same else found

    def hide(self, entries: Mapping[str, frozenset[UUID]], negatives: frozenset[tuple[str, str]]) -> None:
        """Hide these entries, by list, and ignore exact matches of these negatives (family, hex).

        A negative of a picture's hash removes the perceptual hashes of the matching frame and keeps the digests. Two
        pictures can be made to have one hash, and a title card in a film is not the film. A negative of a digest
        removes all perceptual hashes, the digest itself and weaker digests.
        """
        with self._changed:
            if (entries, negatives) != (self._hidden, self._negatives):
                self._hidden, self._negatives = dict(entries), negatives
                self._lists = {list_id: self._shown(live) for list_id, live in self._given.items()}

    def _shown(self, live: LiveList) -> LiveList:
        hidden = self._hidden.get(live.manifest.list_id)
        return replace(live, matches=live.matches.without(live.matches.removed | hidden)) if hidden else live

    def changed(self, seen: int, seconds: float) -> int:
        """Wait until something was put after the state `seen`, at most so long; answers the state now."""
        with self._changed:
            self._changed.wait_for(lambda: self._state != seen, seconds)
            return self._state

    def expect(self, list_ids: Sequence[str]) -> None:
        """Add lists without which no answer is complete."""
        self.expected = tuple(dict.fromkeys([*self.expected, *list_ids]))

    def given(self) -> list[LiveList]:
        """The lists as they came, what people hid here included."""
        return list(self._given.values())

    def came(self, list_id: str) -> LiveList | None:
        """A list as it came."""
        return self._given.get(list_id)

    def get(self, list_id: str) -> LiveList | None:
        return self._lists.get(list_id)

    def all(self) -> list[LiveList]:
        return list(self._lists.values())

    def trusted(self, now: datetime | None = None) -> list[LiveList]:
        """The lists that may be asked now. Raises NoTrustedListError if there is none or an expected one is missing."""
        moment = now or clock.now()
        lists = [live for name, live in self._lists.items() if moment < live.trusted_until and self._lasts(name)]
        missing = set(self.expected) - {live.manifest.list_id for live in lists}
        if missing:
            raise NoTrustedListError(f"Missing or expired: {', '.join(sorted(missing))}.")
        if not lists:
            raise NoTrustedListError
        return lists

    def _lasts(self, list_id: str) -> bool:
        """Whether a list's time has not run out on this machine, whatever was done to its clock meanwhile."""
        return clock.running() < self._until[list_id]

    def match_all(self, items: Sequence[Item]) -> tuple[list[list[Match]], list[LiveList]]:
        """The matches of each item in all trusted lists, and the lists that were asked."""
        lists = self.trusted()
        asked = [self._without_negatives(item) for item in items] if self._negatives else items
        answers: list[list[Match]] = [[] for _ in items]
        for live in lists:
            for answer, found in zip(answers, live.matches.match_all(asked), strict=True):
                answer.extend(found)
        return answers, lists

    def _without_negatives(self, item: Item) -> Item:
        """Remove the hashes that people declared as negatives: exact matches only, never near ones."""
        digests, frames = item
        left = [one for one in frames if not one.variants or ("pdq", one.variants[0].hex()) not in self._negatives]
        if digests is None:
            return None, left
        known = {kind: getattr(digests, kind).lower() for kind in _WEAKEST_FIRST}
        declared = [place for place, pair in enumerate(known.items()) if pair in self._negatives]
        if not declared:
            return digests, left
        gone = _WEAKEST_FIRST[: declared[-1] + 1]
        return _Digests(**{kind: "" if kind in gone else value for kind, value in known.items()}), []


def read_provider_folder(folder: Path) -> tuple[ReleaseManifest, bytes]:
    """`manifest.json` and `snapshot` as `tutela index build --list-id` makes them: unsigned, never a register list.

    Raises the release errors; an unsigned file that claims to be the register is UntrustedReleaseError.
    """
    with _as_release(folder):
        manifest, data = _own_manifest(folder), (folder / "snapshot").read_bytes()
        check_snapshot(Snapshot(data), manifest)
    return manifest, data


def open_provider_folder(folder: Path) -> tuple[ReleaseManifest, Snapshot]:
    """Open a provider folder in place, with the snapshot mapped.

    Raises the release errors, also ExpiredReleaseError.
    """
    with _as_release(folder):
        manifest, path = _own_manifest(folder), folder / "snapshot"
        path.stat()
        snapshot = Snapshot.open(path)
        check_snapshot(snapshot, manifest)
    if clock.now() >= manifest.expires:
        raise ExpiredReleaseError(str(folder))
    return manifest, snapshot


def _own_manifest(folder: Path) -> ReleaseManifest:
    manifest = ReleaseManifest.from_bytes((folder / "manifest.json").read_bytes())
    if manifest.source_kind is not SourceKind.PROVIDER_SOURCE:
        raise UntrustedReleaseError("A list of the register must come from a Centre, signed.")
    return manifest


@contextmanager
def _as_release(folder: Path) -> Iterator[None]:
    """Turn errors of a folder into release errors."""
    try:
        yield
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}. `tutela index build --list-id` makes a list."
        raise MalformedReleaseError(reason) from error
    except (ValidationError, NotJsonError) as error:
        raise MalformedReleaseError(f"{folder}: {type(error).__name__}.") from error
    except SnapshotError as error:
        raise SnapshotMismatchError(str(error)) from error


def live_list(snapshot: Snapshot, manifest: ReleaseManifest, until: datetime, now: datetime) -> LiveList:
    """Build the index of a verified snapshot."""
    matches = MatchList.load(
        snapshot, list_id=manifest.list_id, version=manifest.version, source=manifest.source_kind.value
    )
    return LiveList(matches, manifest, min(until, manifest.expires), now)


def shared_list(
    memory: SharedList, manifest: ReleaseManifest, until: datetime, now: datetime, changes: SharedList | None = None
) -> LiveList:
    """Build a list from shared memory that its sealer has verified."""
    matches = MatchList.load(
        memory.snapshot,
        list_id=manifest.list_id,
        version=manifest.version,
        source=manifest.source_kind.value,
        index=memory.index,
    )
    if changes is not None:
        matches = replace(matches, later=Later.load(memory.snapshot, changes.snapshot, changes.index))
    return LiveList(matches, manifest, min(until, manifest.expires), now, memory, changes)


def renewed(live: LiveList, until: datetime, now: datetime) -> LiveList:
    """The list, trusted for longer."""
    return replace(live, trusted_until=min(until, live.manifest.expires), checked_at=now)
