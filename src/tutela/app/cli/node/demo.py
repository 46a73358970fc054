"""Commands `tutela demo`: run the demonstration, and walk through it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node

app = typer.Typer(help="A demonstration with invented organisations.", no_args_is_help=True)
console = Console(stderr=True, highlight=False)


@app.command()
def run(
    days: Annotated[int, typer.Option(min=7, max=30, help="Days of invented work; fewer are created faster.")] = 30,
) -> None:
    """Create the demonstration once, then run everything in the foreground."""
    from tutela.app.demo import run as demo_run

    demo_run.run(console.print, days)


@app.command()
def pictures(
    folder: Annotated[Path, typer.Argument(help="Folder to create.")] = Path("pictures"),
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 12,
) -> None:
    """Write invented landscapes to try the commands on. Never overwrites a file."""
    from tutela.app.demo import pictures as scenery

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        path = folder / f"landscape-{number:03}.jpg"
        try:
            with path.open("xb") as file:
                file.write(scenery.encoded(scenery.landscape(number), "JPEG"))
        except FileExistsError:
            raise fail(f"{path} exists already", Exit.USAGE) from None
    echo(f"{count} pictures in {folder}")


@app.command()
def device(
    folder: Annotated[Path, typer.Argument(help="Folder to create.")] = Path("seized"),
) -> None:
    """Write an invented seized phone with lists, to try `tutela triage` on. Never overwrites a file."""
    from tutela.app.demo import seized_device

    try:
        seized_device.write_seized_device(folder)
    except FileExistsError as error:
        raise fail(f"{error.filename} exists already", Exit.USAGE) from None
    echo(f"A phone with invented landscapes is in {folder}. Continue with:\n")
    for line in (f"cd {shlex.quote(str(folder))}", *seized_device.COMMANDS):
        echo(f"  {line}")


@app.command()
def walk() -> None:
    """Go through every step over HTTP on a running demonstration. Exits with 1 at the first failure."""
    os.environ["TUTELA_DEMO"] = "1"
    if not (node.data_folder() / "demo.json").exists():
        raise fail(f"no demonstration runs in {node.data_folder()}: run `make demo` first", Exit.USAGE)
    node.django()
    import httpx

    from tutela.app.demo.browser import DoesNotHold
    from tutela.app.demo.walk import Walk

    try:
        Walk(console.print).go()
    except httpx.ConnectError as error:
        raise fail(f"no answer from {error.request.url}: run `make demo` first", Exit.USAGE) from None
    except DoesNotHold as error:
        console.print(f"[red]failed:[/] {error}")
        raise typer.Exit(1) from None
