"""How far a scan on a cluster has come is said in objects, which `--total` counts, and never in lines."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tutela.app.cli.offline import cluster
from tutela.edge.cluster.ledger import Counts

HALF = Counts(items=1_005, matched=3, refused=4, objects=20, not_compared=7)


@pytest.mark.parametrize(("total", "said"), [(40, "20/40 objects"), (None, "20/? objects")])
def test_the_progress_counts_objects_against_the_total(total: int | None, said: str) -> None:
    out = io.StringIO()
    with cluster._bar(Console(file=out, force_terminal=True, width=200, color_system=None)) as bar:
        cluster._shown(bar, total, Counts())(HALF, 2, 3)
        assert bar.tasks[0].completed == 20
    assert said in out.getvalue()
    assert "on 3 machines, 2 batches, 1,005 items, 3 matched" in out.getvalue()


def test_the_last_line_counts_objects_and_items() -> None:
    said = cluster._summary(HALF)
    assert said.startswith("20 objects, 1,005 items, 3 matched, 4 without a perceptual hash")
    assert said.endswith(", 7 too flat to be compared")
