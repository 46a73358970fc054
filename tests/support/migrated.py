"""A database as `tutela migrate` leaves it, stopped: made once for all that run beside each other, and copied.

Making one takes ten seconds. `python -m tests.support.migrated FOLDER` makes one; who finds
`MIGRATED_FOR_TESTS` set copies that, and others make their own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tutela.app.runtime.embedded_postgres import PASSWORDS, Cluster

ROOT = Path(__file__).parents[2]


def make(folder: Path) -> None:
    """Make it in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    _migrate(folder)
    Cluster(folder).stop()


def again(folder: Path) -> Cluster:
    """Start one that was kept, and bring it to where the migrations of today lead."""
    _migrate(folder)
    cluster = Cluster(folder)
    cluster.ensure()
    return cluster


def copied(data: Path) -> Cluster:
    """Start a copy in a data folder. The database and its passwords alone: every key of an installation is its own."""
    made = _made()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    data.chmod(0o711)
    cluster = Cluster(data)
    cluster.folder.parent.mkdir(parents=True, exist_ok=True)
    for source, target in ((Cluster(made).folder, cluster.folder), (made / PASSWORDS, data / PASSWORDS)):
        subprocess.run(["cp", "-a", str(source), str(target)], check=True)
    cluster.ensure()
    return cluster


def _migrate(folder: Path) -> None:
    own = ("TUTELA_", "DATABASE_URL", "DJANGO_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(own)} | {"TUTELA_DATA": str(folder)}
    subprocess.run([sys.executable, "-m", "tutela.app.cli", "migrate"], env=env, cwd=ROOT, check=True)


@cache
def _made() -> Path:
    if given := os.environ.get("MIGRATED_FOR_TESTS"):
        return Path(given)
    folder = Path(tempfile.mkdtemp(prefix="tutela-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make(folder)
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[1]))
