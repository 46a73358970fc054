"""Preparation that every command of a node needs.

The embedded database is started if no other is configured, and Django is set up.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import subprocess
import sys
from pathlib import Path

from tutela.app import config
from tutela.app.runtime import service_user
from tutela.app.runtime.embedded_postgres import Cluster


def cluster() -> Cluster | None:
    """The embedded cluster, or None where a database is configured."""
    chosen = config.load()
    return None if chosen.database_url else Cluster(chosen.data.resolve())


def prepare() -> Cluster | None:
    """Start the embedded database if it is ours and does not run; returns it."""
    embedded, data = cluster(), config.load().data.resolve()
    service_user.refuse_anothers(data)
    if embedded is not None:
        embedded.ensure()
    if service_user.handed_over(data):
        atexit.register(service_user.hand_over, data)  # what a command adds, web and worker need too
    return embedded


def django() -> None:
    """Set Django up as the runtime role."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
    import django as framework

    framework.setup()


class CannotMigrate(Exception):
    """The migrations did not run; the lines above say why."""


def migrate() -> None:
    """Bring the database to this version, as the owner, in a process of its own. Raises `CannotMigrate`."""
    env = {**os.environ, "TUTELA_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "tutela.app.settings"}
    # What `check` looks at is the code, which tests have looked at; it takes longer than most migrations.
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0", "--skip-checks"]
    if subprocess.run(command, env=env, check=False).returncode:  # noqa: S603 - ourselves
        raise CannotMigrate(CannotMigrate.__doc__)


def reseal(key_id: str) -> int:
    """Reseal all values that a data key sealed, as the owner, in a separate process.

    Returns how many values were resealed. Raises CalledProcessError.
    """
    env = {**os.environ, "TUTELA_ROLE": "owner"}
    command = [sys.executable, "-m", "tutela.app.runtime.reseal_command", key_id]
    done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves
    return int(done.stdout)


class FolderInUse(Exception):
    """Another demonstration runs in the data folder."""


def require_alone() -> None:
    """Hold the data folder until this process ends. Raises `FolderInUse` where another process holds it."""
    folder = data_folder()
    # Read only: the folder may have been handed over to another user, and a lock needs no more.
    held = os.open(folder / "demo.lock", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise FolderInUse(
            f"A demonstration runs in {folder}. End it with Ctrl-C, or name another folder: TUTELA_DATA=other make demo"
        ) from None


def data_folder() -> Path:
    return config.load().data.resolve()
