"""`python -m tutela.app.resealing KEY`, as the role that owns the tables: what that data key sealed is sealed anew."""

from __future__ import annotations

import sys

from tutela.app import node


def main() -> None:
    node.django()
    from tutela.organisations import resealing

    sys.stdout.write(f"{resealing.everything(sys.argv[1])}\n")


if __name__ == "__main__":
    main()
