"""Progress of a command that reads a file line by line: its position, and the refused lines."""

from __future__ import annotations

import io
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tutela.app.cli.output import echo
from tutela.matching.files.replace import published

# So many refused lines are named on the error stream.
MOST_LINES_SHOWN = 20


class Telling:
    """Progress on a terminal, refused lines on the error stream and, each as one JSON, in the file `errors`."""

    def __init__(self, errors: Path | None) -> None:
        """Raises `OSError` where the file cannot be written. An earlier file stays until this one is whole."""
        self._stack = ExitStack()
        target = self._stack.enter_context(published(errors)) if errors else None
        self._file = io.TextIOWrapper(target, encoding="utf-8") if target else None
        console = Console(stderr=True)
        columns = (TextColumn("{task.fields[said]}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("reading", said="reading")
        self._shown = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        if self._file:
            self._file.detach()
        self._stack.close()

    def say(self, text: str) -> None:
        """Show the current position."""
        self._progress.update(self._task, said=text)

    def refused(self, line: int, reason: str, field: str | None = None) -> None:
        """A line is refused; with the field where lines have fields."""
        where = {} if field is None else {"field": field}
        if self._file:
            self._file.write(json.dumps({"line": line, **where, "reason": reason}) + "\n")
        self._shown += 1
        if self._shown <= MOST_LINES_SHOWN:
            echo(": ".join([f"line {line}", *where.values(), reason]), err=True)
        elif self._shown == MOST_LINES_SHOWN + 1:
            echo("more lines are refused; --errors FILE lists all of them", err=True)
