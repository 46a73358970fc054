"""Cosign a log's checkpoints for the public.

A witness is run by an organisation independent of the log's operator.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, fail, require_port
from tutela.app.cli.output import echo
from tutela.app.runtime.witness_service import Store, serve
from tutela.tlog.verify import Key, Refused

app = typer.Typer(no_args_is_help=True, help=__doc__)
Folder = Annotated[Path, typer.Argument(help="Folder of the witness, with its key, known logs and signed checkpoints.")]


@app.command()
def init(
    folder: Folder,
    name: Annotated[str, typer.Option(help="Name of the witness, preferably an address without https://.")],
) -> None:
    """Create a witness and print the key for a policy. An existing witness is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    seed = folder / "seed.hex"
    if not seed.exists():
        with os.fdopen(os.open(seed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
        (folder / "name").write_text(name)
    try:
        echo(str(Store(folder).signer.key))
    except Refused as error:
        seed.unlink()
        raise fail(str(error), Exit.USAGE) from None


@app.command(name="add-log")
def add_log(folder: Folder, key: Annotated[str, typer.Argument(help="Key of the log: name+id+base64.")]) -> None:
    """Trust a log: only checkpoints signed by this key are cosigned."""
    try:
        parsed = Key.parse(key)
        Store(folder).add_log(parsed)
    except (Refused, FileNotFoundError) as error:
        raise fail(str(error), Exit.USAGE) from None
    echo(f"{parsed.name} is already known")


@app.command()
def status(folder: Folder) -> None:
    """Show the last cosigned checkpoint of each log."""
    store = Store(folder)
    echo(str(store.signer.key))
    for origin in store.logs():
        last = store.last(origin)
        echo(f"{origin}: {last.size if last else 0} entries")


@app.command(name="serve")
def serve_(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8640,
) -> None:
    """Answer `add-checkpoint` (c2sp.org tlog-witness) until Ctrl-C."""
    if not (folder / "seed.hex").exists():
        raise fail(f"{folder} is not a witness; create one with `tutela witness init`", Exit.USAGE)
    require_port(f"{host}:{port}", "--port")
    echo(f"{(folder / 'name').read_text().strip()} listens at http://{host}:{port}; press Ctrl-C to stop")
    serve(folder, host, port)
