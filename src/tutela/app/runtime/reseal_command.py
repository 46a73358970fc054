"""`python -m tutela.app.runtime.reseal_command KEY`, as the role that owns the tables: what that data key sealed is
sealed anew."""

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
