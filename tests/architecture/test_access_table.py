"""Every page and operation asks for a permission that somebody reviewed; every permission has reviewed roles."""

from __future__ import annotations

from tests.support import access_table

UPDATE = """
A page, an operation, a permission or a role has another right than the reviewed table says. If that is meant, write the
table again, and let somebody read what changed:

    .venv/bin/python -m tests.support.access_table
"""


def test_access_is_as_reviewed() -> None:
    changed = access_table.changed()
    assert not changed, UPDATE + "\n".join(changed[:60])


def test_no_page_asks_for_a_permission_that_nobody_has() -> None:
    table = [line.split() for line in access_table.lines()]
    asked = {one for kind, _, *permissions in table if kind == "page" for one in permissions} - {"-", "public"}
    held = {permission for kind, permission, *roles in table if kind == "permission" and roles != ["-"]}
    assert asked <= held
