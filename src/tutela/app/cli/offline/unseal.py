"""Command `tutela unseal`: open sealed files on the authority's own machine.

The private key exists only on that machine. No node is needed.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, explained, fail
from tutela.app.cli.output import alert, echo
from tutela.exchange.errors import ExchangeError
from tutela.exchange.referral import age_encryption, unsealing
from tutela.exchange.referral.unsealing import Entries, OpenedEvidence, Sealed

KEY = "File with your age identity. Repeatable, such as for the previous key."


def unseal(
    files: Annotated[list[Path] | None, typer.Argument(help="Sealed files, signed referrals or archives.")] = None,
    identity: Annotated[list[Path] | None, typer.Option(help=KEY)] = None,
    out: Annotated[Path, typer.Option(help="Output folder; existing files are never overwritten.")] = Path(),
    referral: Annotated[Path | None, typer.Option(help="Package (JSON) that names the files.")] = None,
    reseal: Annotated[str, typer.Option(help="Reseal to this recipient (age1…) instead of opening.")] = "",
    new_key: Annotated[
        Path | None, typer.Option(help="Create a key, write it to this new file and print its recipient.")
    ] = None,
) -> None:
    """Open files that were sealed to you and verify them against their referral, or reseal them.

    Exits with 4 if a file differs from the one in its referral, with 3 if a file cannot be opened.
    """
    if new_key is not None:
        _make(new_key)
        return
    if not files or not identity:
        raise fail("give files and --identity KEY, or --new-key FILE", Exit.USAGE)
    keys = _keys(identity)
    recipient = _recipient(reseal) if reseal else ""
    with explained():
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
    worst = Exit.NOTHING
    for path in files:
        worst = max(worst, _one(path, keys, out, recipient, referral))
    raise typer.Exit(worst)


def _one(path: Path, keys: list[str], out: Path, recipient: str, referral: Path | None) -> Exit:
    """Everything in one path; what is wrong with a file stops no other."""
    worst = Exit.NOTHING
    try:
        named, sealed = _named(path, referral), unsealing.sealed_in(path)
    except (ExchangeError, OSError) as error:
        return _bad(path.name, error)
    if not sealed:
        echo(f"{path.name}: contains no sealed file", err=True)
        return Exit.UNREAD
    for one in sealed:
        try:
            _say(_done(one, keys, out, recipient, named), recipient)
        except (ExchangeError, OSError) as error:
            worst = max(worst, _bad(one.name, error))
    return worst


def _done(one: Sealed, keys: list[str], out: Path, recipient: str, named: Entries) -> OpenedEvidence:
    if not recipient:
        return unsealing.open_sealed(one, keys, out, named)
    stem = (one.member or one.path.name).rpartition("/")[2].removesuffix(".age")
    return unsealing.reseal(one, keys, recipient, out / unsealing.resealed_name(stem, recipient), named)


def _named(path: Path, referral: Path | None) -> Entries:
    if referral is not None:
        return unsealing.entries_in(referral)
    return unsealing.entries_in(path) if unsealing.has_entries(path) else None


def _say(done: OpenedEvidence, recipient: str) -> None:
    what = f"{done.size} bytes, SHA-256 {done.sha256}"
    if recipient:
        with done.target.open("rb") as sealed:
            what = f"resealed, SHA-256 {hashlib.file_digest(sealed, 'sha256').hexdigest()}"
    checked = "matches the referral" if done.checked else "NOT VERIFIED: no referral was given"
    echo(f"{done.target}: {what}; {checked}")


def _bad(name: str, error: Exception) -> Exit:
    reason = f"{error.filename or ''} {error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
    alert(f"{name}: {reason.strip()}")
    return Exit.UNTRUSTED if isinstance(error, unsealing.DiffersError) else Exit.UNREAD


def _keys(paths: list[Path]) -> list[str]:
    try:
        return [key for path in paths for key in age_encryption.identities_in(path.read_text())]
    except (ExchangeError, UnicodeDecodeError) as error:
        raise fail(f"--identity: {error}", Exit.USAGE) from None
    except OSError as error:
        raise fail(f"--identity {error.filename}: {error.strerror}", Exit.USAGE) from None


def _recipient(text: str) -> str:
    try:
        return age_encryption.recipient_of(text)
    except ExchangeError as error:
        raise fail(f"--reseal: {error}", Exit.USAGE) from None


def _make(target: Path) -> None:
    identity, recipient = age_encryption.new_identity()
    with explained():
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"# recipient: {recipient}\n{identity}\n")
            out.flush()
            os.fsync(out.fileno())
    echo(
        f"The key is in {target}. Keep a copy in a safe place. Without the key, sealed evidence cannot be opened.",
        err=True,
    )
    echo(recipient)
