"""Reseal everything that one data key sealed, as the role that owns the tables.

Run as `python -m tutela.app.runtime.reseal_command KEY`.
"""

from __future__ import annotations

import sys

from tutela.app.runtime import node


def main() -> None:
    node.django()
    from tutela.events.errors import TutelaError
    from tutela.organisations.keys import key_revocation

    try:
        sys.stdout.write(f"{key_revocation.everything(sys.argv[1])}\n")
    except TutelaError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
