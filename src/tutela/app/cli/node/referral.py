"""Commands `tutela referral`: referrals on an authority's own node.

These commands are for nodes to which the Centre does not deliver.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node
from tutela.exchange.errors import ExchangeError
from tutela.exchange.referral import age_encryption

app = typer.Typer(help="Fetch, open and answer referrals, also without a network.", no_args_is_help=True)
PIECE_BYTES = 256 * 1024


@app.command()
def pull() -> None:
    """Fetch every pending referral from the Centre. Exits with 3 if one could not be stored."""
    actor, centre = _both()
    from tutela.investigations.inbox import fetch

    found = fetch.pull(actor, centre)
    for number, reason in found.refused:
        echo(f"{number}: {reason}", err=True)
    echo(f"{found.taken} referrals received, {found.withdrawn} withdrawals")
    raise typer.Exit(Exit.UNREAD if found.refused else 0)


@app.command(name="open")
def open_(
    file: Annotated[Path, typer.Argument(help="Signed file of a referral, or of withdrawals.", exists=True)],
) -> None:
    """Verify a signed file and import it: a referral, or withdrawals.

    Open the sealed files of a referral with `tutela unseal FILE`.
    """
    actor, _centre = _both()
    from tutela.investigations.inbox import offline_files

    with _said():
        if not zipfile.is_zipfile(file):
            count, more = offline_files.open_withdrawals(actor, file.read_bytes())
            echo(f"{count} withdrawals recorded{'; more are pending at the Centre' if more else ''}")
            echo("The Centre receives your acknowledgement with your next answers: tutela referral answers")
            return
        found = offline_files.open_file(actor, file)
    echo(f"{found.number}{' URGENT' if found.urgent else ''}: in the inbox, {found.files} sealed files")


@app.command()
def answers(
    file: Annotated[Path, typer.Argument(help="File to write, or the file that was delivered.")],
    delivered: Annotated[bool, typer.Option("--delivered", help="Mark FILE as delivered: the Centre has it.")] = False,
) -> None:
    """Write the pending answers as one signed file of at most 2 MB. With --delivered, mark a file as delivered."""
    actor, _centre = _both()
    from tutela.investigations.inbox import offline_files

    with _said():
        if delivered:
            echo(f"{offline_files.handed_over(actor, file.read_bytes())} answers marked as delivered")
            return
        data, left = offline_files.answers(actor)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
    echo(f"{file}: {len(data)} bytes. After delivery, run: tutela referral answers {file} --delivered")
    if left:
        echo(f"{left} more answers did not fit. They are in the next file, after this one is delivered.")


@contextmanager
def _said() -> Iterator[None]:
    """Turn every error of a file into one line."""
    from pydantic import ValidationError

    from tutela.exchange.message.problem import in_words

    try:
        yield
    except ValidationError as error:
        raise fail(in_words(error), Exit.USAGE) from None
    except ExchangeError as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    except OSError as error:
        raise fail(f"{error.filename or ''}: {error.strerror or error}", Exit.USAGE) from None


@app.command()
def resealed(
    file: Annotated[Path, typer.Argument(help="File written by `tutela unseal --reseal`.", exists=True)],
    recipient: Annotated[str, typer.Option(help="Recipient of the resealed file, age1….")],
    evidence: Annotated[
        UUID | None, typer.Option(help="ID of the evidence. Default: the ID at the start of the file name.")
    ] = None,
) -> None:
    """Submit a file that was resealed for the authority that receives the referral instead."""
    try:
        named = evidence or UUID(file.name[:36])
    except ValueError:
        raise fail(f"{file.name} does not begin with the ID of the evidence; give --evidence", Exit.USAGE) from None
    try:
        recipient = age_encryption.recipient_of(recipient)
        with file.open("rb") as start:
            age_encryption.header_size(start.read(age_encryption.LONGEST_HEADER + 1))
    except ExchangeError as error:
        raise fail(str(error), Exit.USAGE) from None
    actor, centre = _both()
    from tutela.investigations.evidence import evidence as files

    files.hand_in(actor, centre, named, _pieces(file), recipient)
    echo("Submitted. The Centre has deleted the file that was sealed to your key.")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            yield piece


def _both() -> tuple[Any, Any]:
    """The node's own authority, and the Centre that it has joined."""
    node.prepare()
    node.django()
    from tutela.organisations.people import directory, encryption_recipients
    from tutela.organisations.people.bootstrap import machine

    founder, centre = directory.founder(), directory.the_centre()
    if founder is None or not encryption_recipients.may_hold(founder.kind):
        raise fail("this command runs only on an authority's own node", Exit.USAGE)
    if centre is None:
        raise fail("this node has not joined a Centre: run tutela join", Exit.USAGE)
    return machine(founder.id, "referral"), centre
