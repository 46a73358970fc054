"""Commands `tutela keys`: signing keys of the organisation, data keys and the key-encryption key."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from tutela.app import config
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node
from tutela.events.actor import Actor

app = typer.Typer(help="Create, rotate and revoke keys.", no_args_is_help=True)
USES = "receipt, release, checkpoint, certification, log, values, lookup, answer, data or sealing"


@app.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show the signing keys of the node's organisation, with public keys, and every data key."""
    owner = _owner()
    from tutela.organisations.keys import envelope_encryption, signing
    from tutela.organisations.people import encryption_recipients

    rows = list[tuple[str, str, str, str]]()
    for key in signing.public_keys(owner.organisation_id):
        state = f"{key.state}, in the token" if signing.in_token(owner.organisation_id, key.key_id) else key.state
        rows.append((key.use, key.key_id, f"public {bytes(key.public).hex()}", state))
    for one in encryption_recipients.list_recipients(owner.organisation_id):
        rows.append(("sealing", one.key_id, f"recipient {one.text}", one.state))
    for key_id, made, state in envelope_encryption.keyset().ids():
        rows.append(("data", key_id, "", f"{state} (made {made[:10]})"))
    if as_json:
        echo(json.dumps([dict(zip(("use", "id", "key", "state"), row, strict=True)) for row in rows]))
        return
    table = Table("use", "id and public key", "state")
    for use, key_id, text, state in rows:
        table.add_row(use, f"{key_id}\n{text}".strip(), state)
    Console().print(table)


@app.command()
def create(
    use: Annotated[str, typer.Argument(help=USES)],
    token: Annotated[
        bool | None, typer.Option(help="Create the key in the PKCS#11 token. Default: same place as the current key.")
    ] = None,
    recipient: Annotated[
        str, typer.Option(help="sealing: age recipient printed by `tutela unseal --new-key FILE`.")
    ] = "",
    organisation: Annotated[
        UUID | None, typer.Option(help="sealing: authority in the directory. Default: this node's organisation.")
    ] = None,
) -> None:
    """Create a new key for a use. The previous key is retired; what it signed or sealed stays valid."""
    owner = _owner()
    from tutela.organisations.keys import envelope_encryption, signing

    if use in ("data", "sealing") and token:
        raise fail("only signing keys can be in a token", Exit.USAGE)
    if use == "sealing":
        _enter(owner, recipient, organisation)
    elif use == "data":
        made_id = envelope_encryption.keyset().add()
        _note(owner, "created", made_id)
        echo(f"data key {made_id} is current")
    elif use in signing.USES:
        made = _made(owner, use, token)
        echo(f"{use} key {made.key_id}\npublic {made.public.hex()}")
        if use == "release":
            _renew_head(owner)
            echo("Enter this public key on every Edge: TUTELA_EDGE_RELEASE_KEYS.")
        if use == "log":
            _show_log_key(made.public)
    else:
        raise typer.BadParameter(f"use must be one of: {USES}")


@app.command()
def trust(
    use: Annotated[str, typer.Argument(help="answer: key of an authority; message: key of any other sender.")],
    organisation: Annotated[UUID, typer.Argument(help="Owner of the key: ID in the directory.")],
    public: Annotated[str, typer.Argument(help="Public key, as shown by `tutela keys list` on the owner's node.")],
) -> None:
    """Enter the public key of an organisation on another node. First compare it through a separate channel."""
    if use not in ("answer", "message"):
        raise typer.BadParameter("use must be answer or message")
    owner = _owner()
    from tutela.organisations.keys import signing
    from tutela.organisations.people import directory

    made = signing.trust(owner, directory.entry(organisation).id, use, public)
    echo(f"trusted: {made.key_id}")


def _enter(owner: Actor, recipient: str, organisation: UUID | None) -> None:
    """Enter a recipient that was created on the authority's machine; its identity never leaves that machine."""
    from tutela.organisations.people import encryption_recipients

    if not recipient:
        raise typer.BadParameter(
            "create the key on the authority's machine: tutela unseal --new-key FILE. Then give --recipient"
        )
    made = encryption_recipients.enter(owner, recipient, organisation)
    echo(f"evidence is now sealed to {made.text}")


