"""Sign and announce the register's policy.

Signers need only files; a node imports the signed file.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from tutela.app.cli import extras
from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.exchange.errors import NotJsonError
from tutela.exchange.register.policy import NEEDED, RegisterPolicy, SignedPolicy, flaw
from tutela.matching.files.snapshot_writer import write_atomically

app = typer.Typer(no_args_is_help=True, help=__doc__)
File = Annotated[Path, typer.Argument(help="Policy file.", exists=True)]


@app.command()
def key(file: Annotated[Path, typer.Argument(help="File for the private key, mode 0600.")]) -> None:
    """Create a signer's key and print its public key, 64 hexadecimal digits, for the policy."""
    made = Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(made.private_bytes_raw().hex() + "\n")
    except OSError as error:
        raise fail(f"{file}: {error.strerror}", Exit.USAGE) from None
    echo(made.public_key().public_bytes_raw().hex())


@app.command()
def sign(file: File, key: Annotated[Path, typer.Argument(help="Private key of a signer.", exists=True)]) -> None:
    """Sign a policy, in its file. An unsigned policy can be the plain policy document."""
    signed = _read(file)
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.read_text().strip()))
    except ValueError:
        raise fail(f"{key} is not a private key: it must be 64 hexadecimal digits", Exit.USAGE) from None
    made = signed.signed_by(private)
    if private.public_key().public_bytes_raw().hex() not in {one.key for one in signed.policy.signers}:
        echo(
            "this key is not one of the policy's four signers; it is valid only if it belongs to the previous policy",
            err=True,
        )
    write_atomically(file, made.to_bytes())
    needed = f"{NEEDED} of the 4" if made.policy.version > 1 else "all 4"
    echo(f"signed: {len(made.signatures)} signatures; {needed} needed")


@app.command()
def check(
    file: File,
    before: Annotated[Path | None, typer.Option(help="Previous policy. Without it, this is the first policy.")] = None,
) -> None:
    """Check that enough signers have signed and that the policy follows the previous one. Exits with 4 if not."""
    signed = _read(file)
    wrong = flaw(signed, _read(before).policy if before else None)
    if wrong:
        raise fail(f"not valid: {wrong}", Exit.UNTRUSTED)
    echo(f"policy {signed.policy.version}, {signed.policy.fingerprint()}")
    if not before:
        _pin(signed.policy.fingerprint())
    echo("holds")


@app.command()
def show() -> None:
    """Show the policy in force on this node and the announced ones."""
    policy = _node()
    now = policy.in_force()
    said = (
        f"policy {now.policy.version}, {now.sha256}"
        if now
        else "no policy yet: every known category, two organisations and two countries"
    )
    echo(f"in force: {said}")
    for one in policy.pending():
        when = f"in effect from {one.binds:%Y-%m-%d}" if one.binds else "not in the public log yet"
        echo(f"announced: policy {one.policy.version}, {one.sha256}, {when}")
    if now:
        echo(json.dumps(json.loads(now.policy.to_bytes()), indent=2))
    if policy.pin():
        _pin(policy.pin())


@app.command()
def announce(file: File) -> None:
    """Import a signed policy and announce it in the public log.

    The first policy is in force at once, a change after 30 days.
    """
    policy = _node()
    from tutela.events.errors import TutelaError
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    centre = directory.the_centre()
    if centre is None:
        raise fail("this node has no Centre", Exit.USAGE)
    try:
        made = policy.announce(machine(centre.id, "policy"), _read(file))
    except TutelaError as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    echo(f"policy {made.policy.version} is in effect from {made.binds_from:%Y-%m-%d %H:%M} UTC")
    if made.policy.version > 1:
        echo("at the earliest: the public log must contain the policy for 30 days first")
    _pin(policy.pin())


def _pin(digest: str) -> None:
    """Print the first policy's digest, which Edges and auditors pin."""
    echo(f"pin of the first policy: {digest}")


def _node() -> Any:
    """The capability of a node; the desks may not be installed."""
    if not extras.has_node():
        raise fail("this command runs on a node: install tutela[node]", Exit.USAGE)
    from tutela.app.runtime import node

    node.prepare()
    node.django()
    return importlib.import_module("tutela.indicators.lifecycle.policy")


def _read(file: Path) -> SignedPolicy:
    data = file.read_bytes()
    try:
        try:
            return SignedPolicy.from_bytes(data)
        except ValidationError:
            return SignedPolicy(policy=RegisterPolicy.from_bytes(data))
    except NotJsonError:
        raise fail(f"{file} is not JSON", Exit.USAGE) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "policy"
        raise fail(f"{file}: {where}: {first['msg']}", Exit.USAGE) from None
