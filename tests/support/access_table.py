"""Who may do what: `tests/golden/access.txt`. `python -m tests.support.access_table` writes it again.

One line for each page (its address, the permission to look, the permission to send), each operation of the API with the
permission that a key must carry, each scope with the permissions it carries and the kinds of organisation that may give
it, and each permission with the kinds and roles that have it.
"""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "access.txt"


def lines() -> list[str]:
    """The table as the code says it."""
    from tests.support.access import may, operations, parts, routes
    from tutela.organisations.vocabulary.roles_and_permissions import SCOPE_HOLDERS, SCOPES

    pages = {f"page /{one.address} {one.read} {one.write or '-'}" for one in routes()}
    keyed = {f"operation {one.verb} {one.path} {one.permission}" for one in operations()}
    scopes = {
        f"scope {scope} {','.join(sorted(carried))} given by {','.join(sorted(SCOPE_HOLDERS[scope]))}"
        for scope, carried in SCOPES.items()
    }
    asked = {one.read for one in routes()} | {one.write for one in routes() if one.write}
    asked |= {one.permission for one in operations()}
    held = {one: [f"{kind}/{role}" for kind, role in parts() if may((kind, role), one)] for one in asked}
    granted = {f"permission {one} {' '.join(roles) or '-'}" for one, roles in held.items()}
    return [line for part in (pages, keyed, scopes, granted) for line in sorted(part)]


def changed() -> list[str]:
    """Where the code and the golden file differ."""
    there = GOLDEN.read_text(encoding="utf-8").splitlines()
    return [one for one in unified_diff(there, lines(), n=0, lineterm="") if one[:3] not in ("---", "+++", "@@ ")]


if __name__ == "__main__":
    from tests.support import database

    database.django()
    GOLDEN.write_text("\n".join(lines()) + "\n", encoding="utf-8")
