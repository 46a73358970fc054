"""Whatever can happen has words, and no words are left for what cannot."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.support.tree import SOURCE
from tutela.app.website import event_labels, labels
from tutela.organisations.vocabulary.roles_and_permissions import SCOPES

# The kinds that a dictionary in the code gives, where no single expression shows them; and what the log says by itself.
FROM_TABLES = {
    "audit.checkpoint",
    "candidate.reviewed",
    "candidate.confirmed",
    "candidate.rejected",
    "password.changed",
    "password.reset",
    "person.signed_in",
    "person.signed_out",
    "second_factor.added",
    "second_factor.removed",
    "second_factor.reset",
}
# What writes an event, at once or with the other rows of its change.
WRITERS = ("record", "record_of_hour", "record_many", "rows_of", "note")


def _kinds() -> Iterator[re.Pattern[str]]:
    """Every kind that a call of these can write; a part that is computed stands for any word."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WRITERS:
                kind = node.args[1] if len(node.args) > 1 else None
                if isinstance(kind, ast.Constant):
                    yield re.compile(re.escape(str(kind.value)))
                elif isinstance(kind, ast.JoinedStr):
                    parts = (re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z_]+" for p in kind.values)
                    yield re.compile("".join(parts))


def test_every_event_has_words() -> None:
    kinds = list(_kinds())
    assert len(kinds) > 60
    assert not [kind.pattern for kind in kinds if not any(kind.fullmatch(known) for known in event_labels.EVENTS)]


def test_no_words_are_left_for_events_that_cannot_happen() -> None:
    kinds = list(_kinds())
    assert not {k for k in event_labels.EVENTS if not any(kind.fullmatch(k) for kind in kinds)} - FROM_TABLES


def test_every_scope_of_a_key_has_words() -> None:
    assert set(SCOPES) <= set(labels.CODES)
