"""`tutela log`: the public log of this node, for its operator."""

from __future__ import annotations

from typing import Annotated

import httpx
import typer

from tutela.app import node
from tutela.app.cli.exits import Exit, fail
from tutela.app.cli.saying import echo
from tutela.app.cli.verify import fetcher

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def status() -> None:
    """How long the log is, what waits, and what its witnesses said. Ends with 4 while it signs nothing."""
    node.prepare()
    node.django()
    from tutela.accountability import public_state

    state = public_state.state()
    if state is None:
        raise fail("this node keeps no public log: it has no Centre, or no log key", Exit.USAGE)
    echo(f"{state.origin}: {state.size} entries, {state.waiting} wait, quorum {state.quorum}")
    for witness in state.witnesses:
        echo(f"{witness.name}: {witness.error or ('signed' if witness.cosigned else 'not signed')}")
    if state.behind:
        echo(f"{state.behind} entries behind its witnesses: restored from an older copy; it signs nothing")
    raise typer.Exit(Exit.UNTRUSTED if state.behind or state.delayed else Exit.NOTHING)


@app.command(name="catch-up")
def catch_up(
    source: Annotated[str, typer.Argument(help="A copy of the log's files: a folder, or the address of a mirror.")],
) -> None:
    """After a restore: take back from a copy what the log had published, so that it can go on without a fork."""
    node.prepare()
    node.django()
    from tutela.accountability import publishing

    fetch = fetcher(source)
    try:
        done = publishing.catch_up(fetch)
    except publishing.CannotCatchUp as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    except (OSError, httpx.HTTPError) as error:
        raise fail(f"the copy cannot be read: {error}", Exit.UNREACHABLE) from None
    echo(f"{done.waiting} entries taken back; the log has {done.size}")
