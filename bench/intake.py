"""Reports into a real node: durable, with its database and the load generator on the same cores.

A node is set up as a Centre with one provider; wrk files canonical reports, each once, over HTTP. Every answer is a
signed receipt, given after commit; afterwards the rows are counted. Each report has its own item and account, as most
have. First the web server runs alone, with reports one by one and in batches of a hundred; then the worker too, and how
long it takes to work off what is left is measured. Each load lasts ten minutes; `SECONDS=60` for another time.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from edge_load import require_wrk
from figures import QUICK, figure, machine, note, report
from node_load import Load, answers, drained, durable, web, wrk
from tests.support.drills import Installation
from tests.support.reporting import account, item
from tests.support.reporting import report as made

SECONDS = int(os.environ.get("SECONDS", "2" if QUICK else "600"))
CONNECTIONS, BATCH = 8, 100
SINGLE, BATCHES = "/api/v1/reports", "/api/v1/reports/batch"
# What the generator replaces in each report, so that its id, item and account are its own.
MARKS = {"report_id": "01900000-0000-7000-8000-0a0a0a0a0a0a", "item_id": "00000000-0000-4000-8000-0b0b0b0b0b0b"}
DIGEST, ACCOUNT = "0c" * 32, "0d0d0d0d0d0d"
FOUND = """
from tutela.app.config import load
from tutela.events.transaction import acting
from tutela.organisations.people import api_keys
from tutela.organisations.people.bootstrap import found
url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
provider = found("Pixelpost", "provider", "IE", api_url=url)
_row, key = api_keys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])
print(json.dumps({"key": key, "centre": str(centre.organisation_id)}))
"""
COUNT = """
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.reports.models import Report
centre = directory.the_centre()
with acting(directory.acting_for(centre, "system:bench", "bench")):
    print(json.dumps({"reports": Report.objects.count(), "ids": Report.objects.values("report_id").distinct().count()}))
"""


def template() -> bytes:
    """A report with marks in the places of what is each report's own."""
    one = {**item(DIGEST), "item_id": MARKS["item_id"]}
    return made(report_id=MARKS["report_id"], items=[one], users=[account(ACCOUNT)]).to_bytes()


def load(program: str, node: Installation, key: str, number: int, batch: int = 1) -> Load:
    """File reports for a while; counted are reports, the times are those of requests."""
    address, connections = (SINGLE, CONNECTIONS) if batch == 1 else (BATCHES, 4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        path.write_bytes(template())
        env = {"TOKEN": key, "TEMPLATE": str(path), "ROUND": f"{number:04x}", "ADDRESS": address, "BATCH": str(batch)}
        return wrk(program, node.url, "intake.lua", SECONDS, threads=1, connections=connections, **env)


@contextmanager
def node_with_key() -> Iterator[tuple[Installation, str]]:
    """A new node, durable, and the provider's key to it."""
    node = Installation(TUTELA_WEB_WORKERS="1" if QUICK else "2")
    try:
        node.migrate()
        key: str = node.run(FOUND)["key"]
        yield node, key
    finally:
        node.stop()


def check(node: Installation, loads: tuple[Load, ...]) -> int:
    """How many rows there are; ends the bench unless every receipt has its report, and every report stands once."""
    counted = node.run(COUNT)
    filed = sum(one.done for one in loads)
    # wrk ends with requests on their way; what they carry may be in.
    unread = 2 * CONNECTIONS + 4 * BATCH
    if counted["ids"] != counted["reports"] or not filed <= counted["reports"] <= filed + unread:
        sys.exit(f"{filed} receipts and {counted} rows")
    return int(counted["reports"])


def told(name: str, one: Load) -> Load:
    """A load with its figures on the page at once: of a bench that ends in the next one they stand nevertheless."""
    note(
        f"{name}: {one.rate:.0f} reports/s, median answer {one.median:.1f} ms, p99 {one.p99:.1f} ms; wrk took "
        f"{one.used:.0%} of one of the same cores"
    )
    return one


def main() -> None:
    machine()
    program = require_wrk()
    with ExitStack() as stack:
        node, key = stack.enter_context(node_with_key())
        version = durable(node)
        with web(node):
            alone = told("alone", load(program, node, key, 1))
            together = told("batches", load(program, node, key, 2, BATCH))
        before: tuple[Load, ...] = (alone, together)
        rows = check(node, before)
        # What an hour without a worker leaves is no part of what ten minutes with one leave; of seconds it may be.
        if not QUICK:
            stack.close()
            node, key = stack.enter_context(node_with_key())
            durable(node)
            before = ()
        node.serve()
        answers(node)
        beside = told("with the worker", load(program, node, key, 3))
        left = drained(node)
        rows = check(node, (*before, beside)) + (0 if before else rows)
    note(f"PostgreSQL {version}, fsync on; {SECONDS} s each load, {CONNECTIONS} connections")
    note(f"{alone.done + together.done + beside.done} receipts, {rows} rows")
    figure("intake_single", alone.rate, "reports/s", ">=150")
    figure("intake_p99", alone.p99, "ms", "<=250")
    figure("intake_batches", together.rate, "reports/s", ">=700")
    figure("intake_with_worker", beside.rate, "reports/s", ">=100")
    figure("intake_drained", left, "s", "<=60")
    report()


if __name__ == "__main__":
    main()
