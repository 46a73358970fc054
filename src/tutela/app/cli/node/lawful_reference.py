"""Hashes of lawful pictures that no proposal may resemble.

These commands run on the Centre's node.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.cli.progress import Telling
from tutela.app.runtime import node
from tutela.exchange.message.line_ends import CutOffError, whole_lines

if TYPE_CHECKING:
    from tutela.events.actor import Actor

app = typer.Typer(no_args_is_help=True, help=__doc__)


@app.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="One hash per line: pdq:…, sha256:…, sha1:…, md5:…, or only digits.", exists=True)
    ],
    source: Annotated[str, typer.Option(help="Source of the pictures; published.")],
    licence: Annotated[str, typer.Option(help="Licence of the pictures, or why they are lawful; published.")],
    errors: Annotated[Path | None, typer.Option(help="File for refused lines, as JSON Lines.")] = None,
) -> None:
    """Add hashes of lawful pictures. The same file again changes nothing. Exits with 3 if lines were refused.

    64 digits are a PDQ hash, but a digest in a file that ends in .sha256.
    """
    with _centre() as actor, Telling(errors) as telling:
        from tutela.indicators.hashes import lawful_reference_loads

        with file.open(encoding="utf-8") as lines:
            digits_are = "sha256" if file.suffix.lower() == ".sha256" else "pdq"
            made = lawful_reference_loads.load(
                actor,
                whole_lines(lines),
                source=source,
                licence=licence,
                digits_are=digits_are,
                bad=lambda one: telling.refused(one.line, one.reason),
            )
    echo(f"{made.added} added, {made.known} already known, {made.refused} refused")
    if made.load:
        echo(f"load {made.load}")
    echo(f"reference: {made.entries} hashes, {made.sha256}")
    raise typer.Exit(Exit.UNREAD if made.refused else Exit.NOTHING)


@app.command()
def show(
    everything: Annotated[
        bool, typer.Option("--all", help="Print every hash, one per line; the lines' digest is the set's digest.")
    ] = False,
) -> None:
    """Show the number of hashes, their digest, and every load."""
    with _centre() as actor:
        from tutela.events.transaction import acting
        from tutela.indicators.hashes import lawful_reference

        with acting(actor):
            found = lawful_reference.standing()
            if everything:
                for line in lawful_reference.everything():
                    echo(line, nl=False)
                return
    echo(f"reference: {found.entries} hashes, {found.sha256}")
    for one in found.loads:
        echo(f"{one.pk} {one.created_at:%Y-%m-%d}: {one.added} of {one.source} ({one.licence})")


@app.command()
def end(
    load: Annotated[UUID, typer.Argument(help="Load to remove, as listed by `show`.")],
    reason: Annotated[str, typer.Option(help="Reason; recorded in the event.")],
) -> None:
    """Remove the hashes that a load added."""
    with _centre() as actor:
        from tutela.indicators.hashes import lawful_reference_loads

        lawful_reference_loads.end(actor, load, reason)
    echo("ended")


@contextmanager
def _centre() -> Iterator[Actor]:
    """The Centre, acting at the command line; what goes wrong as one line."""
    node.prepare()
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    centre = directory.the_centre()
    if centre is None:
        raise fail("this node has no Centre", Exit.USAGE)
    try:
        yield machine(centre.id, "reference")
    except TutelaError as error:
        raise fail(f"{error.field}: {error}" if error.field else str(error), Exit.USAGE) from None
    except (OSError, UnicodeDecodeError, CutOffError) as error:
        raise fail(f"the file cannot be read: {error}", Exit.USAGE) from None
