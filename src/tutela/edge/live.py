"""The lists in use. Readers see one whole state; a list that is no longer trusted is not asked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tutela import clock
from tutela.edge.errors import (
    ExpiredReleaseError,
    MalformedReleaseError,
    NoTrustedListError,
    SnapshotMismatchError,
    UntrustedReleaseError,
)
from tutela.edge.trust import check_snapshot
from tutela.exchange.errors import NotJsonError
from tutela.exchange.release import ReleaseManifest, SourceKind
from tutela.matching import Match, MatchList, Snapshot, SnapshotError
from tutela.matching.library import Item


@dataclass(frozen=True, slots=True)
class LiveList:
    """A verified list, the manifest it came with, and until when it may be used."""

    matches: MatchList
    manifest: ReleaseManifest
    trusted_until: datetime
    checked_at: datetime

    def describe(self, now: datetime) -> dict[str, Any]:
        """What answers and the readiness page say of a list. Ages are in seconds since the last good check."""
        return {
            "list_id": self.manifest.list_id,
            "name": self.manifest.list_name,
            "source": self.manifest.source_kind.value,
            "in_public_register": self.manifest.source_kind is SourceKind.REGISTER,
            "version": self.manifest.version,
            "entries": len(self.matches),
            "removed": len(self.matches.removed),
            "age_seconds": round((now - self.checked_at).total_seconds(), 3),
            "trusted_until": self.trusted_until.isoformat(),
            "trusted": now < self.trusted_until,
        }


class LiveLists:
    """All lists of an Edge. `expected` are those without which it is not complete, hence not ready."""

    def __init__(self, expected: Sequence[str] = ()) -> None:
        self.expected = tuple(expected)
        self._lock = threading.Lock()
        self._lists: dict[str, LiveList] = {}

    def put(self, live: LiveList) -> None:
        """Start using a list, or a newer state of it, with the next question."""
        with self._lock:
            self._lists = {**self._lists, live.manifest.list_id: live}

    def get(self, list_id: str) -> LiveList | None:
        return self._lists.get(list_id)

    def all(self) -> list[LiveList]:
        return list(self._lists.values())

    def trusted(self, now: datetime | None = None) -> list[LiveList]:
        """The lists that may be asked now. Raises NoTrustedListError if there is none or an expected one is missing."""
        moment = now or clock.now()
        lists = [live for live in self._lists.values() if moment < live.trusted_until]
        missing = set(self.expected) - {live.manifest.list_id for live in lists}
        if missing:
            raise NoTrustedListError(f"Missing or expired: {', '.join(sorted(missing))}.")
        if not lists:
            raise NoTrustedListError
        return lists

    def match_all(self, items: Sequence[Item]) -> tuple[list[list[Match]], list[LiveList]]:
        """The matches of each item in all trusted lists, and the lists that were asked."""
        lists = self.trusted()
        answers: list[list[Match]] = [[] for _ in items]
        for live in lists:
            for answer, found in zip(answers, live.matches.match_all(items), strict=True):
                answer.extend(found)
        return answers, lists


def load_provider_list(folder: Path) -> LiveList:
    """A list of the provider's own: `manifest.json` and `snapshot` in one folder, unsigned, never a register list.

    Raises the release errors; an unsigned file that claims to be the register is UntrustedReleaseError.
    """
    now = clock.now()
    try:
        manifest = ReleaseManifest.from_bytes((folder / "manifest.json").read_bytes())
        snapshot = Snapshot.open(folder / "snapshot")
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}. `tutela index build --list-id` makes a list."
        raise MalformedReleaseError(reason) from error
    except (ValidationError, NotJsonError) as error:
        raise MalformedReleaseError(f"{folder}: {type(error).__name__}.") from error
    except SnapshotError as error:
        raise SnapshotMismatchError(str(error)) from error
    if manifest.source_kind is not SourceKind.PROVIDER_SOURCE:
        raise UntrustedReleaseError("A list from the register comes from a Centre, signed.")
    if now >= manifest.expires:
        raise ExpiredReleaseError(str(folder))
    check_snapshot(snapshot, manifest)
    return live_list(snapshot, manifest, manifest.expires, now)


def live_list(snapshot: Snapshot, manifest: ReleaseManifest, until: datetime, now: datetime) -> LiveList:
    """Build the index of a verified snapshot."""
    matches = MatchList.load(
        snapshot, list_id=manifest.list_id, version=manifest.version, source=manifest.source_kind.value
    )
    return LiveList(matches, manifest, min(until, manifest.expires), now)


def renewed(live: LiveList, until: datetime, now: datetime) -> LiveList:
    """The same list, trusted for longer."""
    return replace(live, trusted_until=min(until, live.manifest.expires), checked_at=now)
