"""Run a node's processes in the foreground: start, restart after a crash, stop cleanly.

The embedded database is watched too: after a kill of its postmaster, the database is restarted before anything else.
Processes that a killed child leaves in its process group are ended before the child starts again. If the supervisor
itself is killed, the kernel asks its children to end.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutela.app.runtime import service_user
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.app.runtime.postgres_binaries import DatabaseUnavailable

# A process that keeps dying is started at most this often.
PAUSE_SECONDS = 1.0
STOP_SECONDS = 15
# A connection that has not sent its headers by then is closed: before a worker that ends is killed.
HEADER_MILLISECONDS, FINISH_SECONDS = 8000, 12
# A child waits this long for what it needs; then it starts, and reports itself what is missing.
PATIENCE_SECONDS = 60.0
# Below it root alone listens.
FIRST_OPEN_PORT = 1024
# How web and worker are handed the address of the runtime role; they need no other.
RUNTIME_URL = "TUTELA_RUNTIME_URL"
# What no child is handed.
WITHHELD = frozenset(
    {"TUTELA_OWNER_DATABASE_URL", "TUTELA_BACKUP_PASSPHRASE", "TUTELA_CENTRE_TOKEN", "TUTELA_PEER_TOKEN"}
)
# How the children are told the key of `events/rate_limits`.
LIMIT_KEY = "TUTELA_LIMIT_KEY"
# prctl's number for "send me this signal when my parent dies"; Linux alone has it.
PARENT_DEATH_SIGNAL = 1


@dataclass
class Child:
    """Process to keep running: its name, command and environment."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    # Returns whether the services that the child needs at its start are available; after `PATIENCE_SECONDS` the child
    # starts anyway.
    needs: Callable[[], bool] | None = None
    # The user as whom it runs; none: as who starts it.
    user: str | None = None
    running: subprocess.Popen[bytes] | None = None
    starts: int = 0


