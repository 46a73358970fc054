"""Reports into a real node: durable, with its database and the load generator on the same cores.

A node is set up as a Centre with one provider; wrk files canonical reports, each once, over HTTP. Every answer is a
signed receipt, given after commit; afterwards the rows are counted. Each report has its own item and account, as most
have. First the web server runs alone, with reports one by one and in batches of a hundred; then the worker too, and how
long it takes to work off what is left is measured.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from edge_load import require_wrk
from figures import QUICK, figure, machine, note, report
from tests.drills import Installation
from tests.reporting import report as made

CONNECTIONS = 8
SECONDS, ROUNDS = (3, 2) if QUICK else (20, 5)
# More than can be filed in a round: the last line is never reached.
BODIES = 9000 if QUICK else 40_000
LUA = Path(__file__).with_name("intake.lua")
BATCH = 100
SINGLE, BATCHES = "/api/v1/reports", "/api/v1/reports/batch"
# The worker has worked off what a load left when no event waits for its place in the chain and no message to be sent.
LEFT = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT (SELECT count(*) FROM accountability_waiting_event)"
                   " + (SELECT count(*) FROM procrastinate_jobs"
                   " WHERE status IN ('todo', 'doing') AND queue_name = 'outbox')")
    print(json.dumps(cursor.fetchone()[0]))
"""
type Round = tuple[int, float, float, float, float]
# The web server of `tutela serve`, without its worker.
WEB = """
import os
from tutela.app import config, node, processes
chosen = config.load()
node.prepare()
child = processes.web(chosen.listen, chosen.web_workers)
os.execvpe(child.command[0], child.command, {**os.environ, **getattr(child, "env", {})})
"""
FOUND = """
from tutela.app.config import load
from tutela.events.acting import acting
from tutela.organisations import apikeys
from tutela.organisations.founding import found
url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
provider = found("Pixelpost", "provider", "IE", api_url=url)
_row, key = apikeys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])
print(json.dumps({"key": key, "centre": str(centre.organisation_id)}))
"""
COUNT = """
from tutela.events.acting import acting
from tutela.organisations import directory
from tutela.reports.models import Report
centre = directory.the_centre()
with acting(directory.acting_for(centre, "system:bench", "bench")):
    print(json.dumps({"reports": Report.objects.count(), "ids": Report.objects.values("report_id").distinct().count()}))
"""


def bodies(folder: Path, batch: int) -> Path:
    """Bodies to send, one a line: reports, or arrays of so many."""
    path = folder / "bodies.jsonl"
    with path.open("wb") as out:
        for _ in range(BODIES // batch):
            out.write((made().to_bytes() if batch == 1 else _array(batch)) + b"\n")
    return path


def _array(size: int) -> bytes:
    return b"[" + b",".join(made().to_bytes() for _ in range(size)) + b"]"


def file(wrk: str, node: Installation, key: str, path: Path, name: str, batch: int) -> Round:
    """One round: reports filed, a second, median and p99 of a request in ms, and the share of a core that wrk took."""
    address = SINGLE if batch == 1 else BATCHES
    env = {**os.environ, "TOKEN": key, "BODIES": str(path), "ROUND": name, "ADDRESS": address}
    before = os.times()
    connections = CONNECTIONS if batch == 1 else 4
    command = [wrk, "-t1", f"-c{connections}", f"-d{SECONDS}", "--timeout", "20", "-s", str(LUA), f"{node.url}/"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    after = os.times()
    line = next(one for one in done.stdout.splitlines() if one.startswith("RESULT"))
    answered, taken, middle, slow, errors = (int(one) for one in line.split()[1:])
    if errors:
        sys.exit(f"{errors} answers were no receipts: {done.stdout}")
    if answered * batch >= BODIES:
        sys.exit("more was filed than was prepared: prepare more")
    used = (after.children_user + after.children_system) - (before.children_user + before.children_system)
    filed = answered * batch
    return filed, filed / (taken / 1e6), middle / 1e3, slow / 1e3, used / (taken / 1e6)


def main() -> None:
    machine()
    wrk = require_wrk()
    node = Installation(TUTELA_WEB_WORKERS="2")
    web: subprocess.Popen[bytes] | None = None
    try:
        node.migrate()
        known = node.run(FOUND)
        for use in ("receipt", "release", "checkpoint", "log", "values"):
            node.cli("keys", "create", use)
        web = subprocess.Popen([sys.executable, "-c", WEB], env=node.env, stderr=subprocess.DEVNULL)
        _until(node)
        alone = rounds(wrk, node, known["key"], "alone")
        together = rounds(wrk, node, known["key"], "together", BATCH)
        web.terminate()
        web.wait(60)
        node.serve()
        _until(node)
        beside = rounds(wrk, node, known["key"], "beside")
        left = drained(node)
        counted = node.run(COUNT)
    finally:
        if web is not None and web.poll() is None:
            web.kill()
        node.stop()
    filed = sum(one[0] for one in (*alone, *beside, *together))
    # wrk ends with requests on their way; what they carry may be in.
    unread = 4 * CONNECTIONS * ROUNDS + 4 * BATCH * ROUNDS
    if counted["ids"] != counted["reports"] or not filed <= counted["reports"] <= filed + unread:
        sys.exit(f"{filed} receipts and {counted} rows")
    note(f"{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections; {filed} receipts, {counted['reports']} rows")
    middle, used = statistics.median(one[2] for one in alone), alone[-1][4]
    note(f"alone: median answer {middle:.1f} ms; wrk took {used:.0%} of one of the same cores")
    figure("intake_single", statistics.median(one[1] for one in alone), "reports/s", ">=300")
    figure("intake_p99", statistics.median(one[3] for one in alone), "ms", "<=250")
    figure("intake_batches", statistics.median(one[1] for one in together), "reports/s", ">=1000")
    figure("intake_with_worker", statistics.median(one[1] for one in beside), "reports/s", ">=150")
    figure("intake_drained", left, "s", "<=60")
    report()


def rounds(wrk: str, node: Installation, key: str, name: str, batch: int = 1) -> list[Round]:
    """Several rounds, each with reports of its own."""
    found = []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            path = bodies(Path(folder), batch)
            found.append(file(wrk, node, key, path, f"{name}{number}", batch))
    return found


def drained(node: Installation) -> float:
    """Seconds until the worker has worked off what the load left."""
    begun = time.monotonic()
    while node.run(LEFT):
        if time.monotonic() - begun > 600:
            sys.exit("the worker never caught up")
        time.sleep(0.5)
    return time.monotonic() - begun


def _until(node: Installation) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{node.url}/", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    sys.exit("the node did not come up")


if __name__ == "__main__":
    main()
