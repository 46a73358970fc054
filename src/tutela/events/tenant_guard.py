"""Guard against statements on a tenant table outside `acting()`: they raise an error.

With row-level security alone, such a statement would return no rows. A page that loads a relation too late would then
show an empty list to a person who must decide on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from tutela.events.models import tenancy_of
from tutela.events.transaction import is_acting

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


class OutsideActing(RuntimeError):
    """A tenant table was used outside `acting()`: nobody acts, so row-level security would show nothing."""


def guard(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Watch every statement of a new connection."""
    if _refuse not in connection.execute_wrappers:
        connection.execute_wrappers.append(_refuse)


def _refuse(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not is_acting() and isinstance(sql, str) and sql.lstrip().upper().startswith(_VERBS):
        found = _tenant_tables().search(sql)
        if found:
            raise OutsideActing(f"{found.group(1)} is queried outside acting().")
    return execute(sql, params, many, context)


@cache
def _tenant_tables() -> re.Pattern[str]:
    names = sorted(model._meta.db_table for model in apps.get_models() if tenancy_of(model) is not None)
    return re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?(" + "|".join(map(re.escape, names)) + r")\b", re.IGNORECASE)
