"""Command `tutela submit`: send the organisation's own hashes to a StopNCII service.

The hashes go through the service's own interface.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tutela.app.cli.exit_codes import Exit, fail
from tutela.app.cli.output import echo
from tutela.app.runtime import node
from tutela.exchange.message.line_ends import CutOffError, check_text


def submit(
    file: Annotated[Path, typer.Argument(help="JSON Lines: pdq of a picture, or md5 of a video.", exists=True)],
    organisation: Annotated[str, typer.Option(help="Organisation of the list; recorded in the event.")],
    list_id: Annotated[str, typer.Option("--list", help="Short name of the list that this service serves.")],
) -> None:
    """Submit every hash of a file as checked and blocked. All are submitted, or none."""
    node.prepare()
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.indicators.partner_lists import source_feedback, subscriptions
    from tutela.organisations.people import directory
    from tutela.organisations.people.bootstrap import machine

    try:
        check_text(text := file.read_text(encoding="utf-8"))
        lines = text.splitlines()
        values = [_value(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        actor = machine(directory.named(organisation).id, "submit")
        found = next(
            (one.row.pk for one in subscriptions.list_subscriptions(actor) if one.row.list_id == list_id), None
        )
        if found is None:
            raise fail(f"{organisation} has no subscription to the list {list_id}", Exit.USAGE)
        echo(f"{source_feedback.submit(actor, found, values)} submitted")
    except TutelaError as error:
        raise fail(str(error), Exit.USAGE) from None
    except (OSError, UnicodeDecodeError, CutOffError) as error:
        raise fail(f"{file} cannot be read: {error}", Exit.USAGE) from None


def _value(number: int, line: str) -> tuple[str, str]:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    for media, kind in (("image", "pdq"), ("video", "md5")):
        if isinstance(row, dict) and isinstance(row.get(kind), str):
            return media, row[kind].lower()
    raise fail(f"line {number}: give pdq or md5", Exit.USAGE)
