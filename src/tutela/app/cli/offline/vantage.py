"""Look at addresses from another country for a hotline's node.

The machine needs no database and no account. It keeps no address: a list is read, looked at and answered.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import track

from tutela import clock
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.field_types import Country
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.takedown.look import Conditions, Watcher
from tutela.exchange.takedown.vantage import (
    Reachability,
    VantageResult,
    VantageResults,
    VantageTask,
    VantageTasks,
    open_tasks,
    result_of,
    sign_results,
)
from tutela.exchange.takedown.web_address import normalise
from tutela.matching.files.replace import published

app = typer.Typer(no_args_is_help=True, help=__doc__)
Folder = Annotated[Path, typer.Argument(help="Folder of the vantage point, with its key.")]
KEY, STATE = "key.hex", "state.json"
THREADS = 16
_MOBILE = "Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"


@app.command()
def init(folder: Folder) -> None:
    """Create the key of a vantage point and print its public half. An existing key is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / KEY).exists():
        with os.fdopen(os.open(folder / KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
    echo(_key(folder).public_key().public_bytes_raw().hex())


@app.command()
def trust(
    folder: Folder,
    vantage: Annotated[UUID, typer.Argument(help="ID that the node's page shows.")],
    node_key: Annotated[str, typer.Argument(help="Key of the node that the page shows: 64 hex digits.")],
) -> None:
    """Say for which node this vantage point looks: only lists that it signed are read."""
    try:
        trusted_keys([node_key])
    except ExchangeError as error:
        raise fail(f"node_key: {error}", Exit.USAGE) from None
    before = _state(folder) if (folder / STATE).exists() else {"read": 0, "sent": 0}
    if before.get("vantage") != str(vantage):
        before["read"] = 0  # another node counts its own lists
    _store(folder / STATE, json.dumps({**before, "vantage": str(vantage), "node_key": node_key}).encode())
    echo("Trusted.")


@app.command(name="look")
def look_at_list(
    folder: Folder,
    tasks: Annotated[Path, typer.Argument(help="Task list of the node.")],
    answers: Annotated[Path, typer.Argument(help="File to write the signed answers to.")],
    country: Annotated[str, typer.Option(help="Country of this network, such as DE.")] = "",
) -> None:
    """Look at every address of a list and write the signed answers: status alone, never a body."""
    key, state = _key(folder), _state(folder)
    if country:
        try:
            TypeAdapter(Country).validate_python(country)
        except ValidationError:
            raise fail("country: use two capital letters, such as DE.", Exit.USAGE) from None
    try:
        given = open_tasks(
            tasks.read_bytes(), trusted_keys([state["node_key"]]), UUID(state["vantage"]), state["read"], clock.now()
        )
    except OSError as error:
        raise fail(f"{tasks}: {error.strerror}", Exit.USAGE) from None
    except ExchangeError as error:
        raise fail(f"{tasks}: {error}", Exit.UNTRUSTED) from None
    found = _looked(given)
    results = VantageResults(
        list_id=given.list_id,
        nonce=given.nonce,
        vantage=given.vantage,
        sequence=state["sent"] + 1,
        sent_at=clock.now(),
        network_country=country or None,
        results=tuple(found),
    )
    _store(answers, sign_results(results, key))
    _store(folder / STATE, json.dumps({**state, "read": given.sequence, "sent": results.sequence}).encode())
    echo(f"{len(found)} looked at: {answers}")


def _looked(given: VantageTasks) -> list[VantageResult]:
    watcher = Watcher()
    console = Console(stderr=True)
    with ThreadPoolExecutor(THREADS) as pool:
        seen = pool.map(lambda one: _look(watcher, one), given.tasks)
        shown = track(seen, "looking", len(given.tasks), console=console, disable=not console.is_terminal)
        return list(shown)


def _look(watcher: Watcher, task: VantageTask) -> VantageResult:
    conditions = Conditions(referrer=task.conditions.referrer or "", device=_MOBILE if task.conditions.mobile else "")
    try:
        answer = watcher.look(normalise(task.address), conditions)
    except Exception:  # noqa: BLE001 - one address keeps no other from being looked at
        return VantageResult(task_id=task.task_id, checked_at=clock.now(), reachability=Reachability.NOT_CHECKED)
    return result_of(task.task_id, answer, clock.now())


def _key(folder: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex((folder / KEY).read_text().strip()))
    except (OSError, ValueError):
        raise fail(f"{folder}: there is no key. Run: tutela vantage init {folder}", Exit.USAGE) from None


def _state(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / STATE).read_text())
    except (OSError, ValueError):
        text = f"{folder}: no node is trusted yet. Run: tutela vantage trust {folder} ID KEY"
        raise fail(text, Exit.USAGE) from None
    return found


def _store(path: Path, data: bytes) -> None:
    """Write a file whole: a crash leaves the old one."""
    try:
        with published(path) as out:
            out.write(data)
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", Exit.USAGE) from None
