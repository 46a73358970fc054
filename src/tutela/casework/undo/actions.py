"""Registry of actions that wait for undo: each domain registers its own, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor


@dataclass(frozen=True)
class Action:
    """Action on a case. `run` is the capability; it checks its own permission and opens its own transaction."""

    name: str
    # Kind of case (`assignment.subjects`).
    subject_kind: str
    permission: str
    # What the page says while it waits.
    label: object
    run: Callable[[Actor, UUID, Mapping[str, Any]], object]
    # What the person saw that the action rests on; if it differs later, nothing is sent. Called inside `acting`.
    rests_on: Callable[[UUID], str] = lambda _subject_id: ""


_ACTIONS: dict[str, Action] = {}


def register(*found: Action) -> None:
    """Register the actions of a domain, once, when the applications are ready. Raises `ValueError`."""
    for one in found:
        if _ACTIONS.setdefault(one.name, one) is not one:
            raise ValueError(f"Two actions are called {one.name}.")


def action(name: str) -> Action:
    """Return a registered action; raises `KeyError`."""
    return _ACTIONS[name]
