"""`tutela import`: many proposals out of one file, for an organisation of this node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tutela.app import node
from tutela.app.cli.exits import Exit, fail

if TYPE_CHECKING:
    from tutela.indicators.import_lines import BadLine
    from tutela.indicators.importing import Report

SHOWN = 20


def import_(  # noqa: PLR0913 - one parameter an option
    file: Annotated[Path, typer.Argument(help="JSON Lines, or CSV where the name ends in .csv.", exists=True)],
    organisation: Annotated[str, typer.Option(help="Who proposes: the name of a member of the register.")],
    source: Annotated[str, typer.Option(help="Whose list it is; it stays with every entry.")],
    classification: Annotated[str, typer.Option(help="Where a line names none.")] = "",
    media_type: Annotated[str, typer.Option(help="Where a line names none.")] = "image",
    reason: Annotated[str, typer.Option(help="Where a line names none.")] = "",
    errors: Annotated[Path | None, typer.Option(help="Every refused line goes here, one JSON each.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")] = False,
) -> None:
    """Propose every line of a file. A run that was cut off goes on where it was. Ends with 3 if lines were refused."""
    node.prepare()
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.indicators.import_lines import Defaults
    from tutela.indicators.importing import run
    from tutela.organisations import directory
    from tutela.organisations.founding import machine

    try:
        actor = machine(directory.named(organisation).id, "import")
    except TutelaError:
        raise fail(f"this node has no organisation {organisation}", Exit.USAGE) from None
    telling = _Telling(errors)
    try:
        with telling:
            report = run(
                actor, file, source=source, defaults=Defaults(media_type, classification, reason), dry_run=dry_run,
                told=telling.told, bad=telling.bad,
            )  # fmt: skip
    except TutelaError as error:
        raise fail(str(error), Exit.USAGE) from None
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{file} cannot be read: {error}", Exit.USAGE) from None
    if report.unmapped:
        typer.echo(f"columns that nothing here understands, left out: {', '.join(report.unmapped)}", err=True)
    done = "would be proposed" if dry_run else "proposed"
    skipped = f", {report.skipped} lines done before" if report.skipped else ""
    typer.echo(f"{report.accepted} {done}, {report.refused} refused{skipped}")
    raise typer.Exit(Exit.UNREAD if report.refused else Exit.NOTHING)


class _Telling:
    """Progress on a terminal, refused lines on the error stream and in a file."""

    def __init__(self, errors: Path | None) -> None:
        self._file = errors.open("w", encoding="utf-8") if errors else None
        console = Console(stderr=True)
        columns = (TextColumn("{task.fields[said]}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("import", said="reading")
        self._shown = 0

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        if self._file:
            self._file.close()

    def told(self, report: Report) -> None:
        said = f"line {report.lines}: {report.accepted} accepted, {report.refused} refused"
        self._progress.update(self._task, said=said)

    def bad(self, one: BadLine) -> None:
        if self._file:
            self._file.write(json.dumps({"line": one.line, "field": one.field, "reason": one.reason}) + "\n")
        self._shown += 1
        if self._shown <= SHOWN:
            typer.echo(f"line {one.line}: {one.field}: {one.reason}", err=True)
        elif self._shown == SHOWN + 1:
            typer.echo("further lines are refused; --errors FILE names all of them", err=True)
