"""The register: a million histories on the life of an indicator, an import, and following the public log.

A history is up to twelve acts drawn at random, under policies that change; the judge knows the acts alone and nothing
of how a standing is computed (`tests/support/indicators_histories.py`).
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
from tests.support.edge_centre import LOG_KEY, ORIGIN, POLICY, WITNESSES
from tests.support.indicators_histories import play

from tutela.edge.active_lists.log_follower import LogBook
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.log_folder import Log
from tutela.tlog.vrf import Secret

HISTORIES = 5_000 if figures.QUICK else 1_000_000
LINES = 2_000 if figures.QUICK else 1_000_000
ROUNDS = 3 if figures.QUICK else 21
ENTRIES = 5_000 if figures.QUICK else 100_000


def histories() -> None:
    """Every promise after every act."""
    dice, possible, active = random.Random(20261125), 0, 0
    broken, start = 0, figures.seconds(lambda: None)

    def all_of_them() -> None:
        nonlocal possible, active, broken
        for _ in range(HISTORIES):
            try:
                more, became = play(dice)
            except AssertionError as error:
                broken += 1
                figures.note(f"broken: {error}")
                continue
            possible, active = possible + more, active + became

    taken = figures.seconds(all_of_them) - start
    figures.note(f"{HISTORIES} histories, {possible} acts, {active} activations in {taken:.1f} s")
    figures.figure("register_histories", HISTORIES, "histories", ">=1000000")
    figures.figure("register_broken_promises", broken, "histories", "=0")


def importing() -> None:
    """Lines of `tutela hash`, each an indicator with three digests and a look, its event, its place and its entry,
    all of it published. Durable: what is written outlives a power cut."""
    from tests.support import database

    database.django()
    database.durable()
    from django.db import connection
    from tests.support.cast import Cast

    from tutela import clock
    from tutela.accountability.chain import sequencer
    from tutela.accountability.models import PublicLeaf
    from tutela.accountability.public_log import publish
    from tutela.indicators.imports import runner
    from tutela.indicators.imports.lines import Defaults
    from tutela.indicators.safeguards import import_quotas
    from tutela.law import classification

    cast = Cast()
    values = [{"value": "known-material", "label": "Known"}]
    scheme = {"code": "eu-2011-93", "title": "T", "version": "1", "source": "D", "values": values}
    classification.import_scheme(cast.centre, scheme)
    defaults = Defaults(classification="eu-2011-93:known-material", reason="A bench")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.jsonl"
        dice = random.Random(1)
        with file.open("w") as out:
            for _ in range(LINES):
                out.write(_hashed(dice) + "\n")
        actor = cast.hotline_ie
        until = clock.now() + timedelta(days=1)
        import_quotas.allow(
            cast.actor(cast.centre, "lead"), actor.organisation_id, entries=LINES, until=until, reason="A bench"
        )
        reading = figures.seconds(lambda: runner.run(actor, file, source="Bench", defaults=defaults))
        chaining = figures.seconds(sequencer.sequence_all)
        assert PublicLeaf.objects.count() >= LINES
        public = figures.seconds(publish.publish)
        _pages(cast)
        again = figures.seconds(lambda: runner.run(actor, file, source="Bench", defaults=defaults))
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = (cursor.fetchone() or ("?",))[0]
    figures.note(
        f"PostgreSQL {version}, durable; {LINES} lines: {reading:.0f} s to import, {chaining:.0f} s for places and"
        f" entries, {public:.0f} s to publish; {again:.1f} s to find that all of it is done"
    )
    scale = 1_000_000 / LINES / 60
    figures.figure("import_1m", (reading + chaining + public) * scale, "min", "<=5")
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    figures.figure("import_resident", resident, "GiB", "<=1")


def _pages(cast: Any) -> None:
    """Pages that read events and entries of the log: of an imported indicator, of the log, of the audit trail."""
    from tutela.events.transaction import acting
    from tutela.indicators.models import Indicator

    with acting(cast.hotline_ie):
        some = list(Indicator.objects.order_by("pk")[LINES // 2 : LINES // 2 + ROUNDS].values_list("pk", "number"))
    lead, auditor = cast.client(cast.centre, "lead"), cast.client(cast.auditor, "auditor")
    mine, anybody = cast.client(cast.hotline_ie, "analyst"), cast.client(cast.hotline_ie, "analyst")
    asked = {
        "dossier": (mine, "/desk/indicators/{pk}/"),
        "by_number": (mine, "/desk/indicators/?text={number}"),
        "imports": (mine, "/desk/indicators/imports/"),
        "log": (anybody, "/log/"),
        "log_of_before": (anybody, f"/log/?before={LINES // 2}"),
        "today_lead": (lead, "/desk/"),
        "events": (auditor, "/desk/events/"),
        "events_kind": (auditor, "/desk/events/?kind=indicator.proposed"),
        "events_subject": (auditor, "/desk/events/?subject=indicator:{pk}"),
        "today_auditor": (auditor, "/desk/"),
    }
    worst = 0.0
    for name, (browser, address) in asked.items():
        taken = list[float]()
        for pk, number in some:
            start = time.perf_counter()
            answer = browser.get(address.format(pk=pk, number=number))
            taken.append(1000 * (time.perf_counter() - start))
            assert answer.status_code == 200, (name, answer.status_code)
        p95 = statistics.quantiles(taken[1:], n=20)[-1]
        worst = max(worst, p95)
        figures.note(f"{name}: median {statistics.median(taken[1:]):.1f} ms, p95 {p95:.1f} ms")
    figures.figure("imported_page_p95", worst, "ms", "<=200")


def _hashed(dice: random.Random) -> str:
    digests = {"md5": dice.randbytes(16).hex(), "sha1": dice.randbytes(20).hex(), "sha256": dice.randbytes(32).hex()}
    frame = {"pdq": dice.randbytes(32).hex(), "quality": 90, "structure": dice.randbytes(32).hex()}
    return json.dumps({"digests": digests, "picture": {"frames": [frame], "hasher": "tutela-pdq/2"}})


def following() -> None:
    """An Edge that has seen the log's beginning reads on to its end, verifies every entry, and remembers."""
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log", ORIGIN, [LOG_KEY])
        _grow(log, 1000)
        book = LogBook(POLICY, log.fetch, Path(folder) / "edge")
        book.follow(book.newest())
        _grow(log, ENTRIES)
        taken = figures.seconds(lambda: book.follow(book.newest()))
        assert book.size == 1000 + ENTRIES
        figures.figure("log_follow", ENTRIES / taken, "entries/s", ">=50000")


