"""Command `tutela verify figures --recompute` on a node: compute published figures again from its events."""

from __future__ import annotations

import os

from tutela.app import config
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node
from tutela.observatory.statements.statement import Statement


def recompute(statement: Statement) -> None:
    """Compare a statement with the events of this node. Exits with 4 if anything does not agree."""
    cluster = node.prepare()
    if cluster is None and not config.load().owner_database_url:
        raise fail(
            "set TUTELA_OWNER_DATABASE_URL: only the owner can read the events of every organisation", Exit.USAGE
        )
    os.environ["TUTELA_ROLE"] = "owner"
    node.django()
    from tutela.observatory.figures import recompute as recomputation

    found = recomputation.recompute(statement)
    for one in found:
        echo(f"INVALID {one}")
    if found:
        raise fail(f"{len(found)} findings", Exit.UNTRUSTED)
    echo("recomputed from the events of this node")
