"""Start page of each role: open tasks, approaching deadlines, and small charts of the work.

Every domain contributes one function; a domain that is not mounted contributes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tutela import clock
from tutela.app.website import labels as website_labels
from tutela.events.actor import Actor


@dataclass(frozen=True)
class Todo:
    """One thing to do: how many wait, and where."""

    label: object
    count: int
    url: str
    urgent: bool = False


@dataclass(frozen=True)
class Due:
    """A clock about to expire."""

    label: object
    at: datetime
    url: str

    @property
    def overdue(self) -> bool:
        return self.at <= clock.now()


@dataclass(frozen=True)
class StartPageChart:
    """A small picture: bars over labels, with its unit. `kind` is bars or funnel."""

    title: object
    unit: object
    labels: list[str]
    values: list[float]
    kind: str = "bars"

    @property
    def empty(self) -> bool:
        return not any(self.values)


@dataclass(frozen=True)
class StartPage:
    todos: list[Todo] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    charts: list[StartPageChart] = field(default_factory=list)


Contributor = Callable[[Actor], StartPage | None]
CONTRIBUTORS: list[Contributor] = []
# Domains are below the app package and return plain values; the fields are those of Todo, Due and Chart.
Plain = dict[str, list[tuple[Any, ...]]]


def plain(contribute: Callable[[Actor], Plain | None]) -> Contributor:
    """A domain's plain values as a part of the start page."""

    def part(actor: Actor) -> StartPage | None:
        found = contribute(actor)
        if found is None:
            return None
        return StartPage(
            todos=[Todo(*one) for one in found.get("todos", [])],
            dues=[Due(*one) for one in found.get("dues", [])],
            charts=[_chart(*one) for one in found.get("charts", [])],
        )

    return part


def _chart(title: object, unit: object, labels: list[str], values: list[float], kind: str = "bars") -> StartPageChart:
    return StartPageChart(
        title, unit, [website_labels.of_code(website_labels.of_purpose(label)) for label in labels], values, kind
    )


def start_page_of(actor: Actor) -> StartPage:
    """Everything that the domains have for this actor; urgent first, then the nearest clocks."""
    parts: Iterable[StartPage] = [p for contribute in CONTRIBUTORS if (p := contribute(actor)) is not None]
    todos = [t for p in parts for t in p.todos]
    return StartPage(
        todos=sorted(todos, key=lambda t: (not t.urgent, -t.count)),
        dues=sorted((d for p in parts for d in p.dues), key=lambda d: d.at)[:15],
        charts=[c for p in parts for c in p.charts],
    )
