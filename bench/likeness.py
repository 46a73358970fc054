"""Near duplicates at the Centre: how many reports a second are compared, with a million looks to compare them with.

Reports come in through the real intake in batches: two of three carry a picture, one a video of a frame a second for
five minutes; every fifth is a new encoding of an earlier one. Then the worker's job keeps how they look, searches, and
joins their bundles. The looks of the million others lie in its index as they would after its start; their rows are not
in the database, which holds what the reports brought.
"""

from __future__ import annotations

import random
import statistics
import sys
from pathlib import Path
from uuid import UUID

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report, seconds
from tests.support import database

database.django()

from tests.support.cast import Cast  # noqa: E402
from tests.support.reporting import item  # noqa: E402
from tests.support.reporting import report as made  # noqa: E402

from tutela.events.transaction import acting  # noqa: E402
from tutela.organisations.people import directory  # noqa: E402
from tutela.reports.bundles import near_duplicates  # noqa: E402
from tutela.reports.bundles.image_index import Looks  # noqa: E402
from tutela.reports.intake import batches  # noqa: E402
from tutela.reports.models import Bundle, Report  # noqa: E402

OTHERS, REPORTS, ROUNDS = (50_000, 100, 2) if QUICK else (1_000_000, 1000, 5)
FRAMES, AGAIN = 300, 0.2
BATCH = 100


class Maker:
    """Reports, some of them of something that was reported before, a few bits of each hash apart."""

    def __init__(self, seed: int) -> None:
        self.dice, self.seen, self.twins = random.Random(seed), list[list[int]](), list[tuple[UUID, UUID]]()
        self.first: list[UUID] = []

    def one(self) -> bytes:
        again = bool(self.seen) and self.dice.random() < AGAIN
        place = self.dice.randrange(len(self.seen)) if again else len(self.seen)
        if again:
            hashes = [value ^ (7 << self.dice.randrange(253)) for value in self.seen[place]]
        else:
            hashes = [self.dice.getrandbits(256) for _ in range(FRAMES if self.dice.random() < 1 / 3 else 1)]
            self.seen.append(hashes)
        kind = "image" if len(hashes) == 1 else "video"
        pdq = [{"hash": f"{h:064x}", "quality": 90, "hasher": "x/1", "frame": n * 25} for n, h in enumerate(hashes)]
        sent = made(items=[{**item(), "kind": kind, "pdq": pdq}], locations=[])
        if again:
            self.twins.append((self.first[place], sent.report_id))
        else:
            self.first.append(sent.report_id)
        return sent.to_bytes()


def main() -> None:
    machine()
    cast, maker = Cast(), Maker(20261126)
    centre = directory.entry(cast.centre.organisation_id)
    sender = directory.acting_for(
        directory.entry(cast.pixelpost.organisation_id), "key:bench", "Edge", frozenset({"reports.submit"})
    )
    kept = Looks()
    begun = seconds(lambda: kept.remember([(-n - 1, value) for n, value in enumerate(_random(OTHERS))]))
    note(f"{OTHERS} looks in memory after {begun:.1f} s")
    rates = []
    for _ in range(ROUNDS):
        for start in range(0, REPORTS, BATCH):
            lines = [(n, maker.one()) for n in range(start, min(start + BATCH, REPORTS))]
            assert all(one.received for one in batches.receive(sender, centre, lines))
        rates.append(REPORTS / seconds(lambda: _settle(cast, kept)))
    with acting(cast.centre):
        bundle = dict(Report.objects.values_list("report_id", "bundle"))
        bundles = Bundle.objects.filter(pk__in=bundle.values()).count()
    apart = sum(bundle[one] != bundle[two] for one, two in maker.twins)
    note(f"{ROUNDS} rounds of {REPORTS} reports, a third videos of {FRAMES} frames; {len(maker.twins)} encoded anew")
    note(
        f"{bundles} bundles for {len(maker.seen)} different items; from {min(rates):.0f} to {max(rates):.0f} reports/s"
    )
    figure("likeness_rate", statistics.median(rates), "reports/s", ">=100")
    figure("likeness_missed", apart, "pairs", "=0")
    figure("likeness_wrong", len(maker.seen) - bundles, "bundles", "=0")
    report()


def _settle(cast: Cast, kept: Looks) -> None:
    while near_duplicates.compare(cast.centre, kept):
        pass


def _random(count: int) -> list[bytes]:
    rows = np.random.default_rng(1).integers(0, 256, (count, 32), np.uint8)
    return [row.tobytes() for row in rows]


if __name__ == "__main__":
    main()
