"""The command `tutela`. Commands of a node exist only where the desks are installed (`tutela[node]`)."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Annotated

import typer

from tutela import __version__
from tutela.app.cli import extras
from tutela.app.cli.exit_codes import Exit, fail, told
from tutela.app.cli.offline import (
    edge,
    examine,
    hash_files,
    index,
    lookup,
    match,
    policy,
    report,
    scan,
    triage,
    unseal,
    vantage,
    verify,
    witness,
)
from tutela.app.cli.output import echo

app = typer.Typer(
    name="tutela",
    help="Recognise known material by its hashes, without storing it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
scan.register(app)
hash_files.register(app)
match.register(app)
app.add_typer(index.app, name="index")
app.add_typer(edge.app, name="edge")
app.add_typer(triage.app, name="triage")
app.add_typer(verify.app, name="verify")
app.add_typer(witness.app, name="witness")
app.add_typer(policy.app, name="policy")
app.add_typer(report.app, name="report")
app.add_typer(vantage.app, name="vantage")
app.add_typer(examine.app, name="examine")
app.command(name="lookup")(lookup.lookup)
app.command(name="unseal")(unseal.unseal)

_NODE = "tutela.app.cli.node.node"


# Who uses a command, as the help groups them.
PANELS = {
    "Scan": "scan hash match compare lookup index",
    "Edge": "edge",
    "Node": "setup join peer recover migrate serve doctor backup restore import import-undo export submit keys"
    " reference log demo drill report",
    "Hotline": "vantage examine",
    "Authority": "triage unseal referral",
    "Auditor": "verify witness policy version",
}


# Commands of a node alone: with the small install they say what is missing.
_ON_A_NODE = {*PANELS["Node"].split(), "referral"} - {"report"}


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


@app.command()
def version() -> None:
    """Print the version."""
    echo(__version__)


def _group() -> None:
    """Put every command under its heading."""
    panels = {name: panel for panel, names in PANELS.items() for name in names.split()}
    for one in app.registered_commands:
        one.rich_help_panel = panels[one.name or (one.callback.__name__ if one.callback else "")]
    for each in app.registered_groups:
        each.rich_help_panel = panels[each.name or ""]


def _add_node_commands() -> None:
    if extras.has_node():
        importlib.import_module(_NODE).register(app)
    elif set(sys.argv[1:2]) & _ON_A_NODE:
        missing = ", ".join(extras.missing_for_node())
        raise fail(f"this command runs on a node: install tutela[node] (missing: {missing})", Exit.USAGE)


def main() -> None:
    """Run the command. Whatever goes wrong ends in one line and a number out of `exit_codes`."""
    try:
        _add_node_commands()
        _group()
        app()
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except Exception as error:
        if os.environ.get("TUTELA_DEBUG"):
            raise
        sys.exit(told(error))
