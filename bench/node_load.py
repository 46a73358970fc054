"""A node as operators run it, under load: the web server alone or with the worker, and wrk on the same cores."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.support.drills import Installation
from tests.support.patience import PATIENCE

BENCH = Path(__file__).resolve().parent
# The web server of `tutela serve`, without its worker.
WEB = """
import os
from tutela.app import config
from tutela.app.runtime import node
from tutela.app.runtime import supervisor
chosen = config.load()
node.prepare()
child = supervisor.web(chosen.listen, chosen.web_workers)
os.execvpe(child.command[0], child.command, {**os.environ, **getattr(child, "env", {})})
"""
SETTINGS = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT name, setting FROM pg_settings"
                   " WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')")
    print(json.dumps(dict(cursor.fetchall())))
"""
# The worker has worked off what a load left when no event waits for its place in the chain and no message to be sent.
LEFT = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT (SELECT count(*) FROM accountability_waiting_event)"
                   " + (SELECT count(*) FROM procrastinate_jobs"
                   " WHERE status IN ('todo', 'doing') AND queue_name = 'outbox')")
    print(json.dumps(cursor.fetchone()[0]))
"""


@dataclass(frozen=True)
class Load:
    """What wrk did: answers or whole flows, seconds, median and p99 of an answer in ms, and its share of a core."""

    done: int
    seconds: float
    median: float
    p99: float
    used: float

    @property
    def rate(self) -> float:
        return self.done / self.seconds


def wrk(program: str, url: str, script: str, seconds: int, *, threads: int, connections: int, **env: str) -> Load:
    """Load a node by one of the scripts beside this file. Ends the bench where an answer was not what it must be."""
    command = [program, f"-t{threads}", f"-c{connections}", f"-d{seconds}", "--timeout", f"{20 * PATIENCE}", "-s"]
    before = os.times()
    done = subprocess.run(
        [*command, str(BENCH / script), f"{url}/"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    line = next((one for one in done.stdout.splitlines() if one.startswith("RESULT")), None)
    if line is None:
        sys.exit(f"wrk ended with {done.returncode}: {done.stdout}{done.stderr}"[-3000:])
    count, taken, middle, slow, errors = (int(one) for one in line.split()[1:6])
    if errors:
        sys.exit(f"{errors} answers were not what they must be: {done.stdout}{done.stderr}"[-3000:])
    if not count:
        sys.exit(f"no answer came in {seconds} s, so that there is nothing to compare")
    used = (after.children_user + after.children_system) - (before.children_user + before.children_system)
    return Load(count, taken / 1e6, middle / 1e3, slow / 1e3, used / (taken / 1e6))


@contextmanager
def web(node: Installation) -> Iterator[None]:
    """The web server without the worker, answering."""
    with node.log.open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", WEB], env=node.env, stdout=log, stderr=log)
    try:
        answers(node)
        yield
    finally:
        process.terminate()
        process.wait(60 * PATIENCE)


def answers(node: Installation) -> None:
    """Wait until the node answers."""
    deadline = time.monotonic() + 120 * PATIENCE
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{node.url}/", timeout=2 * PATIENCE).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    sys.exit("the node did not come up")


def durable(node: Installation) -> str:
    """The database's version; ends the bench where it would not keep through a power cut what it acknowledged."""
    found: dict[str, str] = node.run(SETTINGS)
    version = found.pop("server_version")
    if set(found.values()) != {"on"}:
        sys.exit(f"the database is not durable: {found}")
    return version


def drained(node: Installation) -> float:
    """Seconds until the worker has worked off what the load left."""
    begun = time.monotonic()
    while node.run(LEFT):
        if time.monotonic() - begun > 600 * PATIENCE:
            sys.exit("the worker never caught up")
        time.sleep(0.5)
    return time.monotonic() - begun
