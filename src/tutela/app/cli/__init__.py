"""The command `tutela`. Commands of a node exist only where the desks are installed (`tutela[node]`)."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

import typer

from tutela import __version__
from tutela.app.cli.exit_codes import told
from tutela.app.cli.offline import edge, index, lookup, match, policy, scan, verify, witness
from tutela.app.cli.output import echo

app = typer.Typer(
    name="tutela",
    help="Recognise known material by its hashes, without storing it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
scan.register(app)
match.register(app)
app.add_typer(index.app, name="index")
app.add_typer(edge.app, name="edge")
app.add_typer(verify.app, name="verify")
app.add_typer(witness.app, name="witness")
app.add_typer(policy.app, name="policy")
app.command(name="lookup")(lookup.lookup)

_NODE = "tutela.app.cli.node.node"


@app.command()
def version() -> None:
    """Print the version."""
    echo(__version__)


def _add_node_commands() -> None:
    if importlib.util.find_spec("django") is None or importlib.util.find_spec(_NODE) is None:
        return
    importlib.import_module(_NODE).register(app)


def main() -> None:
    """Run the command. Whatever goes wrong ends in one line and a number out of `exit_codes`."""
    try:
        _add_node_commands()
        app()
    except Exception as error:
        if os.environ.get("TUTELA_DEBUG"):
            raise
        sys.exit(told(error))
