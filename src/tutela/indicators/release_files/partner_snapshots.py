"""Snapshots of redistributed lists: sealed in the data folder, and deleted with their list."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from tutela.matching.files.snapshot_writer import write_atomically
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.keys.key_revocation import renew_file


def keep(slug: str, version: int, data: bytes) -> None:
    """Seal a snapshot."""
    path = _path(slug, version)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, wrap(data, _purpose(slug, version)))


def there(slug: str, version: int) -> bool:
    """Whether a version's snapshot is still kept."""
    return _path(slug, version).exists()


def read(slug: str, version: int) -> bytes:
    """A snapshot. Raises `OSError`, `CannotUnwrap`."""
    return unwrap(_path(slug, version).read_bytes(), _purpose(slug, version))


def forget(slug: str, *, below: int | None = None) -> None:
    """Delete the snapshots of a list, or those of versions below one."""
    if below is None:
        for path in folder(slug).glob("removed-*.ids"):
            path.unlink(missing_ok=True)
    for path in folder(slug).glob("*.sealed"):
        if below is None or int(path.stem) < below:
            path.unlink(missing_ok=True)


def reseal(old: bytes) -> int:
    """Reseal the snapshots sealed by a data key; returns how many.

    For `app.runtime.node.reseal`.
    """
    found = sorted(_folder().glob("*/*.sealed"))
    return sum(renew_file(one, old, _purpose(one.parent.name, int(one.stem)), write_atomically) for one in found)


def _purpose(slug: str, version: int) -> str:
    return f"partner-release:{slug}:{version}"


def folder(slug: str) -> Path:
    """The folder of a list's snapshots."""
    return _folder() / slug


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "releases" / "foreign"


def _path(slug: str, version: int) -> Path:
    return folder(slug) / f"{version}.sealed"
