"""Lookup by the beginning of a text: `number__begins="T-4D2"`."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Lookup

_LAST = "\U0010ffff"


class Begins(Lookup):
    """What `startswith` finds, by the index that Django makes for a unique text.

    PostgreSQL does not trust LIKE to keep rows secret, so under row security it would compare every row first. These
    operators it trusts; they compare bytes, whatever the database's collation is.
    """

    lookup_name = "begins"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The two comparisons."""
        column, parameters = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        return f"({column} ~>=~ %s AND {column} ~<~ %s)", (*parameters, text, *parameters, text + _LAST)


def register() -> None:
    """Make the lookup known for texts of models."""
    CharField.register_lookup(Begins)
