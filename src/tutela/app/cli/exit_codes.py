"""Exit codes of the commands. Scripts rely on these numbers, so their meaning never changes.

- 0: nothing was found.
- 1: something matched. What could not be read or hashed is told in the last line on stderr.
- 2: wrong usage or setting.
- 3: nothing was found, but something could not be read or hashed.
- 4: a list is not trusted: damaged, expired or missing.
- 5: an Edge, a Centre or the database did not answer.
- 6: a source of a triage could not be read whole, whatever was found in the rest.
- 70: the program itself failed; TUTELA_DEBUG=1 shows where.
- 141: whoever read the output ended before it was whole, such as `head`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from tutela.app.cli.output import alert
from tutela.app.runtime.ports import PortTaken, require_free
from tutela.events.errors import TutelaError


class Exit(IntEnum):
    NOTHING = 0
    MATCHES = 1
    USAGE = 2
    UNREAD = 3
    UNTRUSTED = 4
    UNREACHABLE = 5
    INCOMPLETE = 6
    FAILED = 70
    UNWANTED = 141


# By name: a command that does not match or hash anything imports nothing for it.
_CODES = {
    "SnapshotError": Exit.UNTRUSTED,
    "EdgeError": Exit.UNTRUSTED,
    "EdgeUnreachableError": Exit.UNREACHABLE,
    "SettingsError": Exit.USAGE,
    "ScanError": Exit.USAGE,
}


def fail(message: str, code: Exit) -> typer.Exit:
    """Print an error on stderr and return the exit, which the caller raises."""
    alert(f"tutela: {message}")
    return typer.Exit(code)


def require_port(listen: str, setting: str) -> None:
    """End in one line where another program listens at `listen` (host:port)."""
    try:
        require_free(listen, setting)
    except PortTaken as error:
        raise fail(str(error), Exit.USAGE) from None


def told(error: Exception) -> Exit:
    """Say what became of a command that no one explained, in one line without internals."""
    names = {base.__name__ for base in type(error).__mro__}
    if isinstance(error, TutelaError):
        return _said(f"{error.field}: {error}" if error.field else str(error), Exit.USAGE)
    if names & {"BadSetting", "PortTaken", "CannotMigrate", "FolderInUse"}:
        return _said(str(error), Exit.USAGE)
    if "DatabaseUnavailable" in names or "OperationalError" in names:
        return _said(f"the database does not answer: {str(error).splitlines()[0]}", Exit.UNREACHABLE)
    return _said(f"failed with {type(error).__name__}; TUTELA_DEBUG=1 shows where", Exit.FAILED)


def _said(message: str, code: Exit) -> Exit:
    fail(message, code)
    return code


@contextmanager
def explained() -> Iterator[None]:
    """Turn our errors into one line and the right number."""
    try:
        yield
    except BrokenPipeError:
        # What is still held must go somewhere when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(Exit.UNWANTED) from None
    except OSError as error:
        raise fail(f"{error.filename or ''}: {error.strerror or error}", Exit.USAGE) from None
    except Exception as error:
        code = next((_CODES[base.__name__] for base in type(error).__mro__ if base.__name__ in _CODES), None)
        if code is None:
            raise
        raise fail(str(error), code) from None
