"""Commands `tutela verify` for actions on the register, offline.

They show who signed a certification, and what a security key was asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo


def certification(
    file: Annotated[Path, typer.Argument(help="Certifications file of the indicator's page.", exists=True)],
    key: Annotated[
        list[str] | None,
        typer.Option(help="Public key of a certifier, 64 hex digits, received through a separate channel."),
    ] = None,
    digest: Annotated[str, typer.Option(help="KIND:HASH that every certification must cover, such as sha256:….")] = "",
) -> None:
    """Verify the certifications of an indicator and show the certifiers. Works offline."""
    from tutela.exchange.errors import ExchangeError
    from tutela.exchange.message.signed_envelope import trusted_keys
    from tutela.exchange.register.certification import check

    kind, _, value = digest.lower().partition(":")
    try:
        found = check(file.read_bytes(), trusted_keys(key) if key else None, (kind, value) if digest else None)
    except ExchangeError as error:
        raise fail(f"not valid: {error}", Exit.UNTRUSTED) from None
    for one in found:
        how = "signed" if one.signed else "unsigned, from before certifications were signed"
        confirmed = f", confirmed with a security key ({one.confirmed})" if one.confirmed else ""
        loose = f", a security key's answer is not bound to this certification ({one.unbound})" if one.unbound else ""
        echo(f"{one.organisation} ({one.country}), round {one.round}: {how}{confirmed}{loose}")
    if not any(one.signed for one in found):
        raise fail("not valid: the file contains no signature", Exit.UNTRUSTED)
    if not key:
        echo(
            "verified with the keys in the file; compare the keys through a separate channel, or give them with --key",
            err=True,
        )
    echo("holds")


def approval(
    file: Annotated[Path, typer.Argument(help="Approval by a security key, from the indicator's page.", exists=True)],
    key: Annotated[str, typer.Option(help="SHA-256 of the security key, received through a separate channel.")] = "",
) -> None:
    """Verify a security key's approval and show the approved action. Works offline."""
    import json

    from tutela.exchange.register.approval import ApprovalError, check, key_of

    try:
        read = json.loads(file.read_bytes())
        said = check(read)
        found = key_of(read)
    except ApprovalError as error:
        raise fail(f"not valid: {error}", Exit.UNTRUSTED) from None
    except (ValueError, RecursionError):
        raise fail("not valid: this file is not an approval", Exit.UNTRUSTED) from None
    for line in said.lines():
        echo(line)
    echo(f"key {found}")
    if key and key.lower() != found:
        raise fail("not valid: the approval is by another key", Exit.UNTRUSTED)
    echo("holds")
