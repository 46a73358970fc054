"""Command `tutela scan`: pictures and videos are read where they are stored, hashed and looked up.

Results are written to stdout, progress to stderr.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.offline import cluster, lists, scan_output
from tutela.app.cli.output import alert, echo
from tutela.edge.runtime.remote import EdgeMatcher
from tutela.exchange.hash_lists.vics_writer import VicsWriter
from tutela.media import HASHER_ID, HasherPool, Level, Limits, Sampling, second_available
from tutela.scan.errors import ScanError
from tutela.scan.html_summary import Recall, html_summary
from tutela.scan.journal import Journal
from tutela.scan.output_formats import Csv, JsonLines, ResultWriter, TextOutput, listed_item, shown
from tutela.scan.pdf import require_pdf
from tutela.scan.scan import Matcher, Scan, ScanResult, Totals, in_lists
from tutela.scan.walk import STDIN, WalkLimits, files

TOKEN = "TUTELA_EDGE_TOKEN"  # noqa: S105 - the name of a variable


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"
    VICS = "vics"


SomePaths = Annotated[list[str] | None, typer.Argument(help='Files, folders, archives, s3://…; "-" is stdin.')]
Lists = Annotated[list[Path] | None, typer.Option("--list", help="A list: snapshot file or folder. Repeatable.")]
EdgeUrl = Annotated[str, typer.Option("--edge", help=f"Ask this Edge instead; {TOKEN} holds its token.")]
Windows = Annotated[Level, typer.Option(help="Parts to look up as well; second: the whole, with edits undone.")]
Frames = Annotated[Sampling, typer.Option("--sampling", help="Frames of a video: by rate, or key frames only.")]
Interval = Annotated[
    float, typer.Option(min=0, max=3600, help="Seconds between hashed frames of a video; 0: every frame.")
]
Seconds = Annotated[
    float,
    typer.Option("--video-seconds", min=1, max=86_400, help="Seconds for one video; then only key frames are hashed."),
]
Agree = Annotated[
    list[str] | None,
    typer.Option(
        "--agree", help="Percent of matching frames of the video and of the listed one, such as 0:80. Repeatable."
    ),
]
Inside = Annotated[bool, typer.Option("--inside", help="Also hash pictures in PDFs; needs the extra 'pdf'.")]
Jobs = Annotated[int, typer.Option(min=0, max=256, help="Pictures hashed at once; 0: one per core.")]


def scan(  # noqa: PLR0913 - one parameter an option
    paths: SomePaths = None,
    list_: Lists = None,
    edge: EdgeUrl = "",
    format_: Annotated[Format, typer.Option("--format")] = Format.JSONL,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Output file. Default: stdout.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Journal: continue an interrupted scan.")] = None,
    planted: Annotated[Path | None, typer.Option(help="CSV name,entry_id,edit: reports recall by edit (html).")] = None,
    jobs: Jobs = 0,
    windows: Windows = Level.USUAL,
    sampling: Frames = Sampling.RATE,
    interval: Interval = 1.0,
    video_seconds: Seconds = 120.0,
    agree: Agree = None,
    inside: Inside = False,
    ray: Annotated[str, typer.Option(help="Scan on a Ray cluster: its address, `auto` or `local`.")] = "",
    listing: Annotated[Path | None, typer.Option("--from", help="With --ray: file of names, one a line (.gz).")] = None,
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="With --ray: names in a batch.")] = 500,
    total: Annotated[int | None, typer.Option(min=1, help="With --ray: how many objects, for the progress.")] = None,
) -> None:
    """Scan for known items. Nothing is moved, opened to view or uploaded.

    Archives and Office files are opened, and with --inside also PDFs. Links to folders are not followed.

    Exit codes: 0 nothing found, 1 matches, 2 usage, 3 something could not be read or hashed, 4 list not trusted, 5 Edge
    silent. With code 1 too, the last line on stderr says what was not examined. A picture or video in an unsupported
    format (JPEG 2000, JPEG XL, DDS, PDF) counts as not hashed. A file that is neither picture nor video does not.

    On a cluster the output is JSON Lines. A journal next to the output lets the scan continue after any kill.
    """
    _require_decoders(windows)
    limits = Limits(windows=windows, sampling=sampling, interval=interval, video_seconds=video_seconds)
    looks = limits, tuple(agree or ()), inside
    here = _Here(paths, list_ or [], edge, format_, output, resume, planted, jobs, *looks)
    if ray:
        _scan_there(here, ray, listing, batch, total)
    _scan_here(here)


def _require_decoders(windows: Level) -> None:
    if windows is Level.SECOND and not second_available():
        raise fail("--windows second needs the extra tutela[second-pass]", Exit.USAGE)


@dataclass(frozen=True, slots=True)
class _Here:
    """Options of a scan on this machine."""

    paths: list[str] | None
    lists: list[Path]
    edge: str
    format: Format
    output: Path | None
    resume: Path | None
    planted: Path | None
    jobs: int
    limits: Limits
    agree: tuple[str, ...]
    inside: bool


def _scan_there(asked: _Here, address: str, listing: Path | None, batch: int, total: int | None) -> NoReturn:
    output, jsonl = asked.output, asked.format is Format.JSONL
    if not asked.lists or output is None or not jsonl or asked.edge or asked.planted:
        raise fail("with --ray give --list and --output; the format is jsonl", Exit.USAGE)
    ledger = asked.resume or output.with_name(output.name + ".ledger")
    names = address, asked.lists, asked.paths or (), listing, output, ledger
    wish = cluster.Wish(*names, asked.jobs, batch, total, asked.limits, asked.agree, asked.inside)
    with explained():
        if asked.inside:
            require_pdf()
        raise typer.Exit(cluster.scan(wish))


def _scan_here(asked: _Here) -> NoReturn:
    paths, output, jobs = asked.paths, asked.output, asked.jobs or os.cpu_count() or 2
    if not paths:
        raise fail("give files, folders, archives or a bucket", Exit.USAGE)
    if asked.format is Format.VICS and asked.resume:
        raise fail("--resume: a VICS file is written whole. Use the format jsonl.", Exit.USAGE)
    with explained(), ExitStack() as stack:
        if asked.inside:
            require_pdf()
        matcher, names, terms = _matcher(asked, stack)
        journal = stack.enter_context(_journal(asked, asked.resume, terms)) if asked.resume else None
        recall = Recall.load(asked.planted) if asked.planted else None
        pool = stack.enter_context(HasherPool(workers=jobs, limits=asked.limits))
        appended = output is not None and output.exists() and journal is not None and len(journal) > 0
        keep = journal.written if appended and journal is not None else None
        out = stack.enter_context(scan_output.opened(output, keep=keep))
        if journal is not None:
            journal.follow(out.synced)
        sink = _Sink(asked.format, out, appended=appended)
        progress = stack.enter_context(_progress(paths))
        work = Scan(pool, matcher, jobs, WalkLimits(inside=asked.inside), journal=journal, progress=progress)
        raise typer.Exit(_scan_all(work, paths, sink, recall, names))


def _scan_all(work: Scan, paths: list[str], sink: _Sink, recall: Recall | None, names: dict[str, str]) -> Exit:
    started = time.monotonic()
    if sink.format is Format.VICS:
        found = (listed_item(one) for one in work.run(paths))
        VicsWriter("2.0", {}).write(sink.out, (one for one in found if one))
    else:
        for one in work.run(paths):
            sink.write(one)
            if recall:
                recall.add(one)
        sink.write(None)
    if sink.format is Format.HTML:
        sink.out.write(html_summary(work.totals, time.monotonic() - started, names, recall))
    totals = work.totals
    sink.out.flush()
    _tell_unread(totals)
    return Exit.MATCHES if totals.any_match else Exit.UNREAD if totals.any_unhashed else Exit.NOTHING


def _tell_unread(totals: Totals) -> None:
    if count := sum(totals.refused.values()):
        reasons = ", ".join(f"{code} {many}" for code, many in sorted(totals.refused.items()))
        echo(f"{count} of {totals.items} items have no perceptual hash: {reasons}", err=True)
    if totals.not_compared:
        echo(f"{totals.not_compared} of {totals.items} items were not compared: too flat; digests were", err=True)
    if totals.any_unhashed:
        # Code 1 says only that something matched; this says the rest.
        few = f", the first: {', '.join(map(shown, totals.unhashed_names))}" if totals.unhashed_names else ""
        earlier = " in an earlier run of this journal" if not totals.unhashed else ""
        alert(f"tutela: NOT EXAMINED: {totals.unhashed or 'some'} items could not be read or hashed{earlier}{few}")


class _Sink:
    def __init__(self, format_: Format, out: TextOutput, *, appended: bool) -> None:
        self.format, self.out, self._appended = format_, out, appended
        self._writer: ResultWriter | None = None

    def write(self, one: ScanResult | None) -> None:
        """Write a result; None: there is no result, only what stands before the first."""
        if self._writer is None and self.format is Format.JSONL:
            self._writer = JsonLines(self.out)
        elif self._writer is None and self.format is Format.CSV:
            self._writer = Csv(self.out, header=not self._appended)
        if self._writer and one:
            self._writer.write(one)


def _journal(asked: _Here, path: Path, terms: list[list[Any]]) -> Journal:
    """Open the journal, bound to everything that the results depend on.

    Raises ScanError where the output that the journal records is missing.
    """
    output = str(asked.output.absolute()) if asked.output else ""
    looks = {"limits": asked.limits.to_text(), "agree": list(asked.agree), "hasher": HASHER_ID, "inside": asked.inside}
    journal = Journal(path, {"lists": terms, **looks, "format": asked.format.value, "output": output})
    if asked.output and len(journal) and not asked.output.exists():
        raise ScanError(f"{path} continues {asked.output}, which no longer exists. Start again with another journal.")
    return journal


def _matcher(asked: _Here, stack: ExitStack) -> tuple[Matcher, dict[str, str], list[list[Any]]]:
    """The matcher; the names of the lists for a page; and (id, version, SHA-256) of each list."""
    if not asked.edge:
        opened = [lists.load(path, asked.agree) for path in lists.some(asked.lists)]
        versions = {one.list_id: f"version {one.version}" for one in opened}
        return in_lists(opened), versions, [[one.list_id, one.version, one.snapshot.sha256] for one in opened]
    token = os.environ.get(TOKEN, "")
    if not token:
        raise fail(f"set {TOKEN} to a token of that Edge", Exit.USAGE)
    client = httpx.Client(base_url=asked.edge, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    matcher = EdgeMatcher(stack.enter_context(client))
    return matcher, {}, matcher.lists() if asked.resume else []


@contextmanager
def _progress(paths: list[str]) -> Iterator[Any]:
    console = Console(stderr=True)
    total = None if STDIN in paths else sum(1 for _ in files(paths))
    columns = (TextColumn("scanning"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as bar:
        task, started = bar.add_task("scan", total=total, rate=""), time.monotonic()

        def show(totals: Totals) -> None:
            rate = totals.items / max(time.monotonic() - started, 1e-6)
            bar.update(task, completed=totals.files, rate=f"{rate:.0f}/s, {totals.matched} matched")

        yield show
