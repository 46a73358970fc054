"""A thousand kills of a node under load: web server, web workers, job worker, database sessions and the postmaster.

Each is SIGKILL, at a random moment and of a random process; one in four comes before the last one has been got over,
the others once a receipt has come again. Meanwhile providers file, some of it urgent, and an analyst forwards
and refers (`tests/support/kills.py`; continuous integration runs the short form, with an Edge, as
`tests/integration/test_kills.py`). At the end everything that was acknowledged is looked for, and the chain of events
is verified. `KILLS=100` for fewer.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report
from node_load import durable
from tests.support import kills, reporting
from tests.support.drills import Installation, until
from tests.support.kills import Analyst, Traffic
from tests.support.patience import PATIENCE

KILLS = int(os.environ.get("KILLS", "1" if QUICK else "1000"))
PROMISED = 1000
# Of a hundred kills; what takes longest to come back is killed less often, and still more than enough.
SHARES = {"web worker": 34, "database session": 32, "job worker": 16, "postmaster": 10, "web server": 8}
LONGEST_PAUSE = 1.0
# So often the next kill waits until a receipt has come after the last one; otherwise it comes on top of it.
GOT_OVER = 0.75
# More than are filed in the time that it takes.
WRITTEN = 500 + 40 * KILLS
SHOWN = (
    "receipts_without_report",
    "reports_doubled",
    "referrals_lost",
    "referrals_doubled",
    "alerts_lost",
    "jobs_stuck",
)

# A message that was often in vain waits ten minutes for its next attempt.
SETTLING_SECONDS = 900


def fire(node: Installation, traffic: Traffic, chance: random.Random) -> Counter[str]:
    """Kill so many processes; how many of each kind."""
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        threading.Event().wait(chance.uniform(0, LONGEST_PAUSE))
        (kind,) = chance.choices([*SHARES], [*SHARES.values()])
        victims = kills.targets(node, kind)
        if not victims:
            continue
        try:
            os.kill(chance.choice(victims), signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[kind] += 1
        if chance.random() < GOT_OVER:
            before = len(traffic.receipts)
            until("answers come again", lambda seen=before: len(traffic.receipts) > seen, 180)  # type: ignore[misc]
        if killed.total() % 100 == 0:
            note(f"{killed.total()} kills, {len(traffic.receipts)} receipts")
    return killed


def play(node: Installation) -> None:
    node.migrate()
    made = node.run(kills.FOUND.format(written=WRITTEN))
    version = durable(node)
    node.serve()
    traffic = Traffic(node.url, made["key"], iter(made["ids"]))
    analyst = Analyst(traffic, made["session"])
    until("the node answers", lambda: kills.answers(node.url + "/"), 240)
    decided = next(traffic.ids)
    node.run(kills.DECIDE.format(body=reporting.report(report_id=decided, **kills.DECIDED).to_bytes()))
    clients = [threading.Thread(target=traffic.client, daemon=True) for _ in range(kills.CLIENTS)]
    clients.append(threading.Thread(target=analyst.work, daemon=True))
    for client in clients:
        client.start()
    begun = time.monotonic()
    killed = fire(node, traffic, random.Random())
    until("a report was referred", lambda: analyst.referred, 180)
    fired = time.monotonic() - begun
    traffic.ending.set()
    for client in clients:
        client.join(600 * PATIENCE)
        if client.is_alive():
            sys.exit("a client never got its answer")
    begun = time.monotonic()
    found = until("the outbox is empty and no job is stuck", lambda: kills.settled(node), SETTLING_SECONDS, pause=1.0)
    settling = time.monotonic() - begun
    verified = node.cli("verify")
    sound = verified.returncode == 0 and "sound" in verified.stdout.splitlines()
    if node.process is None or node.process.poll() is not None:
        sys.exit("the supervisor ended")
    counted = kills.findings(found, traffic, analyst, decided)
    note(f"PostgreSQL {version}, fsync on; {killed.total()} kills in {fired / 60:.1f} minutes: {dict(killed)}")
    note(f"{traffic.requests} requests, {traffic.again} of them answered by nobody or by an error and sent again")
    note(
        f"{len(traffic.receipts)} receipts, {len(found['reports'])} reports;"
        f" {len(found['referred'])} referrals, {len(found['arrived'])} arrived; {len(found['alerts'])} alerts;"
        f" {len(found['sent'])} words to the provider, {len(found['taken'])} arrived"
    )
    note(f"everything was delivered {settling:.0f} s after that; events are {'' if sound else 'not '}sound")
    if others := {name: n for name, n in counted.items() if n}:
        note(f"found: {others}; {traffic.refused[:3]}")
    figure("soak_kills", killed.total(), "kills", f">={PROMISED}")
    for name in SHOWN:
        figure(f"soak_{name}", counted[name], "count", "=0")
    figure("lost_or_doubled", sum(counted.values()) + (not sound), "count", "=0")
    report()


def main() -> None:
    machine()
    node = Installation(TUTELA_WEB_WORKERS="1" if QUICK else "2")
    try:
        play(node)
    except BaseException:
        if node.log.exists():
            print(node.log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        node.stop()


if __name__ == "__main__":
    main()
