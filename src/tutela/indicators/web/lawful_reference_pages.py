"""Page of the lawful-image reference: its parts, the checks that use it, and its refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.register.canaries import canaries
from tutela.indicators.hashes import lawful_reference, refusal_counts
from tutela.indicators.hashes.builtin_reference import shipped
from tutela.indicators.hashes.refusal_counts import RefusalCount
from tutela.indicators.models import Gate, ReferenceLoad
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Arranged, Column, arranged, as_file
from tutela.organisations.web.page_access import page


@dataclass(frozen=True)
class ReferencePart:
    """Part of the reference: shipped (`at` is None), or loaded by an operator."""

    source: str
    licences: str
    hashes: int
    at: datetime | None = None
    load: str = ""


PARTS: tuple[Column[ReferencePart], ...] = (
    Column("source", gettext_lazy("Source"), lambda one: one.source),
    Column("licence", gettext_lazy("Licence"), lambda one: one.licences or None),
    Column("hashes", gettext_lazy("Hashes"), lambda one: one.hashes, number=True),
    Column("loaded", gettext_lazy("Loaded"), lambda one: one.at),
)
REFUSED: tuple[Column[RefusalCount], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one.organisation),
    Column("gate", gettext_lazy("Where"), lambda one: one.gate, shown=lambda one: one.label),
    Column("entries", gettext_lazy("Entries refused"), lambda one: one.entries, number=True),
    Column("last", gettext_lazy("Last day (UTC)"), lambda one: one.last),
)
saved_views.offer("lawful_reference", "indicators.read", FIELDS)
saved_views.offer("lawful_refused", "indicators.read", "out-find out-sort", page="lawful_reference")


@page("indicators.read")
def shown(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the lawful reference and its refusals; only the Centre sees those of other organisations."""
    with acting(actor):
        standing = lawful_reference.standing()
    out = refusal_counts.list_refusals(actor)
    found: dict[str, Arranged[Any]] = {
        "parts": arranged(request.GET, _parts(standing.loads), PARTS),
        "refused": arranged(request.GET, out, REFUSED, "out-"),
    }
    for name, one in found.items():
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    context = {
        **found,
        "standing": standing,
        "shipped": shipped(),
        "gates": _gates(out),
        "refused_in_all": _sum(out),
        "newest": max((one.created_at for one in standing.loads), default=None),
    }
    return render(request, "indicators/lawful_reference.html", context)


def _parts(loads: list[ReferenceLoad]) -> Iterator[ReferencePart]:
    """Return the loaded parts, newest first, and the shipped part."""
    for row in reversed(loads):
        yield ReferencePart(row.source, row.licence, row.added, row.created_at, str(row.pk))
    named = canaries()
    yield ReferencePart("Canaries", ", ".join(sorted({one["licence"] for one in named})), len(named))
    for one in shipped().packages:
        yield ReferencePart(f"{one['name']} {one['version']}", ", ".join(one["licences"]), one["pictures"])


def _gates(out: list[RefusalCount]) -> list[tuple[str, int]]:
    """Every gate that asks the reference, and how many entries it refused."""
    return [(str(gate.label), _sum([one for one in out if one.gate == gate])) for gate in Gate]


def _sum(out: list[RefusalCount]) -> int:
    return sum(one.entries for one in out)
