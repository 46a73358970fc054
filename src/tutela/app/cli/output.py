"""Output of commands, with untrusted text made safe.

Names of files, members of archives, organisations and answers are text written by others.
"""

from __future__ import annotations

import typer

from tutela.exchange.message.translatable_text import visible


def echo(message: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print, with every character that would work on the terminal as its number."""
    typer.echo(visible(str(message)), err=err, nl=nl)


def alert(message: str) -> None:
    """Print a message on stderr, in red."""
    typer.secho(visible(message), fg="red", err=True)
