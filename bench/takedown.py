"""Takedown at 2.5 million cases: rechecks of one worker against local hosts, and the desk's pages.

The rows of old cases are written by SQL; those that are rechecked were opened, assessed and sealed by the real code.
The hosts are a server of this machine that answers each address at once, so that the worker's own work is measured.
`SIZE=200000` for another number of cases.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import figures
from tests.support import database

CASES = int(os.environ.get("SIZE", "2000" if figures.QUICK else "2500000"))
OPEN_SHARE = 0.08
RECHECKED, ROUNDS = (50, 2) if figures.QUICK else (4000, 40)
TARGET_RATE, TARGET_MS = 200, 200
ROWS = """
INSERT INTO takedown_takedowncase (id, created_at, organisation_id, number, address_key, host_key, sealed_address, kind,
  source, reported_at, sealed_since, urgent, reports, stage, verdict, hosting_country, provider, availability,
  next_check_at, checks, round, priority)
SELECT gen_random_uuid(), at, %(org)s, 'T-' || upper(to_hex(n)) || '-B', sha256(('a' || n)::bytea),
  sha256(('h' || n %% 50000)::bytea), ''::bytea, 'web', 'public', at, at, n %% 5000 = 0, 1,
  CASE WHEN n %% 100 < %(open)s THEN (ARRAY['assess', 'act', 'recheck'])[1 + n %% 3] ELSE 'closed' END,
  CASE WHEN n %% 3 = 0 THEN '' ELSE 'illegal' END, (ARRAY['NL', 'DE', 'FR', ''])[1 + n %% 4],
  'Host ' || n %% 900, '', CASE WHEN n %% 100 < %(open)s AND n %% 3 = 2 THEN now() + interval '30 days' END, 0, 1, 0
FROM generate_series(1, %(cases)s) n, LATERAL (SELECT now() - n * interval '10 seconds' AS at) t
"""
PAGES = {
    "to_assess": "/desk/takedown/?stage=assess",
    "recheck": "/desk/takedown/?stage=recheck",
    "closed": "/desk/takedown/?stage=closed",
    "closed_page_20": "/desk/takedown/?stage=closed&page=20",
    "all": "/desk/takedown/?stage=all",
    "country": "/desk/takedown/?stage=recheck&country=NL",
    "urgent": "/desk/takedown/?urgent=1",
    "number": "/desk/takedown/?text=T-4D2-B",
    "today": "/desk/",
}


class Host(BaseHTTPRequestHandler):
    """A host that has everything."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


def serve() -> tuple[multiprocessing.context.ForkProcess, int]:
    """Another process, as hosts are, and its port. Connections wait from the moment that this returns."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    process = multiprocessing.get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    port = server.server_address[1]
    server.socket.close()
    return process, port


def fill(hotline: Any) -> None:
    from django.db import connection

    from tutela.events.transaction import acting

    with acting(hotline.machine), connection.cursor() as cursor:
        organisation = str(hotline.machine.organisation_id)
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(ROWS, {"org": organisation, "open": int(100 * OPEN_SHARE), "cases": CASES})


def analyse() -> None:
    import psycopg
    from django.conf import settings

    from tutela.app.runtime.embedded_postgres import Cluster

    url = settings.CONFIG.owner_database_url or Cluster(settings.DATA_DIR).url("tutela_owner")
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE takedown_takedowncase")


def rate(hotline: Any) -> float:
    """Rechecks a second of one worker, each stored with its event."""
    from tutela import clock
    from tutela.exchange.takedown.look import Watcher
    from tutela.takedown.intake.open_case import Reported, Source, open_case
    from tutela.takedown.rechecks import check

    server, port = serve()
    for number in range(RECHECKED):
        address = f"http://bench-{number}.example.org:{port}/page"
        case = open_case(hotline.analyst, address, Reported(Source.ENTERED)).id
        hotline.assessed("unreachable", case=case)
    watchers = [Watcher((ip_network("127.0.0.0/8"),), resolve=lambda _host, _port: ["127.0.0.1"])]
    with clock.simulate(clock.now() + timedelta(hours=3)):
        start, done = time.perf_counter(), 0
        while found := check.recheck_due(hotline.analyst, watchers):
            done += found
        spent = time.perf_counter() - start
    assert done == RECHECKED, done
    server.terminate()
    return done / spent


def pages(browser: Any) -> dict[str, list[float]]:
    """Milliseconds of every page, in turns; the first turn warms up and does not count."""
    taken = {name: list[float]() for name in PAGES}
    for turn in range(ROUNDS + 1):
        for name, address in PAGES.items():
            start = time.perf_counter()
            answer = browser.get(address)
            spent = 1000 * (time.perf_counter() - start)
            assert answer.status_code == 200, (name, answer.status_code)
            if turn:
                taken[name].append(spent)
    return taken


def main() -> None:
    figures.machine()
    database.start(None)
    database.django()
    from tests.support.cast import Cast
    from tests.support.takedown_world import Hotline

    hotline = Hotline(Cast())
    figures.note(f"{CASES} cases written in {figures.seconds(lambda: fill(hotline)):.0f} s")
    analyse()
    database.durable()
    figures.figure("rechecks", rate(hotline), "rechecks/s", f">={TARGET_RATE}")
    taken = pages(hotline.cast.client(hotline.machine, "analyst"))
    p95 = {name: statistics.quantiles(values, n=20)[-1] for name, values in taken.items()}
    for name in sorted(p95, key=lambda one: -p95[one]):
        figures.note(f"{name}: median {statistics.median(taken[name]):.1f} ms, p95 {p95[name]:.1f} ms")
    figures.figure("takedown_pages_p95", max(p95.values()), "ms", f"<={TARGET_MS}")
    figures.report()


if __name__ == "__main__":
    main()
