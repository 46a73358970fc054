"""The register: a million histories on the life of an indicator, and what following the public log costs an Edge.

A history is up to twelve acts drawn at random, under policies that change; the judge knows the acts alone and nothing
of how a standing is computed (`tests/unit/indicators/histories.py`).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
from tests.unit.edge.centre import LOG_KEY, ORIGIN, POLICY, WITNESSES
from tests.unit.indicators.histories import play

from tutela.edge.logbook import LogBook
from tutela.tlog.folder import Log

HISTORIES = 20_000 if figures.QUICK else 1_000_000
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


if __name__ == "__main__":
    figures.machine()
    histories()
    following()
    figures.report()
