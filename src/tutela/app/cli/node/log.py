"""The public log of this node, for its operator."""

from __future__ import annotations

from typing import Annotated

import httpx
import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.offline.verify import fetcher
from tutela.app.cli.output import echo
from tutela.app.runtime import node

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def status() -> None:
    """Show the log's length, the pending events and the answers of its witnesses.

    Exits with 4 while the log signs nothing.
    """
    node.prepare()
    node.django()
    from tutela.accountability.public_log import status as public_log_status

    state = public_log_status.state()
    if state is None:
        raise fail("this node has no public log: it has no Centre, or no log key", Exit.USAGE)
    echo(f"{state.origin}: {state.size} entries, {state.waiting} pending, quorum {state.quorum}")
    for witness in state.witnesses:
        echo(f"{witness.name}: {witness.error or ('signed' if witness.cosigned else 'not signed')}")
    if state.behind:
        echo(f"{state.behind} entries behind the witnesses: restored from an older copy; nothing is signed")
    raise typer.Exit(Exit.UNTRUSTED if state.behind or state.delayed else Exit.NOTHING)


@app.command(name="catch-up")
def catch_up(
    source: Annotated[str, typer.Argument(help="Copy of the log's files: a folder, or the address of a mirror.")],
) -> None:
    """After a restore: copy published entries back into the log, so that it continues without a fork."""
    node.prepare()
    node.django()
    from tutela.accountability.public_log import publish

    fetch = fetcher(source)
    try:
        done = publish.catch_up(fetch)
    except publish.CannotCatchUp as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    except (OSError, httpx.HTTPError) as error:
        raise fail(f"the copy cannot be read: {error}", Exit.UNREACHABLE) from None
    echo(f"{done.waiting} entries restored; the log has {done.size}")
