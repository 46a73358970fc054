"""Commands of a case: start, run, status, export, recheck and outcome."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tutela import clock
from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.offline import lists
from tutela.app.cli.output import echo
from tutela.edge.active_lists.hash_files import ENDINGS, files_of, records
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState
from tutela.forensics.exports.case_uco import FINDINGS, write_case_uco
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.exports.html_report import html_report
from tutela.forensics.exports.tables import write_csv, write_json_lines
from tutela.forensics.exports.vics_case import write_vics
from tutela.forensics.items.classes import LISTED, ItemClass
from tutela.forensics.lists.photodna import add_supplied_values
from tutela.forensics.lists.reference_list import ListRole, add_list, add_snapshot, is_vics, read_records
from tutela.forensics.pipeline.recheck import flag_withdrawn
from tutela.forensics.pipeline.run import MOST_FILE_BYTES, RunProgress, TriageRun
from tutela.forensics.pipeline.start import starting_case
from tutela.matching import Record, Snapshot, snapshot_bytes
from tutela.matching.files.layout import MAGIC
from tutela.matching.files.replace import published
from tutela.media import HasherPool

app = typer.Typer(no_args_is_help=True, help="Sort seized media without a network, and grade what is new.")
CaseFolder = Annotated[Path, typer.Argument(help="Folder of the case.")]
_RDS = frozenset({".db", ".sqlite"})


class ExportFormat(StrEnum):
    """Formats of an export."""

    HTML = "html"
    CSV = "csv"
    JSONL = "jsonl"
    VICS = "vics"
    VICS_1_3 = "vics-1.3"
    CASE = "case"


@app.command()
def start(  # noqa: PLR0913 - one parameter an option
    case: CaseFolder,
    authorisation: Annotated[Path, typer.Option(help="Authorisation of the search, as JSON.")],
    known: Annotated[list[Path] | None, typer.Option(help="Certified list. Repeatable.")] = None,
    elsewhere: Annotated[list[Path] | None, typer.Option(help="Provider or foreign list. Repeatable.")] = None,
    ignorable: Annotated[list[Path] | None, typer.Option(help="NSRL RDS or other lawful list. Repeatable.")] = None,
    photodna: Annotated[Path | None, typer.Option(help="CSV sha256,photodna that a licensed tool made.")] = None,
    support: Annotated[str, typer.Option(help="Support contact that the viewer shows.")] = "",
    writable_source: Annotated[
        bool, typer.Option("--writable-source", help="Accept folders on a writable mount; it is recorded.")
    ] = False,
) -> None:
    """Start a case: check the authorisation and its devices, and take the lists into the case folder.

    A list is a VICS file, an NSRL reference data set (CSV or SQLite), or whatever `tutela scan --list` takes. Sources
    are never written.
    """
    roles = (
        (ListRole.KNOWN, known),
        (ListRole.ELSEWHERE, elsewhere),
        (ListRole.IGNORABLE, ignorable),
    )
    with explained():
        allowed = load_authorisation(authorisation)
        with starting_case(case, allowed, now=clock.now(), support=support, writable_source=writable_source) as opened:
            for role, paths in roles:
                for path in paths or ():
                    _add(opened, role, path)
            if photodna:
                add_supplied_values(opened, photodna)
            for row in opened.rows("SELECT * FROM list ORDER BY id"):
                counts = f"{row['entries']} entries, {row['excluded']} excluded"
                echo(f"list {row['id']}, {row['role']}: {row['name']}, {counts}")
    echo(f"Started. Continue with: tutela triage run {case}")


@app.command()
def run(
    case: CaseFolder,
    quick: Annotated[float, typer.Option(min=0, help="Seconds of the quick pass, which reads digests alone.")] = 0,
    only_quick: Annotated[bool, typer.Option("--only-quick", help="End after the quick pass.")] = False,
    jobs: Annotated[int, typer.Option(min=0, max=256, help="Files hashed at once; 0: one per core.")] = 0,
    max_file_bytes: Annotated[int, typer.Option(min=1, help="Longer files are not decoded.")] = MOST_FILE_BYTES,
) -> None:
    """Read, hash and sort what is left of a case. After a kill the same command continues.

    What could not be read is tried again by the next run. Exit codes: 0 complete and nothing known was found, 1 known
    or near known items, 2 usage, 6 incomplete: a source could not be read whole, whatever was found; or the run ended
    before everything was read, and nothing known was found by then.
    """
    workers = jobs or os.cpu_count() or 2
    with explained(), Case(case) as opened, HasherPool(workers=workers) as pool, _progress() as report:
        work = TriageRun(opened, pool, workers, quick, max_file_bytes, report)
        work.run(complete=not only_quick)
        figures = CaseFigures.of_case(opened)
    _say(figures)
    if figures.losses:
        raise typer.Exit(Exit.INCOMPLETE)
    found = any(name in LISTED for name in {**figures.classes, **figures.quick})
    ended = figures.state == CaseState.COMPLETE
    raise typer.Exit(Exit.MATCHES if found else Exit.NOTHING if ended else Exit.INCOMPLETE)


@app.command()
def status(
    case: CaseFolder,
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON.")] = False,
) -> None:
    """Show how far a case is, what was found, and what was not read or not examined."""
    with explained(), Case(case) as opened:
        figures = CaseFigures.of_case(opened)
        notes = [str(row["note"]) for row in opened.rows("SELECT note FROM outcome ORDER BY id")]
    if as_json:
        echo(json.dumps(asdict(figures) | {"outcome": notes}))
        return
    _say(figures)
    for note in notes:
        echo(f"outcome: {note}")


@app.command()
def export(
    case: CaseFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.")],
    format_: Annotated[ExportFormat, typer.Option("--format")] = ExportFormat.HTML,
    category: Annotated[
        list[str] | None, typer.Option(help="For VICS: number of a grade, as be:1=2. Repeatable.")
    ] = None,
    profile: Annotated[str, typer.Option(help="For VICS 2.0: national profile.")] = "Default",
    class_: Annotated[list[ItemClass] | None, typer.Option("--class", help="For CASE: classes to write.")] = None,
) -> None:
    """Export a case. VICS holds grades of people alone. A disputed grade blocks VICS and CASE/UCO."""
    numbers = _categories(category or [])
    with explained(), Case(case) as opened, published(output) as file:
        out = io.TextIOWrapper(file, encoding="utf-8", newline="")
        match format_:
            case ExportFormat.HTML:
                out.write(html_report(opened))
            case ExportFormat.CSV:
                write_csv(opened, out)
            case ExportFormat.JSONL:
                write_json_lines(opened, out)
            case ExportFormat.CASE:
                count = write_case_uco(opened, out, classes=tuple(map(str, class_ or FINDINGS)))
                echo(f"{count} findings")
            case _:
                version = "1.3" if format_ is ExportFormat.VICS_1_3 else "2.0"
                for name, times in write_vics(
                    opened, out, version=version, categories=numbers, profile=profile
                ).items():
                    echo(f"not written: {name}, {times} times", err=True)
        for lost in CaseFigures.of_case(opened).lost:
            echo(f"incomplete: {lost}", err=True)
        out.flush()
        out.detach()
    echo(f"Written: {output}")


@app.command()
def recheck(
    case: CaseFolder,
    list_number: Annotated[int, typer.Argument(help="Number of the list, as `start` printed it.")],
    newer: Annotated[Path, typer.Argument(help="Newer version of that list.")],
) -> None:
    """Flag the items of an old case whose entries a newer version of the list no longer has.

    Exits with 1 if an item is flagged.
    """
    with explained(), Case(case) as opened:
        flagged = flag_withdrawn(opened, list_number, _snapshot(newer), at=clock.now())
    echo(f"{flagged} items have an entry that was withdrawn")
    raise typer.Exit(Exit.MATCHES if flagged else Exit.NOTHING)


@app.command()
def outcome(case: CaseFolder, note: Annotated[str, typer.Argument(help="How the case ended.")]) -> None:
    """Record how the case ended, for the people who viewed it."""
    if not note.strip() or not note.isprintable() or len(note) > 2000:
        raise fail("write a note of 1 to 2,000 characters", Exit.USAGE)
    with explained(), Case(case) as opened:
        values = (note.strip(), clock.now().isoformat())
        opened.connection.execute("INSERT INTO outcome (note, at) VALUES (?, ?)", values)
    echo("Recorded.")


def _add(case: Case, role: ListRole, path: Path) -> None:
    if (path / "manifest.json").is_file():
        made = lists.opened(path)
        add_snapshot(case, role, path / "snapshot", path.name, str(made.version))
    elif _is_built(path):
        add_snapshot(case, role, path, path.name)
    else:
        add_list(case, role, path, _records(path))


def _snapshot(path: Path) -> Snapshot:
    if (path / "manifest.json").is_file() or _is_built(path):
        return lists.opened(path).snapshot
    found = _records(path)
    return Snapshot(snapshot_bytes(read_records(path) if found is None else found)[0])


def _is_built(path: Path) -> bool:
    """Whether a file is a list that `tutela index build` wrote."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _records(path: Path) -> Iterator[Record] | None:
    """The entries of a folder or file of hashes; None for a VICS file or a reference data set."""
    if is_vics(path) or path.suffix.lower() in _RDS or _is_rds_csv(path):
        return None
    if path.is_dir() or path.suffix.lower() in ENDINGS:
        return (one for file in files_of(path) for one in records(file))
    raise fail(f"{path}: give a VICS file, an NSRL data set, or a list as `tutela scan` takes it", Exit.USAGE)


