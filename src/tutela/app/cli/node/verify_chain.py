"""Command `tutela verify` on a node: the hash chain over all its events."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tutela.app import config
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node


def chain(checkpoints: Path | None) -> None:
    """Verify the whole chain of this node and name any edit, deletion or reordering. Exits with 1 if one is found."""
    cluster = node.prepare()
    if cluster is None and not config.load().owner_database_url:
        raise fail(
            "set TUTELA_OWNER_DATABASE_URL: only the owner can read the events of every organisation", Exit.USAGE
        )
    os.environ["TUTELA_ROLE"] = "owner"
    node.django()
    from tutela.accountability.chain import verifier

    report = verifier.verify(kept=checkpoints)
    if checkpoints:
        echo(f"{report.compared} of {checkpoints} checkpoints compared")
    echo(f"{report.entries} entries, {report.erased} with erased facts")
    echo(f"{report.checkpoints} checkpoints, {report.waiting} events pending")
    echo(f"head {report.head}")
    for problem in report.problems:
        echo(f"INVALID {problem}")
    echo("sound" if report.sound else f"{len(report.problems)} problems")
    raise typer.Exit(0 if report.sound else 1)
