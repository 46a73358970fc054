"""Look at what is at a reported address, on the mandated analyst's own machine.

The machine needs no database and no account. Files that it fetches stay in memory; only digests, and a file sealed to
the police, leave it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import webbrowser
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tutela import clock
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import NoAnswerError
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.referral import age_encryption
from tutela.exchange.takedown.examination.evidence import seal_evidence
from tutela.exchange.takedown.examination.fetch import ContentFetcher, FetchedAddress
from tutela.exchange.takedown.examination.messages import (
    MOST_NOT_FETCHED,
    ExaminationResult,
    ExaminationTask,
    FoundItem,
    SealedEvidence,
    open_task,
    sign_result,
)
from tutela.matching.files.replace import published
from tutela.media import Hashed, HasherPool, Refused
from tutela.scan.local_viewer import LocalViewer, ViewedFile

app = typer.Typer(no_args_is_help=True, help=__doc__)
Folder = Annotated[Path, typer.Argument(help="Folder of this machine, with its keys.")]
KEY, IDENTITY, STATE = "key.hex", "identity.txt", "state.json"
# Only decoders of this process use it.
TENANT = "analyst"


@app.command()
def init(folder: Folder) -> None:
    """Create the keys of this machine and print their public halves. Existing keys are kept."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise fail(f"{folder}: {error.strerror}", Exit.USAGE) from None
    _create(folder / KEY, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    _create(folder / IDENTITY, age_encryption.new_identity()[0])
    echo(_key(folder).public_key().public_bytes_raw().hex())
    echo(_recipient(folder))


@app.command()
def trust(
    folder: Folder,
    machine: Annotated[UUID, typer.Argument(help="ID that the node's page shows.")],
    node_key: Annotated[str, typer.Argument(help="Key of the node that the page shows: 64 hex digits.")],
) -> None:
    """Say for which node this machine examines: only tasks that it signed are read."""
    _key(folder)
    try:
        trusted_keys([node_key])
    except ExchangeError as error:
        raise fail(f"node_key: {error}", Exit.USAGE) from None
    _store(folder / STATE, json.dumps({"machine": str(machine), "node_key": node_key}).encode())
    echo("Trusted.")


@app.command()
def run(
    folder: Folder,
    task: Annotated[Path, typer.Argument(help="Task of the node.")],
    result: Annotated[Path, typer.Argument(help="File to write the signed result to.")],
    evidence: Annotated[
        Path | None, typer.Option(help="File to seal the evidence to. Only if the task names an authority.")
    ] = None,
    view: Annotated[bool, typer.Option(help="Show the files, one at a time, in this machine's browser.")] = True,
    show_conditions: Annotated[bool, typer.Option(help="Print the password of the address.")] = False,
) -> None:
    """Fetch an address, hash its files, seal them to the police, let you view them, and write the signed result."""
    given = _task(folder, task)
    _check_outputs(given, result, evidence)
    _say_conditions(given, show_conditions)
    fetched_at = clock.now()
    found = _fetched(given)
    items = _hashed(found)
    sealed = _sealed(given, evidence, found, items, fetched_at)
    if view and items:
        items = _viewed(items, found)
    said = ExaminationResult(
        task_id=given.task_id,
        machine=given.machine,
        nonce=given.nonce,
        fetched_at=fetched_at,
        sent_at=clock.now(),
        status=found.status,
        items=tuple(items),
        not_fetched=min(found.not_fetched, MOST_NOT_FETCHED),
        evidence=sealed,
    )
    _store(result, sign_result(said, _key(folder)))
    echo(f"{len(items)} files, {found.not_fetched} not fetched: {result}")
    if not found.status:
        raise typer.Exit(Exit.UNREAD)


def _check_outputs(given: ExaminationTask, result: Path, evidence: Path | None) -> None:
    """Before anything is fetched: whether both files can be written."""
    if given.evidence is not None and evidence is None:
        raise fail(f"--evidence: name a file. The task asks to seal to {given.evidence.authority}.", Exit.USAGE)
    if given.evidence is None and evidence is not None:
        raise fail("--evidence: the task names no authority, so nothing is sealed.", Exit.USAGE)
    for path in (evidence, result):
        if path is not None and path.exists():
            raise fail(f"{path}: exists already.", Exit.USAGE)
        if path is not None and not os.access(path.absolute().parent, os.W_OK):
            raise fail(f"{path}: its folder cannot be written to.", Exit.USAGE)
    if evidence is not None and evidence.resolve() == result.resolve():
        raise fail("--evidence: name another file than the result.", Exit.USAGE)


def _task(folder: Path, path: Path) -> ExaminationTask:
    state = _state(folder)
    try:
        return open_task(
            path.read_bytes(), _identity(folder), trusted_keys([state["node_key"]]), UUID(state["machine"]), clock.now()
        )
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", Exit.USAGE) from None
    except ExchangeError as error:
        raise fail(f"{path}: {error}", Exit.UNTRUSTED) from None


def _say_conditions(given: ExaminationTask, show: bool) -> None:
    """What the person arranges, because no request can."""
    asked = given.conditions
    if asked.country:
        echo(f"Shown to this country: {asked.country}. Use a network there.", err=True)
    if asked.time:
        echo(f"Shown at this time: {asked.time}", err=True)
    if asked.password:
        echo(f"Password: {asked.password if show else 'there is one; see it with --show-conditions'}", err=True)


def _fetched(given: ExaminationTask) -> FetchedAddress:
    try:
        return ContentFetcher(given.conditions).fetch(given.address)
    except NoAnswerError as error:
        echo(f"No answer: {error}", err=True)
        return FetchedAddress()
    except ExchangeError as error:
        raise fail(f"address: {error}", Exit.USAGE) from None


def _hashed(found: FetchedAddress) -> list[FoundItem]:
    """The files with their digests; they are decoded in the cage."""
    items: list[FoundItem] = []
    with HasherPool(workers=1) as pool:
        for file in found.files:
            said = pool.hash_bytes(file.data, tenant=TENANT)
            items.append(_item(len(items) + 1, said, part=file.part))
    return items


def _item(position: int, said: Hashed | Refused, *, part: bool) -> FoundItem:
    if said.digests is None:
        raise fail("a file cannot be read", Exit.UNREAD)
    refused = said if isinstance(said, Refused) else None
    first = next((one for one in said.frames if one.matchable), None) if isinstance(said, Hashed) else None
    return FoundItem(
        position=position,
        part=part,
        format=re.sub(r"[^a-z0-9]+", "-", said.format.lower()) if isinstance(said, Hashed) else "other",
        size=said.digests.size,
        sha256=said.digests.sha256,
        md5=said.digests.md5,
        pdq=first.pdq.hex() if first else None,
        refused=str(refused.code) if refused else None,
    )


def _sealed(
    given: ExaminationTask, path: Path | None, found: FetchedAddress, items: list[FoundItem], fetched_at: datetime
) -> SealedEvidence | None:
    if given.evidence is None or path is None or not (items or found.page):
        return None
    try:
        with published(path) as out:
            return seal_evidence(given, given.evidence, found, items, fetched_at, out)
    except (OSError, ExchangeError) as error:
        raise fail(f"{path}: {error}", Exit.USAGE) from None


def _viewed(items: list[FoundItem], found: FetchedAddress) -> list[FoundItem]:
    """The items with the seconds for which each was shown."""
    files = [
        ViewedFile(f"file {one.position}", one.format, file.data) for one, file in zip(items, found.files, strict=True)
    ]
    viewer = LocalViewer(files)
    with viewer.door() as door:
        echo(f"View the files in a private window, then choose Finish: {door.as_uri()}", err=True)
        with contextlib.suppress(webbrowser.Error):
            webbrowser.open(door.as_uri())
        viewer.run()
    return [one.model_copy(update={"viewed_seconds": int(viewer.seconds[number])}) for number, one in enumerate(items)]


def _create(path: Path, text: str) -> None:
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)


def _key(folder: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex((folder / KEY).read_text().strip()))
    except (OSError, ValueError):
        raise fail(f"{folder}: there is no key. Run: tutela examine init {folder}", Exit.USAGE) from None


def _identity(folder: Path) -> str:
    try:
        return age_encryption.identities_in((folder / IDENTITY).read_text())[0]
    except (OSError, ExchangeError):
        raise fail(f"{folder}: there is no key. Run: tutela examine init {folder}", Exit.USAGE) from None


def _recipient(folder: Path) -> str:
    return age_encryption.recipient_for(_identity(folder))


def _state(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / STATE).read_text())
    except (OSError, ValueError):
        text = f"{folder}: no node is trusted yet. Run: tutela examine trust {folder} ID KEY"
        raise fail(text, Exit.USAGE) from None
    return found


def _store(path: Path, data: bytes) -> None:
    """Write a file whole: a crash leaves the old one."""
    try:
        with published(path) as out:
            out.write(data)
    except OSError as error:
        raise fail(f"{path}: {error.strerror}", Exit.USAGE) from None
