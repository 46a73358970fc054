"""`tutela scan`, `tutela hash` and `tutela match`: pictures where they lie, hashes on stdout, progress on stderr."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tutela.app.cli import cluster, lists
from tutela.app.cli.exits import Exit, explained, fail
from tutela.edge.formats import Csv, JsonLines, Writer, as_record
from tutela.edge.journal import Journal
from tutela.edge.remote import EdgeMatcher
from tutela.edge.scan import NO_PICTURE, Matcher, Scan, ScanResult, Totals, in_lists
from tutela.edge.service import as_json
from tutela.edge.summary import Recall, html_summary
from tutela.edge.walk import STDIN, files
from tutela.matching import MIN_QUALITY
from tutela.media import FrameHash, HasherPool

TOKEN = "TUTELA_EDGE_TOKEN"  # noqa: S105 - the name of a variable


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"


Paths = Annotated[list[str], typer.Argument(help='Files, folders, archives; "-" is stdin.')]
SomePaths = Annotated[list[str] | None, typer.Argument(help='Files, folders, archives, s3://…; "-" is stdin.')]
Lists = Annotated[list[Path] | None, typer.Option("--list", help="A list: snapshot file or folder. Repeatable.")]
EdgeUrl = Annotated[str, typer.Option("--edge", help=f"Ask this Edge instead; its token is in {TOKEN}.")]
Jobs = Annotated[int, typer.Option(min=0, max=256, help="Pictures hashed at once; 0: one a core.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(scan)
    app.command(name="hash")(hash_)
    app.command()(match)


def scan(  # noqa: PLR0913 - one parameter an option
    paths: SomePaths = None,
    list_: Lists = None,
    edge: EdgeUrl = "",
    format_: Annotated[Format, typer.Option("--format")] = Format.JSONL,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; stdout without it.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Journal: go on where a scan stopped.")] = None,
    planted: Annotated[Path | None, typer.Option(help="CSV name,entry_id,edit: recall by edit (html).")] = None,
    jobs: Jobs = 0,
    ray: Annotated[str, typer.Option(help="Scan on a Ray cluster: its address, `auto` or `local`.")] = "",
    listing: Annotated[Path | None, typer.Option("--from", help="With --ray: file of names, one a line (.gz).")] = None,
    batch: Annotated[int, typer.Option(min=1, max=100_000, help="With --ray: names in a batch.")] = 500,
    total: Annotated[int | None, typer.Option(min=1, help="With --ray: how many items, for the progress.")] = None,
) -> None:
    """Scan for known items. Nothing is moved, opened to view or uploaded.

    Ends with 0 nothing found, 1 matches, 2 usage, 3 something could not be hashed, 4 list not trusted, 5 Edge silent.
    On a cluster the output is JSON Lines, and a journal beside it lets the scan go on after any kill.
    """
    if ray:
        if not list_ or output is None or format_ is not Format.JSONL or edge or planted:
            raise fail("with --ray give --list and --output; the format is jsonl", Exit.USAGE)
        journal_ = resume or output.with_name(output.name + ".ledger")
        wish = cluster.Wish(ray, list_, paths or (), listing, output, journal_, jobs, batch, total)
        with explained():
            raise typer.Exit(cluster.scan(wish))
    if not paths:
        raise fail("give files, folders, archives or a bucket", Exit.USAGE)
    jobs = jobs or os.cpu_count() or 2
    with explained(), ExitStack() as stack:
        matcher, names = _matcher(list_ or [], edge, stack)
        journal = stack.enter_context(Journal(resume)) if resume else None
        recall = Recall.load(planted) if planted else None
        pool = stack.enter_context(HasherPool(workers=jobs))
        appended = output is not None and output.exists() and journal is not None and len(journal) > 0
        sink = _Sink(format_, stack.enter_context(_out(output, append=appended)), appended=appended)
        progress = stack.enter_context(_progress(paths))
        work = Scan(pool, matcher, jobs, journal=journal, progress=progress)
        raise typer.Exit(_scan_all(work, paths, sink, recall, names))


def _scan_all(work: Scan, paths: list[str], sink: _Sink, recall: Recall | None, names: dict[str, str]) -> Exit:
    started, unread = time.monotonic(), False
    for one in work.run(paths):
        sink.write(one)
        unread = unread or bool(one.refusal and one.refusal[0] not in NO_PICTURE)
        if recall:
            recall.add(one)
    if sink.format is Format.HTML:
        sink.out.write(html_summary(work.totals, time.monotonic() - started, names, recall))
    return Exit.MATCHES if work.totals.matched else Exit.UNREAD if unread else Exit.NOTHING


def hash_(paths: Paths, jobs: Jobs = 0) -> None:
    """Print digests and perceptual hashes as JSON Lines, without looking anything up.

    A picture's line holds all that an entry of a list needs: also its second hash, and its windows of 64 % and more.
    """
    jobs = jobs or os.cpu_count() or 2
    with explained(), HasherPool(workers=jobs) as pool:
        unread, count = False, 0
        work = Scan(pool, lambda _: (), jobs, listed=True)
        for count, one in enumerate(work.run(paths), 1):  # noqa: B007 - counted for the last line
            record = as_record(one, listed=True)
            del record["matches"]
            typer.echo(json.dumps(record, ensure_ascii=False))
            unread = unread or one.refusal is not None
    if not count:
        typer.echo("there is no file to hash", err=True)
    raise typer.Exit(Exit.UNREAD if unread else Exit.NOTHING)


def match(
    value: Annotated[str, typer.Argument(help="A digest in hex, or a PDQ hash with --quality.")],
    list_: Lists = None,
    quality: Annotated[
        int | None, typer.Option(min=0, max=100, help="The value is a PDQ hash of this quality.")
    ] = None,
) -> None:
    """Look one hash up in lists."""
    family = "pdq" if quality is not None else {32: "md5", 40: "sha1", 64: "sha256"}.get(len(value), "")
    if not family or len(value) != len(value.strip()) or not _is_hex(value) or (family == "pdq" and len(value) != 64):
        raise fail("give 32, 40 or 64 hex digits; a PDQ hash has 64 and needs --quality", Exit.USAGE)
    with explained(), ExitStack() as stack:
        opened = [lists.load(path) for path in _some(list_ or [])]
        stack.callback(opened.clear)
        asked = _Asked(**{family: value} if family != "pdq" else {})
        frames = [FrameHash(0, bytes.fromhex(value), quality or 0, (bytes.fromhex(value),))] if family == "pdq" else []
        found = [hit for one in opened for hit in one.match(asked, frames)]
        typer.echo(json.dumps(as_json(found), indent=2))
    if quality is not None and quality < MIN_QUALITY:
        typer.echo(f"a hash of a quality below {MIN_QUALITY} is never compared", err=True)
    raise typer.Exit(Exit.MATCHES if found else Exit.NOTHING)


@dataclass(frozen=True, slots=True)
class _Asked:
    md5: str = ""
    sha1: str = ""
    sha256: str = ""


class _Sink:
    def __init__(self, format_: Format, out: IO[str], *, appended: bool) -> None:
        self.format, self.out = format_, out
        self._writer: Writer | None = None
        if format_ is Format.JSONL:
            self._writer = JsonLines(out)
        elif format_ is Format.CSV:
            self._writer = Csv(out, header=not appended)

    def write(self, one: ScanResult) -> None:
        if self._writer:
            self._writer.write(one)


def _matcher(paths: list[Path], edge: str, stack: ExitStack) -> tuple[Matcher, dict[str, str]]:
    if not edge:
        opened = [lists.load(path) for path in _some(paths)]
        return in_lists(opened), {one.list_id: f"version {one.version}" for one in opened}
    token = os.environ.get(TOKEN, "")
    if not token:
        raise fail(f"set {TOKEN} to a token of that Edge", Exit.USAGE)
    client = httpx.Client(base_url=edge, headers={"Authorization": f"Bearer {token}"}, timeout=60)
    return EdgeMatcher(stack.enter_context(client)), {}


def _some(paths: list[Path]) -> list[Path]:
    if not paths:
        raise fail("give a list with --list, or an Edge with --edge", Exit.USAGE)
    return paths


def _is_hex(text: str) -> bool:
    return all(char in "0123456789abcdefABCDEF" for char in text)


@contextmanager
def _out(path: Path | None, *, append: bool) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    with path.open("a" if append else "w", encoding="utf-8", newline="") as file:
        yield file


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
