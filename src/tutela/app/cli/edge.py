"""`tutela edge`: run the matching service, and ask one how it is."""

from __future__ import annotations

import json
from typing import Annotated

import httpx
import typer
from granian import Granian
from granian.constants import Interfaces

from tutela.app.cli.exits import Exit, explained, fail
from tutela.edge.live import load_provider_list
from tutela.edge.settings import Settings

app = typer.Typer(help="The provider's matching service.", no_args_is_help=True)


@app.command()
def serve() -> None:
    """Serve the Edge. All settings come from the environment (`TUTELA_EDGE_…`)."""
    with explained():
        settings = Settings.from_env()
        if not settings.tokens:
            raise fail("set TUTELA_EDGE_TOKENS: without a token nobody may ask", Exit.USAGE)
        for folder in settings.provider_lists:
            load_provider_list(folder)  # said here in one line; the worker would only crash
    host, _, port = settings.listen.rpartition(":")
    # One worker process: it owns the state of the lists and the outbox. Hashing has its own processes.
    Granian(
        "tutela.edge.asgi:create_app", address=host, port=int(port), interface=Interfaces.ASGI, factory=True, workers=1,
        respawn_failed_workers=True, respawn_interval=1.0,
    ).serve()  # fmt: skip


@app.command()
def status(url: Annotated[str, typer.Argument(help="Address of an Edge.")] = "http://127.0.0.1:8620") -> None:
    """Show the lists of an Edge and whether it is ready. Ends with 4 if it is not."""
    try:
        answer = httpx.get(f"{url.rstrip('/')}/healthz/ready", timeout=10)
        body = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise fail(f"{url} does not answer as an Edge", Exit.UNREACHABLE) from None
    typer.echo(json.dumps(body, indent=2))
    raise typer.Exit(Exit.NOTHING if body.get("ready") else Exit.UNTRUSTED)
