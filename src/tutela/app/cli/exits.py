"""How a command ends. Scripts rely on these numbers; they never change their meaning.

0  nothing was found              3  nothing was found, but something could not be read or hashed
1  something matched              4  a list is not trusted: damaged, expired or missing
2  wrong usage                    5  an Edge or a Centre did not answer
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer

from tutela.edge.errors import EdgeError, NoTrustedListError, ReleaseError, ScanError, SettingsError
from tutela.edge.remote import EdgeUnreachableError
from tutela.matching import SnapshotError


class Exit(IntEnum):
    NOTHING = 0
    MATCHES = 1
    USAGE = 2
    UNREAD = 3
    UNTRUSTED = 4
    UNREACHABLE = 5


def fail(message: str, code: Exit) -> typer.Exit:
    """Say what is wrong on stderr; the caller raises what this answers."""
    typer.secho(f"tutela: {message}", fg="red", err=True)
    return typer.Exit(code)


@contextmanager
def explained() -> Iterator[None]:
    """Turn our errors into one line and the right number."""
    try:
        yield
    except (SnapshotError, NoTrustedListError, ReleaseError) as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    except EdgeUnreachableError as error:
        raise fail(str(error), Exit.UNREACHABLE) from None
    except (ScanError, SettingsError) as error:
        raise fail(str(error), Exit.USAGE) from None
    except EdgeError as error:
        raise fail(str(error), Exit.UNTRUSTED) from None
    except OSError as error:
        raise fail(f"{error.filename or ''}: {error.strerror or error}", Exit.USAGE) from None
