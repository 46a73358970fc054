"""Command `tutela verify figures`: check published figures against the public log, or recompute them on their node."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli import extras
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.tlog.policy import Policy, PolicyError
from tutela.tlog.verify import Refused


def figures(
    file: Annotated[Path, typer.Argument(help="File of published figures, downloaded from their page.", exists=True)],
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Required signers of the log: a tlog-policy file.", exists=True)
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Public key of the organisation, 64 hex digits, received through a separate channel."),
    ] = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="On the node: compute the figures again from its events.")
    ] = False,
) -> None:
    """Verify published figures: their signature, their commitments, and their entry in the log. Works offline."""
    from tutela.observatory.statements import figures_file

    if policy is None and not recompute:
        raise fail("give --policy to verify against the log, or --recompute on the node", Exit.USAGE)
    try:
        read = figures_file.FiguresFile.from_bytes(file.read_bytes())
        statement = figures_file.signed_statement(read, key or ())
        figures_file.opened(statement, read.salts)
        if policy is not None:
            found = figures_file.check(read, Policy.parse(policy.read_text()), key or ())
            echo(f"entry {found.entry} in {found.origin}")
    except Refused as error:
        raise fail(f"not valid: {error}", Exit.UNTRUSTED) from None
    except PolicyError as error:
        raise fail(f"the policy file: {error}", Exit.USAGE) from None
    if not key:
        echo(f"warning: the key {read.key} was taken from the file; give it with --key", err=True)
    echo(f"{statement.name}, release {statement.number}, {statement.period}, chain at {statement.position}")
    for one in statement.figures:
        echo(f"{one.definition}: {one.value if one.value is not None else f'withheld ({one.missing})'}")
    if recompute:
        if not extras.has_node():
            raise fail("--recompute needs the node on which the figures were published", Exit.USAGE)
        importlib.import_module("tutela.app.cli.node.recompute_figures").recompute(statement)
    echo("holds")
