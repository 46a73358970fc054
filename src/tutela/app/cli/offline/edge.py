"""Commands `tutela edge`: run the matching service, and show its status."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError

from tutela.app.cli.exit_codes import Exit, explained, fail, require_port
from tutela.app.cli.output import echo
from tutela.edge.errors import FetchRefusedError
from tutela.edge.fetch.http_client import Fetcher
from tutela.edge.http_api.bucket_events import Notification, announced
from tutela.edge.process.coordinator import Holder, open_unscanned
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.unscanned_entry import Unscanned

app = typer.Typer(help="The provider's matching service.", no_args_is_help=True)


@app.command()
def serve() -> None:
    """Serve the Edge. All settings come from the environment (`TUTELA_EDGE_…`)."""
    with explained():
        settings = Settings.from_env()
        if not settings.tokens:
            raise fail("set TUTELA_EDGE_TOKENS: without a token, all requests are refused", Exit.USAGE)
        # Reported here in one line, because the holder process would only crash.
        Holder(settings, Metrics()).close()
    require_port(settings.listen, "TUTELA_EDGE_LISTEN")
    counts = settings.data_dir.absolute() / "metrics"
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir(parents=True, mode=0o700)
    # A program of its own: every process must know where to count before it imports the first counter.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    os.execv(sys.executable, [sys.executable, "-m", "tutela.edge.process.supervisor"])  # noqa: S606 - no shell is wanted


@app.command()
def status(
    url: Annotated[str, typer.Argument(help="Address of an Edge. Default: TUTELA_EDGE_LISTEN.")] = "",
) -> None:
    """Show the lists of an Edge, its queue of unscanned items, and whether it is ready. Exits with 4 if not."""
    url = url or _own_address(os.environ.get("TUTELA_EDGE_LISTEN", "") or Settings.model_fields["listen"].default)
    try:
        answer = httpx.get(f"{url.rstrip('/')}/healthz/ready", timeout=10)
        body = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise fail(f"{url} is not an Edge, or does not answer", Exit.UNREACHABLE) from None
    echo(json.dumps(body, indent=2))
    raise typer.Exit(Exit.NOTHING if body.get("ready") else Exit.UNTRUSTED)


def _own_address(listen: str) -> str:
    """Address at which a client on this machine reaches the service; a wildcard address includes loopback."""
    host, _, port = listen.rpartition(":")
    return f"http://{'127.0.0.1' if host in ('', '0.0.0.0', '[::]') else host}:{port}"  # noqa: S104 - asked, not bound


@app.command()
def undecoded(
    looked_at: Annotated[
        str, typer.Option(help="Remove the entry with this ID or item, after a person has checked it.")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Rescan the entries that have a location.")] = False,
) -> None:
    """Print the pictures and videos that could not be hashed and are pending for a person, as JSON Lines.

    Works on the Edge of this data folder, running or not. Exits with 3 if any are left. If several entries have
    the same item, give the ID.
    """
    with explained():
        settings = Settings.from_env()
        queue, left = open_unscanned(settings, settings.key()), 0
        meant = [place.id for place, one in queue.aside() if looked_at in (place.id, one.item)] if looked_at else []
        if len(meant) > 1:
            raise fail(
                f"{len(meant)} entries have this item; give one of these IDs: {', '.join(meant[:20])}", Exit.USAGE
            )
        for place, one in queue.aside():
            if again and one.location:
                queue.put([one.model_copy(update={"hashes": None, "reason": None})])
                queue.looked_at(place)
            elif place.id in meant:
                queue.looked_at(place)
            else:
                left += 1
                echo(json.dumps({"id": place.id} | _told(one), ensure_ascii=False))
    raise typer.Exit(Exit.UNREAD if left else Exit.NOTHING)


def _told(one: Unscanned) -> dict[str, str | None]:
    told = one.model_dump(mode="json", include={"item", "account", "service", "channel", "at", "location", "tenant"})
    return told | {"code": one.code, "sha256": one.hashes.sha256 if one.hashes else ""}


@app.command()
def events(
    source: Annotated[Path, typer.Argument(help='Notifications of an object store, as JSON Lines; "-" is stdin.')],
) -> None:
    """Queue notifications of an object store for the Edge of this data folder. Exits with 3 if a line was bad."""
    with explained():
        settings, bad = Settings.from_env(), 0
        fetcher = Fetcher(settings.fetch_origins, settings.fetch_networks, settings.max_body_bytes)
        queue, found = open_unscanned(settings, settings.key()), list[Unscanned]()
        for number, line in enumerate(sys.stdin if str(source) == "-" else source.open(encoding="utf-8"), 1):
            try:
                found += announced(Notification.model_validate_json(line), fetcher, "file") if line.strip() else []
            except (ValidationError, FetchRefusedError) as error:
                bad += 1
                echo(f"line {number}: {type(error).__name__}", err=True)
        echo(f"{queue.put(found) if found else 0} queued, {bad} lines not readable")
    raise typer.Exit(Exit.UNREAD if bad else Exit.NOTHING)
