"""A whole node for drills: its own data folder, its real processes, its commands, each in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.migrated import copied
from tests.support.patience import PATIENCE
from tutela.app.runtime.embedded_postgres import Cluster

ROOT = Path(__file__).parents[2]
# `make drills`: every drill in its long form. Without it all of them run too, shorter.
LONG = os.environ.get("DRILLS") == "long"
long_only = pytest.mark.skipif(not LONG, reason="only in the long drills")
CLI = [sys.executable, "-m", "tutela.app.cli"]
# Runs before every snippet: Django as the runtime role, on this node's database. A busy machine may take its time to
# connect: that is no failure of what a snippet prepares or looks at.
PRELUDE = """
import json
from tutela.app.runtime import node
node.prepare(); node.django()
from django.db import connection
connection.settings_dict["OPTIONS"]["connect_timeout"] = 60
"""


class Installation:
    """A data folder and the environment that points everything at it."""

    def __init__(self, folder: Path | None = None, **env: str) -> None:
        self.data = folder or Path(tempfile.mkdtemp(prefix="tutela-drill-"))
        if self.data.exists():
            self.data.chmod(0o711)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = ("TUTELA_", "DATABASE_URL", "DJANGO_")
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(own)},
            "TUTELA_DATA": str(self.data),
            "TUTELA_LISTEN": f"127.0.0.1:{self.port}",
            "TUTELA_PUBLIC_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "tutela.app.settings",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "TUTELA_LOG_TRIAL": "1",
            "TUTELA_UNDO_SECONDS": "0",
            "TUTELA_PEER_NETWORKS": "127.0.0.0/8",
            **env,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.log = self.data.with_name(self.data.name + ".log")

    def cli(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CLI, *arguments],
            env={**self.env, **env},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300 * PATIENCE,
            check=False,
        )

    def migrate(self) -> None:
        """The tables of this version: copied, where there is no database yet, from one that a migration made."""
        if "DATABASE_URL" not in self.env and not Cluster(self.data).made:
            copied(self.data)
            return
        done = self.cli("migrate")
        assert done.returncode == 0, done.stderr

    def run(self, snippet: str) -> Any:
        """Run Python inside the installation; the snippet prints one line of JSON."""
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + snippet],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300 * PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    def serve(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*CLI, "serve"], env=self.env, cwd=ROOT, stdout=log, stderr=log)

    def peak(self) -> int:
        """The most memory that any process of the node, but for the database, has held, in MB."""
        most = 0
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                environ = (status.parent / "environ").read_bytes()
                held = re.search(r"VmHWM:\s+(\d+)", status.read_text())
                command = (status.parent / "cmdline").read_bytes()
            except OSError:
                continue
            if str(self.data).encode() in environ and held and b"postgres" not in command:
                most = max(most, int(held[1]) // 1024)
        return most

    def stop(self) -> None:
        """End the processes and the database, however they are, and remove the folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40 * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.data.exists():
            Cluster(self.data).stop()
            shutil.rmtree(self.data, ignore_errors=True)
        self.log.unlink(missing_ok=True)


class Edge:
    """A real Edge with a list of its own; started again whenever it has ended, as a service manager does."""

    TOKEN = "drill-" + "t" * 26

    def __init__(self, folder: Path, picture: Path, desk: Installation, key: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.outbox = folder / "data" / "outbox.sqlite3"
        folder.mkdir(mode=0o700)
        hashed = desk.cli("hash", str(picture))
        assert hashed.returncode == 0, hashed.stderr
        (folder / "hashed.jsonl").write_text(hashed.stdout)
        made = desk.cli("index", "build", str(folder / "hashed.jsonl"), "-o", str(folder / "own"), "--list-id", "own")
        assert made.returncode == 0, made.stdout + made.stderr
        self.env = {
            **desk.env,
            "TUTELA_EDGE_LISTEN": f"127.0.0.1:{self.port}",
            "TUTELA_EDGE_DATA_DIR": str(folder / "data"),
            "TUTELA_EDGE_TOKENS": self.TOKEN,
            "TUTELA_EDGE_PROVIDER_LISTS": str(folder / "own"),
            "TUTELA_EDGE_DETECTION": "on",
            "TUTELA_EDGE_DESK_URL": desk.url,
            "TUTELA_EDGE_DESK_KEY": key,
        }
        self._log, self._ending = desk.log, threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while not self._ending.wait(0.2):
            if self.process is None or self.process.poll() is not None:
                self._end_group()
                with self._log.open("ab") as log:
                    self.process = subprocess.Popen(
                        [*CLI, "edge", "serve"], env=self.env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                    )

    def _end_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._ending.set()
        self._keeper.join()
        self._end_group()
        if self.process is not None:
            self.process.wait()


# Between two looks; a condition with a deadline decides, never this pause.
_NEVER = threading.Event()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until[T](what: str, look: Callable[[], T | None], seconds: float, pause: float = 0.05) -> T:
    """What `look` answers as soon as it is true; fails with `what` after so many seconds."""
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds * PATIENCE:.0f} s: {what}"
        _NEVER.wait(pause)


def ended(pid: int) -> bool:
    """Whether a process is over; one that nobody has taken note of yet is."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def children(pid: int) -> dict[int, str]:
    """Process id and command line of every child."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid:
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, ValueError):
                continue
    return found