def _grow(log: Log, count: int) -> None:
    entries = [
        json.dumps({"event": "indicator.certified", "commitment": f"{n:064x}", "hour": "2026-11-25T12Z"}).encode()
        for n in range(count)
    ]
    checkpoint = log.sign(entries, datetime.now(UTC))
    log.add_signatures([one.line(str(checkpoint), datetime.now(UTC)) for one in WITNESSES])
    log.publish()


def looking_up() -> None:
    """A private look-up: the node's part and the client's, one digest and a hundred at once; a value of the set."""
    secret, items = Secret.generate(), [item_bytes("sha256", f"{n:064x}") for n in range(100)]
    for name, some in (("one", items[:1]), ("hundred", items)):
        asked = [voprf.blind(item) for item in some]
        points = [one.point for one in asked]
        rounds = 400 // len(some)
        made, proof = voprf.evaluate(secret, points)
        node = _processor(lambda points=points: voprf.evaluate(secret, points), rounds)  # type: ignore[misc]
        client = _processor(
            lambda asked=asked, made=made, proof=proof, some=some: (  # type: ignore[misc]
                [voprf.blind(item) for item in some],
                voprf.finalize(secret.public, asked, made, proof),
            ),
            rounds,
        )
        figures.figure(f"private_look_up_node_{name}", node / len(some) * 1000, "ms CPU a digest", "<=5")
        figures.figure(f"private_look_up_client_{name}", client / len(some) * 1000, "ms CPU a digest", "<=5")
    made_of = _processor(lambda: voprf.value(secret, items[0]), 400)
    figures.note(f"a value for the set takes {made_of * 1000:.2f} ms: {made_of * 1_000_000 / 60:.1f} min for a million")


def _processor(act: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time a round."""
    start = time.process_time()
    for _ in range(rounds):
        act()
    return (time.process_time() - start) / rounds


if __name__ == "__main__":
    figures.machine()
    histories()
    looking_up()
    following()
    importing()
    figures.report()
