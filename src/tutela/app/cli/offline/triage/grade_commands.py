"""Commands of grading: view and grade, import, undo, list disputes, decide."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from tutela import clock
from tutela.app.cli.exit_codes import Exit, explained
from tutela.app.cli.offline.triage.commands import CaseFolder
from tutela.app.cli.output import echo
from tutela.forensics.case_folder.case import Case
from tutela.forensics.grades.grade_book import Authenticity, GradeBook
from tutela.forensics.grades.import_grades import import_grades
from tutela.forensics.viewer.grading_viewer import GradingViewer

grades = typer.Typer(no_args_is_help=True, help="Grade the items of a case.")
Person = Annotated[str, typer.Option(help="Who acts.")]
Item = Annotated[str, typer.Argument(help="SHA-256 of the item.")]
Value = Annotated[str, typer.Argument(help="Grade as scheme:value.")]
Origin = Annotated[Authenticity, typer.Option(help="How the item came about.")]


@grades.command()
def view(
    case: CaseFolder,
    person: Person,
    key: Annotated[list[str], typer.Option(help="Key and grade, as 1=be:1. Repeatable.")],
    second: Annotated[bool, typer.Option("--second", help="Second view: items that others graded.")] = False,
    browser: Annotated[bool, typer.Option(help="Open this machine's browser; else print where the page is.")] = True,
) -> None:
    """View and grade items in this machine's browser, one at a time. Pixels stay in memory."""
    scale = {name: value for name, _, value in (one.partition("=") for one in key)}
    with explained(), Case(case) as opened:
        viewer = GradingViewer(opened, person, scale, now=clock.now, second=second)
        with viewer.door() as page:
            if not (browser and webbrowser.open(page.as_uri())):
                echo(f"Open {page} in a browser of this machine.")
            viewer.run()
        for row in opened.rows("SELECT note FROM outcome ORDER BY id"):
            echo(f"outcome: {row['note']}")


@grades.command(name="set")
def set_(
    case: CaseFolder, item: Item, value: Value, person: Person, authenticity: Origin = Authenticity.UNCLEAR
) -> None:
    """Grade one item; the grade counts for every exact copy."""
    with explained(), Case(case) as opened:
        copies = GradeBook(opened).grade(item.lower(), value, authenticity, person=person, at=clock.now())
    echo(f"Graded {copies} copies.")


@grades.command(name="import")
def import_(case: CaseFolder, file: Annotated[Path, typer.Argument(help="VICS file, or CSV.")], person: Person) -> None:
    """Import grades of other tools, so that what was graded there is not viewed again.

    CSV has the columns sha256, sha1 or md5, value, and authenticity.
    """
    with explained(), Case(case) as opened:
        counts = import_grades(opened, file, person=person, at=clock.now())
    echo(f"{counts.graded} graded, {counts.absent} not in the case, {counts.refused} refused")
    raise typer.Exit(Exit.UNREAD if counts.refused else Exit.NOTHING)


@grades.command()
def undo(case: CaseFolder, item: Item, person: Person) -> None:
    """Take back the person's own grade of an item, for every copy."""
    with explained(), Case(case) as opened:
        GradeBook(opened).undo(item.lower(), person=person, at=clock.now())
    echo("Undone.")


@grades.command()
def disputes(case: CaseFolder) -> None:
    """List the disputed items. Exits with 1 if there is one."""
    with explained(), Case(case) as opened:
        found = GradeBook(opened).disputes()
    for one in found:
        echo(f"{one.sha256} {', '.join(one.people)}")
    raise typer.Exit(Exit.MATCHES if found else Exit.NOTHING)


@grades.command()
def decide(
    case: CaseFolder, item: Item, value: Value, person: Person, authenticity: Origin = Authenticity.UNCLEAR
) -> None:
    """Decide a dispute, as a person who did not grade the item."""
    with explained(), Case(case) as opened:
        GradeBook(opened).decide(item.lower(), value, authenticity, person=person, at=clock.now())
    echo("Decided.")
