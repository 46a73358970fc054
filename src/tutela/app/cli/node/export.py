"""Command `tutela export`: write a list of an organisation of this node to a file in a partner format."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node
from tutela.matching.files.replace import published

FORMATS = "csv, jsonl, vics-1.2, vics-1.3, vics-2.0, icse, stix or hma"


def export(
    file: Annotated[Path, typer.Argument(help="File to write, mode 0600.")],
    organisation: Annotated[str, typer.Option(help="Recipient. Needs a grant; recorded in the event.")],
    form: Annotated[str, typer.Option("--format", help=FORMATS)] = "jsonl",
    list_id: Annotated[str, typer.Option("--list", help="`register`, or the short name of a list.")] = "eu-register",
    category: Annotated[list[str] | None, typer.Option(help="VICS: OUR-CLASS=NUMBER. Repeatable.")] = None,
    profile: Annotated[str, typer.Option(help="VICS: national profile.")] = "Default",
) -> None:
    """Write a list to a file. Fields that the format lacks are counted on the error stream."""
    node.prepare()
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.indicators.partner_lists import export as partner_lists_export
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    try:
        actor = machine(directory.named(organisation).id, "export")
    except TutelaError:
        raise fail(f"this node has no organisation {organisation}", Exit.USAGE) from None
    numbers = _categories(category or [])
    try:
        writer = partner_lists_export.sink(form, actor.organisation_name, categories=numbers, profile=profile)
        # The export is written to a temporary file and then renamed, so an earlier export survives a missing grant or a
        # full disk.
        with published(file) as target:
            out = io.TextIOWrapper(target, encoding="utf-8", newline="")
            partner_lists_export.export(actor, list_id, out, writer, form)
            out.detach()
    except TutelaError as error:
        raise fail(str(error), Exit.USAGE) from None
    except OSError as error:
        raise fail(f"{file}: {error.strerror}", Exit.USAGE) from None
    for name, count in writer.left.names.items():
        echo(f"not exported, {form} has no field for it: {name} ({count})", err=True)
    echo(f"{writer.written} written")


def _categories(given: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in given:
        name, _, number = one.rpartition("=")
        if not name or not number.isdecimal():
            raise fail(f"--category {one}: use the form OUR-CLASS=NUMBER", Exit.USAGE)
        found[name] = int(number)
    return found