class Supervisor:
    """Supervisor that keeps children running until a signal or `stop()` ends it."""

    def __init__(self, children: list[Child], cluster: Cluster | None, say: Callable[[str], None]) -> None:
        self._children, self._cluster, self._say = children, cluster, say
        self._stop, self._patient_until = threading.Event(), 0.0
        # In memory alone, and the same for all children: what hides addresses in limits.
        self._limit_key = secrets.token_hex(32)

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Start all and watch them; `ready` is called once all have been started.

        Returns after a clean stop; Ctrl-C and SIGTERM stop it.
        """
        for signum in (signal.SIGINT, signal.SIGTERM):
            signal.signal(signum, lambda *_: self._stop.set())
        # A service manager's usual thousand descriptors are fewer than a thousand idle visitors.
        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        try:
            self._patient_until = time.monotonic() + PATIENCE_SECONDS
            self._look()
            while not self._stop.is_set():
                if ready is not None and all(child.starts for child in self._children):
                    ready()
                    ready = None
                self._stop.wait(PAUSE_SECONDS)
                if not self._stop.is_set():
                    self._look()
        finally:
            self._end()

    def stop(self) -> None:
        self._stop.set()

    def _look(self) -> None:
        if self._cluster is not None and not self._cluster.running():
            try:
                self._cluster.ensure()
            except DatabaseUnavailable as error:
                self._say(f"database: {error}")
                return
        for child in self._children:
            if (child.running is None or child.running.poll() is not None) and not self._waits(child):
                self._start(child)

    def _waits(self, child: Child) -> bool:
        if child.starts or child.needs is None or time.monotonic() > self._patient_until:
            return False
        return not child.needs()

    def _start(self, child: Child) -> None:
        if child.starts:
            code = child.running.returncode if child.running else None
            self._say(f"{child.name} stopped ({code}); restarted")
            if child.running is not None:  # web workers outlive a killed server and would go on holding its port
                _kill_group(child.running.pid)
        child.starts += 1
        # A session of its own: Ctrl-C reaches us alone, and we end the children in order.
        handed = {name: value for name, value in os.environ.items() if name not in WITHHELD}
        as_user: dict[str, Any] = {}
        if child.user:
            as_user = {"user": child.user, "group": child.user, "extra_groups": service_user.groups()}
        child.running = subprocess.Popen(  # noqa: S603 - our own commands
            child.command,
            env={**handed, LIMIT_KEY: self._limit_key, **child.env},
            start_new_session=True,
            preexec_fn=_die_with_parent,
            **as_user,
        )

    def _end(self) -> None:
        for child in reversed(self._children):
            if child.running is not None and child.running.poll() is None:
                child.running.send_signal(signal.SIGTERM)
        for child in reversed(self._children):
            if child.running is not None:
                _wait(child.running)
        if self._cluster is not None:
            self._cluster.stop()


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        process.wait()


def _kill_group(pid: int) -> None:
    """End whatever is left of a child's process group; a child leads a group of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _die_with_parent() -> None:
    """Between fork and exec of a child: ask for SIGTERM when the supervisor dies, so that no orphan serves on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)


def web(listen: str, workers: int) -> Child:
    """The web server of the desks and the API."""
    host, _, port = listen.rpartition(":")
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--host",
        host,
        "--port",
        port,
        "--workers",
        str(workers),
        "--respawn-failed-workers",
        "--no-ws",
        "--http",
        "1",
        # Connections cost little; `request_front` limits how many of their requests are in progress.
        "--backlog",
        "4096",
        "--backpressure",
        "4096",
        "--http1-header-read-timeout",
        str(HEADER_MILLISECONDS),
        "--workers-kill-timeout",
        str(FINISH_SECONDS),
        "--log-level",
        "warning",
        "tutela.app.runtime.asgi:application",
    ]
    return Child("web", command, {"DJANGO_SETTINGS_MODULE": "tutela.app.settings"})


def worker() -> Child:
    """The worker of jobs."""
    return Child("worker", [sys.executable, "-m", "tutela.app.runtime.worker"])


def as_user(
    children: list[Child], cluster: Cluster | None, data: Path, evidence: str, say: Callable[[str], None]
) -> None:
    """Give web and worker what only they need: the runtime role's address and, when started as root, their own user."""
    user = service_user.prepare(data, *([Path(evidence)] if evidence else []))
    if user is None and os.geteuid() == 0:
        say(
            "web and worker run as root: the user “tutela” cannot read the folder of this "
            "installation, or a file that a setting names"
        )
    for child in children:
        if child.name in ("web", "worker"):
            child.user = user if _may_bind(child) else None
            if cluster is not None:
                child.env[RUNTIME_URL] = cluster.url("tutela_app")


def _may_bind(child: Child) -> bool:
    """Whether a user other than root may open the child's port."""
    port = child.command[child.command.index("--port") + 1] if "--port" in child.command else "65535"
    return int(port) >= FIRST_OPEN_PORT


def edge(env: dict[str, Any], needs: Callable[[], bool] | None = None) -> Child:
    """An Edge with these settings."""
    command = [sys.executable, "-c", "from tutela.app.cli import main; main()", "edge", "serve"]
    return Child("edge", command, env, needs)


def witness(folder: Path, address: str) -> Child:
    """A witness of public logs that answers at an address."""
    host, _, port = address.rpartition(":")
    words = ["witness", "serve", str(folder), "--host", host, "--port", port]
    return Child("witness", [sys.executable, "-c", "from tutela.app.cli import main; main()", *words])


def storage(link_key: str, origin: str) -> Child:
    """The invented provider's own storage, for the demonstration."""
    port = origin.rpartition(":")[2]
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asgi",
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--log-level",
        "warning",
        "tutela.app.demo.storage:app",
    ]
    return Child("storage", command, {"DEMO_LINK_KEY": link_key, "DEMO_ORIGIN": origin})
