"""Registry of finders: each domain registers what it makes findable, by which kinds of value, and for whom.

A finder is asked only for people with its permission, on a node with its desk. Row-level security limits its rows to
the organisation of the person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from tutela.casework.search.values import Value, ValueKind
from tutela.events.actor import Actor

# Results of one kind on the page; a value that finds more is too common to be of use.
MOST_SHOWN = 50


@dataclass(frozen=True)
class Found:
    """Search result: its kind, number or name, page, state as text, and the time since when it exists."""

    subject_kind: str
    subject_id: UUID
    title: str
    url: str
    state: object = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Finder:
    """Finder of one kind of subject in a domain. `find` returns at most `most` results, inside `acting(actor)`."""

    subject_kind: str
    # Heading of the results.
    label: object
    permission: str
    kinds: frozenset[ValueKind]
    find: Callable[[Actor, Sequence[Value], int], list[Found]]
    # Desk of the results' pages; empty: every node has them.
    desk: str = ""
    # Whether the number of a result names a case of somebody.
    is_case: bool = False
    # Counts a look-up of a digest against a limit of its own, before the search. Raises an error with status 429.
    count_digest: Callable[[Actor], None] | None = None


_FINDERS: dict[str, Finder] = {}


def register(*found: Finder) -> None:
    """Register the finders of a domain, once, when the applications are ready. Raises `ValueError`."""
    for one in found:
        if _FINDERS.setdefault(one.subject_kind, one) is not one:
            raise ValueError(f"Two finders of {one.subject_kind} are registered.")


def finders_for(actor: Actor) -> list[Finder]:
    """The finders whose results the actor may open."""
    return [
        one for one in _FINDERS.values() if actor.can(one.permission) and (not one.desk or one.desk in settings.DESKS)
    ]
