"""Names that others rely on change on purpose alone: `tests/golden/wire_names.txt` has all of them."""

from __future__ import annotations

from difflib import unified_diff

from scripts.reference import wire_names

UPDATE = """
A name that others rely on is new, gone or another. If that is meant, say so in CHANGELOG.md and update the file:

    .venv/bin/python -m scripts.reference.wire_names
"""


def test_every_name_that_others_rely_on_stands_in_the_golden_file() -> None:
    golden, found = wire_names.GOLDEN.read_text().splitlines(), wire_names.names()
    changed = [line for line in unified_diff(golden, found, n=0, lineterm="") if line[:3] not in ("---", "+++")]
    assert not changed, UPDATE + "\n".join(changed[:60])


def test_every_kind_of_name_is_there() -> None:
    kinds = {line.partition(" ")[0] for line in wire_names.GOLDEN.read_text().splitlines()}
    assert kinds == {
        "api",
        "command",
        "error-code",
        "event",
        "leaf",
        "leaf-with-facts",
        "message",
        "permission",
        "problem-type",
        "purpose",
        "role",
        "scope",
        "setting",
        "signed-context",
    }