@app.command()
def rotate(
    use: Annotated[str, typer.Argument(help=f"{USES}, or kek")],
    token: Annotated[
        bool | None, typer.Option(help="Create the key in the PKCS#11 token. Default: same place as the current key.")
    ] = None,
) -> None:
    """Create a new key, as `create` does.

    `kek` creates a new key-encryption key and re-encrypts every data key.
    """
    if use != "kek":
        create(use, token)
        return
    if os.environ.get("TUTELA_KEY_ENCRYPTION_KEY"):
        raise typer.BadParameter("the key-encryption key is an external setting: set the new key with `rewrap` there")
    owner = _owner()
    from tutela.organisations.keys import envelope_encryption

    envelope_encryption.keyset().rotate_kek()
    _note(owner, "wrapped", "all")
    echo("key-encryption key rotated; make a new backup")


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="Full ID of the key.")]) -> None:
    """Revoke a signing key and create its successor, or revoke a data key.

    Signatures of a revoked signing key are no longer trusted. Everything that a data key sealed is resealed before the
    key is deleted. The node can keep running.
    """
    owner = _owner()
    from tutela.organisations.keys import envelope_encryption, signing
    from tutela.organisations.people import encryption_recipients

    for one in encryption_recipients.list_recipients(owner.organisation_id):
        if one.key_id == key_id:
            encryption_recipients.revoke(owner, one.id)
            echo(f"evidence is no longer sealed to {one.text}")
            return
    if key_id in [one for one, _made, _state in envelope_encryption.keyset().ids()]:
        _revoke_data(owner, key_id)
        return
    found = next((k for k in signing.public_keys(owner.organisation_id) if k.key_id == key_id), None)
    if found is None:
        raise typer.BadParameter("this node's organisation does not have this key")
    token = signing.in_token(owner.organisation_id, key_id)
    signing.revoke_key(owner, key_id)
    create(found.use, token)


def _made(owner: Actor, use: str, token: bool | None) -> Any:
    """Create a key in the token or on the node; by default where the current key is stored."""
    from tutela.organisations.errors import NoToken
    from tutela.organisations.keys import signing

    if token is None:
        keys = signing.public_keys(owner.organisation_id, use)
        current = next((one.key_id for one in keys if one.state == "current"), "")
        token = signing.in_token(owner.organisation_id, current)
    try:
        return signing.create_key(owner, use, in_token=token)
    except NoToken as error:
        raise fail(str(error), Exit.USAGE) from None


def _revoke_data(owner: Actor, key_id: str) -> None:
    from tutela.organisations.keys import key_revocation

    def note(count: int) -> None:
        _note(owner, "revoked", key_id, values=count)

    chosen = config.load()
    if chosen.database_url and not chosen.owner_database_url:
        raise fail("set TUTELA_OWNER_DATABASE_URL: only the owner of the tables can reseal every row", Exit.USAGE)
    try:
        count = key_revocation.revoke(key_id, lambda: node.reseal(key_id), note)
    except subprocess.CalledProcessError:
        raise fail(
            "the key is marked as revoked but still in use; see the lines above. Run the command again.", Exit.FAILED
        ) from None
    echo(f"{count} values resealed, data key {key_id} deleted")
    echo("Backups contain the old key. Make a new backup (tutela backup) and destroy the old ones.")


def _owner() -> Actor:
    """The organisation with which this node began."""
    node.prepare()
    node.django()
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    entry = directory.founder()
    if entry is None:
        raise typer.BadParameter("this node has no organisation yet: run tutela setup")
    return machine(entry.id, "keys")


def _renew_head(owner: Actor) -> None:
    """Sign the newest head and manifest again.

    An Edge that has only the new key can then continue.
    """
    from tutela.indicators.releases import publish

    publish.republish(owner)


def _show_log_key(public: bytes) -> None:
    """Print the log key's policy line: verifiers that pinned other keys reject signatures of this key."""
    from tutela.accountability.public_log import log
    from tutela.tlog.verify import ED25519, Key

    key = Key(log.origin(), ED25519, public)
    if key in log.known_keys():
        echo(f"log {key}\nThe log continues with this key. Send it through a separate channel to every witness")
        echo("(tutela witness add-log) and, in its policy, to every Edge (TUTELA_EDGE_LOG_POLICY).")


def _note(owner: Actor, verb: str, key_id: str, **facts: Any) -> None:
    from tutela.events.record import record
    from tutela.events.transaction import acting

    with acting(owner):
        record(owner, f"data_key.{verb}", "data_key", key_id, **facts)
