"""The demonstration with a short month: what the jobs of the tour need, and no other stories. For a quick run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.migrated import copied

from tutela.app.demo import run
from tutela.app.runtime import node, supervisor

LEFT_OUT = (
    "rare_cases",
    "sealed_evidence",
    "videos",
    "deconfliction",
    "redress",
    "removal",
    "support",
    "prevention",
    "figures",
)
make_world, children = run.make_world, run.children


def short_world(tell: Callable[[str], None], days: int) -> None:
    """The cast, a few indicators and reports, and takedown."""
    from tutela.app.demo import month

    month.INDICATORS, month.REPORTS, month.FEWEST = 8, 4, 4
    for name in LEFT_OUT:
        getattr(month, name).play = lambda *_: None
    make_world(tell, days)


def children_but_edge() -> list[supervisor.Child]:
    """The processes; no job of the tour is done at an Edge."""
    return [one for one in children() if one.name != "edge"]


if __name__ == "__main__":
    if "MIGRATED_FOR_TESTS" in os.environ:
        copied(node.data_folder())
    os.environ["TUTELA_WEB_WORKERS"] = "1"
    run.make_world, run.children = short_world, children_but_edge
    run.run(lambda said: print(said, file=sys.stderr, flush=True), 30)