def _is_rds_csv(path: Path) -> bool:
    """Whether the first line is that of NSRLFile.txt."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return b'"SHA-1"' in file.readline(4096)


def _categories(given: list[str]) -> dict[str, int]:
    pairs = [one.rpartition("=") for one in given]
    if not all(name and number.isascii() and number.isdecimal() for name, _, number in pairs):
        raise fail("--category: write scheme:value=NUMBER", Exit.USAGE)
    return {name: int(number) for name, _, number in pairs}


def _say(figures: CaseFigures) -> None:
    echo(f"{figures.state}: {figures.files_done} of {figures.files} files, {figures.items} items")
    for lost in figures.lost:
        echo(f"not read whole: {lost}")
    for title, counts in (
        ("quick pass", {} if figures.complete else figures.quick),
        ("items", figures.classes),
        ("outside the authorisation", figures.outside),
        ("not examined", figures.not_examined),
        ("grades", figures.grades),
    ):
        for name, count in counts.items():
            echo(f"{title}: {name} {count}")
    if figures.photodna_listed:
        echo(f"PhotoDNA entries with nothing to compare with: {figures.photodna_uncompared}")
        echo(f"pictures without a PhotoDNA value: {figures.photodna_without_value}")
    if figures.conflicts:
        echo(f"conflicts with a lawful list: {figures.conflicts}")
    if figures.withdrawn:
        echo(f"items of withdrawn entries: {figures.withdrawn}")


@contextmanager
def _progress() -> Iterator[_Report]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        yield _Report(bar)


class _Report:
    """Shows how far a pass is: files, rate, and the time left."""

    def __init__(self, bar: Progress) -> None:
        self._bar, self._task = bar, bar.add_task("triage", total=None, said="")

    def __call__(self, now: RunProgress) -> None:
        left = "" if now.seconds_left is None else f", {now.seconds_left:,.0f} s left"
        said = f"{now.files:,} of {now.of_files:,} files, {now.files_per_second:.0f}/s{left}"
        self._bar.update(self._task, description=now.stage, completed=now.size, total=now.of_size, said=said)
