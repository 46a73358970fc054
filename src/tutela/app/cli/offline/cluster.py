"""The part of `tutela scan` that runs on a Ray cluster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.offline import lists
from tutela.app.cli.output import alert
from tutela.edge.cluster.batches import batches, named_in
from tutela.edge.cluster.driver import Driver, chained, connected
from tutela.edge.cluster.ledger import Counts, Ledger, ScanTerms
from tutela.matching import MatchList
from tutela.media import Limits
from tutela.scan.walk import STDIN, files


@dataclass(frozen=True, slots=True)
class Wish:
    """Request for a scan. `paths` are files, folders and buckets that every machine reaches under the same names."""

    address: str
    lists: Sequence[Path]
    paths: Sequence[str]
    listing: Path | None
    output: Path
    ledger: Path
    jobs: int
    size: int
    total: int | None
    limits: Limits = field(default_factory=Limits)
    agree: tuple[str, ...] = ()
    inside: bool = False


def scan(wish: Wish) -> Exit:
    """Scan, or go on with a scan. The numbers are those of `tutela scan`."""
    if STDIN in wish.paths:
        raise fail("a cluster cannot read stdin of this terminal; give names with --from", Exit.USAGE)
    load = partial(_load, [str(path.resolve()) for path in wish.lists], wish.agree)
    lists.agreeing(wish.agree)
    # The driver looks nothing up: it needs no index, only what the hosts' lists are compared with.
    ours = [lists.opened(path, lists.kept_here()).identity for path in wish.lists]
    with Ledger(wish.output, wish.ledger, ScanTerms(wish.size, ours, _looks(wish))) as ledger:
        ray = connected(wish.address)
        try:
            with _bar(Console(stderr=True)) as bar:
                shown = _shown(bar, wish.total, ledger.counts)
                driver = Driver(ray, load, ours, wish.jobs, shown, wish.limits, wish.inside)
                counts = driver.run(batches(_names(wish), wish.size), ledger)
        finally:
            ray.shutdown()
    Console(stderr=True, highlight=False).print(_summary(counts))
    if counts.unread:
        alert(f"tutela: NOT EXAMINED: {counts.unread:,} items could not be read or hashed")
    return Exit.MATCHES if counts.matched else Exit.UNREAD if counts.unread else Exit.NOTHING


def _looks(wish: Wish) -> str:
    """Options of the scan as text; empty for the defaults, so scans from before these options can continue."""
    usual = wish.limits == Limits() and not wish.agree and not wish.inside
    return "" if usual else ",".join((wish.limits.to_text(), *wish.agree, *(["inside"] if wish.inside else [])))


def _load(paths: Sequence[str], agree: Sequence[str]) -> list[MatchList]:
    """Load the lists on one host; all its processes map the same files."""
    return [lists.load(Path(path), agree, lists.kept_here()) for path in paths]


def _names(wish: Wish) -> Iterator[str]:
    return chained([files(_absolute(path) for path in wish.paths), named_in(wish.listing) if wish.listing else ()])


def _absolute(path: str) -> str:
    """Hosts work in folders of their own."""
    return path if "://" in path else str(Path(path).absolute())


def _summary(counts: Counts) -> str:
    whole = f"{counts.objects:,} objects, {counts.items:,} items, {counts.matched:,} matched"
    return f"{whole}, {counts.refused:,} without a perceptual hash, {counts.not_compared:,} too flat to be compared"


def _bar(console: Console) -> Progress:
    """Objects of all objects: how many items an archive has is known only once it was read."""
    return Progress(
        TextColumn("scanning"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("objects, {task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _shown(bar: Progress, total: int | None, before: Counts) -> Callable[[Counts, int, int], None]:
    task, started, first = bar.add_task("scan", total=total, rate=""), time.monotonic(), before.objects

    def show(counts: Counts, done: int, hosts: int) -> None:
        rate = (counts.objects - first) / max(time.monotonic() - started, 1e-6)
        shown = f"{rate:,.0f}/s on {hosts} machines, {done:,} batches"
        found = f"{counts.items:,} items, {counts.matched:,} matched"
        bar.update(task, completed=counts.objects, rate=f"{shown}, {found}")

    return show
