"""The command `tutela`. Commands of a node exist only where the desks are installed (`tutela[node]`)."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from tutela import __version__
from tutela.app.cli import extras
from tutela.app.cli.commands import Commands, needs_node
from tutela.app.cli.exit_codes import Exit, fail, told
from tutela.app.cli.output import echo

app = typer.Typer(
    name="tutela",
    cls=Commands,
    help="Recognise known material by its hashes, without storing it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Recognise known material by its hashes, without storing it."""


@app.command(rich_help_panel="Auditor")
def version() -> None:
    """Print the version."""
    echo(__version__)


def _refuse_without_node() -> None:
    """With the small install, a command of a node says what is missing."""
    if any(map(needs_node, sys.argv[1:2])) and not extras.has_node():
        missing = ", ".join(extras.missing_for_node())
        raise fail(f"this command runs on a node: install tutela[node] (missing: {missing})", Exit.USAGE)


def main() -> None:
    """Run the command. Whatever goes wrong ends in one line and a number out of `exit_codes`."""
    try:
        _refuse_without_node()
        app()
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except Exception as error:
        if os.environ.get("TUTELA_DEBUG"):
            raise
        sys.exit(told(error))
