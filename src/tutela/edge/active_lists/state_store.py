"""State of one list across restarts: the newest logged head that was seen, and the release in use.

    state.json       what must not be undone, removed entries, and until when the release in use is trusted
    N.manifest       the signed manifest of the release in use
    N.proof          proof that the public log names it
    N.list, N.index  its snapshot and the index of it, sealed (`sealed_memory`)

`state.json` is written last and in one step. A damaged state raises an alert and is never replaced by a fresh start.
Its modification time is the latest known time of the Edge. A clock that is earlier was set back, and revives no expired
list.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from tutela import clock
from tutela.edge.active_lists.sealed_memory import forget_files
from tutela.edge.active_lists.verification import SeenVersions
from tutela.edge.errors import StateDamagedError
from tutela.matching.files.snapshot_writer import write_atomically

NOTED_EVERY = timedelta(minutes=1)
# So far a clock may be corrected.
SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Unlogged:
    """A head that is in force and not in the log yet: since when, and the first quorum that signed without it.

    `newest` is the highest such number that was served, and the digest of its head.
    """

    sequence: int
    since: datetime
    quorum: datetime | None = None
    newest: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StoredState:
    """State on disk; `active` is the version in use, 0 before the first.

    `removed` only grows, until the log names a head that restores entries.
    """

    seen: SeenVersions = field(default_factory=SeenVersions)
    active: int = 0
    trusted_until: datetime | None = None
    removed: frozenset[UUID] = field(default_factory=frozenset)
    unlogged: Unlogged | None = None


class ListStore:
    """The folder of one list, sealed with `key`. One process writes to it."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder, self.key = folder, key
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def _state(self) -> Path:
        return self.folder / "state.json"

    def manifest_path(self, version: int) -> Path:
        return self.folder / f"{version}.manifest"

    def proof_path(self, version: int) -> Path:
        return self.folder / f"{version}.proof"

    def list_path(self, version: int) -> Path:
        """Path of a version's sealed snapshot files, without their endings."""
        return self.folder / str(version)

    def changes_path(self, version: int) -> Path:
        """Path of the sealed files with a version's changes to an earlier snapshot."""
        return self.folder / f"{version}.changes"

    def load(self) -> StoredState:
        """The stored state; an empty one if nothing was stored. Raises StateDamagedError."""
        try:
            value = json.loads(self._state.read_bytes())
            waiting = value.get("unlogged")
            return StoredState(
                SeenVersions(**value["seen"]),
                value["active"],
                _moment(value["trusted_until"]),
                frozenset(map(UUID, value["removed"])),
                Unlogged(waiting[0], datetime.fromisoformat(waiting[1]), _moment(waiting[2]), *waiting[3:])
                if waiting
                else None,
            )
        except FileNotFoundError:
            return StoredState()
        except (ValueError, KeyError, TypeError) as error:
            raise StateDamagedError(str(self.folder)) from error

    def save(self, state: StoredState) -> None:
        """Remember; durable on return."""
        seen, waiting = state.seen, state.unlogged
        value = {
            "active": state.active,
            "removed": sorted(map(str, state.removed)),
            "seen": {name: getattr(seen, name) for name in SeenVersions.__dataclass_fields__},
            "trusted_until": _text(state.trusted_until),
            "unlogged": waiting
            and [waiting.sequence, _text(waiting.since), _text(waiting.quorum), waiting.newest, waiting.sha256],
        }
        write_atomically(self._state, json.dumps(value, sort_keys=True).encode())
        self._touch()

    def lived(self) -> None:
        """Record on disk, once a minute, that the Edge is running; after a restart it checks its clock by this.

        A disk that cannot be written never prevents the Edge from receiving removals.
        """
        with contextlib.suppress(OSError):
            if clock.now() - self.latest() >= NOTED_EVERY:
                self._touch()

    def latest(self) -> datetime:
        """The latest moment that this Edge is known to have lived. Raises OSError."""
        return datetime.fromtimestamp(self._state.stat().st_mtime, UTC)

    def _touch(self) -> None:
        moment = clock.now().timestamp()
        os.utime(self._state, (moment, moment))

    def forget_others(self, version: int, base: int) -> None:
        """Delete the files of other versions, but the snapshot of `base`; readers that map one keep it."""
        forget_files(self.folder, self.list_path(base), self.changes_path(version))
        for path in [*self.folder.glob("*.manifest"), *self.folder.glob("*.proof")]:
            if path not in (self.manifest_path(version), self.proof_path(version)):
                path.unlink(missing_ok=True)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
