"""Files of a version of the register's list in the data folder.

- `N.sealed`: the snapshot on which version N, and those after it until the next snapshot, are based.
- `N.changes.sealed`: the changes of version N to such a snapshot, or the changes that were folded into its own.
- `N.ids`, `N.hasher`: the ids of a snapshot's entries, ascending, 16 bytes each; the program that hashed them.
- `N.KEY.values`: its certified set (`tlog.certified_set_file`).
- `N.KEY.shared`: values that are in it more than once (`certified_set_files`).
- `N.KEY.moved`: values that version N has more or less often.
- `N.absences.json`: proofs of absence of the lawful reference images, which stay.

Hashes are stored sealed. Ids are in every head, and values reveal nothing about the items. Missing files, as after a
restore without this folder, are rebuilt from the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from tutela.matching.files.snapshot import Snapshot
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.keys.key_revocation import renew_file

LIST_ID = "eu-register"


def folder() -> Path:
    """The folder of all release files."""
    return Path(settings.DATA_DIR) / "releases" / LIST_ID


def file(version: int, ending: str) -> Path:
    """Return the path of a version's file and create its folder."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder() / f"{version}.{ending}"


def keep(version: int, data: bytes, *, changes: bool = False) -> None:
    """Seal a version's snapshot, or its changes."""
    path = _sealed(version, changes=changes)
    write_atomically(path, wrap(data, _purpose(path)))


def read(version: int, *, changes: bool = False) -> bytes:
    """Its bytes. Raises `OSError`, `CannotUnwrap`."""
    path = _sealed(version, changes=changes)
    return unwrap(path.read_bytes(), _purpose(path))


def there(version: int, *, changes: bool = False) -> bool:
    """Whether a version's snapshot, or its changes, is stored."""
    return _sealed(version, changes=changes).exists()


def keep_snapshot(version: int, data: bytes) -> str:
    """Keep a snapshot, its ids and its hasher; answers its SHA-256."""
    snapshot = Snapshot(data)
    keep(version, data)
    write_atomically(file(version, "ids"), snapshot.ids())
    write_atomically(file(version, "hasher"), snapshot.hasher.encode())
    return snapshot.sha256


def hasher(version: int) -> str | None:
    """Return the program that made the hashes in a version's snapshot; None if its files are lost."""
    try:
        return file(version, "hasher").read_text()
    except OSError:
        return None


def ids(version: int) -> NDArray[Any]:
    """The ids of a version's snapshot, `S16[n]`, ascending. Raises `OSError`."""
    path = file(version, "ids")
    return np.memmap(path, "S16", "r") if path.stat().st_size else np.empty(0, "S16")


def within(version: int, asked: Collection[UUID]) -> set[UUID]:
    """Return those of these entries that are in a version's snapshot. Raises `OSError`."""
    known = ids(version)
    ordered = sorted(asked)
    wanted = np.frombuffer(b"".join(one.bytes for one in ordered), "S16")
    at = np.searchsorted(known, wanted)
    return {
        one
        for one, place, value in zip(ordered, at.tolist(), wanted, strict=True)
        if place < len(known) and known[place] == value
    }


def forget(keep: Iterable[int]) -> None:
    """Delete what only versions need that nobody fetches any more: all but these, and but proofs of absence."""
    kept = set(keep)
    for path in folder().glob("*"):
        number, _, ending = path.name.partition(".")
        if number.isdecimal() and int(number) not in kept and ending != "absences.json":
            path.unlink(missing_ok=True)


def reseal(old: bytes) -> int:
    """Reseal the files sealed by a data key; returns how many. For `app.runtime.node.reseal`."""
    found = sorted(folder().glob("*.sealed")) if folder().exists() else []
    return sum(renew_file(path, old, _purpose(path), write_atomically) for path in found)


def _sealed(version: int, *, changes: bool) -> Path:
    return file(version, "changes.sealed" if changes else "sealed")


def _purpose(path: Path) -> str:
    return f"release:{path.name.removesuffix('.sealed')}"
