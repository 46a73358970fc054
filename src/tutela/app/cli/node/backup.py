"""Commands `tutela backup` and `tutela restore`: one sealed file of the whole node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tutela.app import config
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.node.verify_chain import chain
from tutela.app.cli.output import echo
from tutela.app.runtime import node


def backup(
    target: Annotated[Path, typer.Argument(help="File to write.")],
    recipient: Annotated[list[str] | None, typer.Option(help="age recipient (age1…). Repeatable.")] = None,
    passphrase_env: Annotated[
        str, typer.Option(help="Environment variable with the passphrase.")
    ] = "TUTELA_BACKUP_PASSPHRASE",
) -> None:
    """Write one sealed file with the database, the keys, the releases and the checkpoints."""
    from tutela.app.runtime import backup as backups

    cluster = node.prepare()
    chosen = config.load()
    url = cluster.url("tutela_owner") if cluster else chosen.owner_database_url
    try:
        size = backups.write(
            node.data_folder(), url, target, passphrase=os.environ.get(passphrase_env, ""), recipients=recipient
        )
    except backups.CannotRestore as error:
        raise fail(str(error), Exit.USAGE) from None
    _note_backup(size, recipients=len(recipient or []))
    echo(f"{target}: {size} bytes, sealed")


def _note_backup(size: int, recipients: int) -> None:
    """Record the backup as an event: all contents have left the database, sealed."""
    node.django()
    from tutela.events.record import record
    from tutela.events.transaction import acting
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    owner = directory.founder()
    if owner is not None:
        actor = machine(owner.id, "backup")
        with acting(actor):
            record(actor, "backup.written", "node", "all", size=size, recipients=recipients)


def restore(
    source: Annotated[Path, typer.Argument(help="File written by `tutela backup`.")],
    identity: Annotated[list[Path] | None, typer.Option(help="File with an age identity. Repeatable.")] = None,
    passphrase_env: Annotated[
        str, typer.Option(help="Environment variable with the passphrase.")
    ] = "TUTELA_BACKUP_PASSPHRASE",
) -> None:
    """Restore into an empty TUTELA_DATA, then verify the log. Never overwrites."""
    from tutela.app.runtime import backup as backups

    identities = [
        line for path in identity or [] for line in path.read_text().split() if line.startswith("AGE-SECRET-KEY-")
    ]
    try:
        backups.restore(
            source, node.data_folder(), passphrase=os.environ.get(passphrase_env, ""), identities=identities
        )
    except backups.CannotRestore as error:
        raise fail(str(error), Exit.USAGE) from None
    node.migrate()
    chain(None)
