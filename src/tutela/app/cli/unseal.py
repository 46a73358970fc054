"""`tutela unseal`: on the authority's own machine, with the key that is nowhere else; it needs no node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exits import Exit, explained, fail
from tutela.exchange import age


def unseal(
    new_key: Annotated[Path | None, typer.Option(help="Make a key, write it to this new file, print its recipient.")]
    = None,
) -> None:  # fmt: skip
    """Make the key to which evidence is sealed."""
    if new_key is not None:
        _make(new_key)
        return
    raise fail("say what to do: --new-key FILE", Exit.USAGE)


def _make(target: Path) -> None:
    identity, recipient = age.new_identity()
    with explained():
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"# recipient: {recipient}\n{identity}\n")
            out.flush()
            os.fsync(out.fileno())
    typer.echo(
        f"The key is in {target}. Keep a copy where you keep such keys: without it, what is sealed is lost.", err=True
    )
    typer.echo(recipient)
