"""Imports as their pages show them: the list, and one import with its cases by registered domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.takedown.imports.begin import SUBJECT
from tutela.takedown.imports.count_labels import REFUSED, SKIPPED
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import FileKind, Import, Stage, TakedownCase

READ = "takedown.read"
PER_PAGE = 50
# The hosts with the most cases are named; one address of each is unsealed for its domain.
MOST_HOSTS = 200


@dataclass(frozen=True)
class LabelledCount:
    """A count with its label."""

    label: object
    count: int


@dataclass(frozen=True)
class ImportLine:
    """An import with its counts. `refused` by reason and `skipped` by kind, the most frequent first."""

    id: UUID
    name: str
    kind: object
    began: datetime
    ended: datetime | None
    by: str
    addresses: int
    new: int
    known: int
    reopened: int
    refused: tuple[LabelledCount, ...]
    skipped: tuple[LabelledCount, ...]

    @property
    def done(self) -> int:
        """So many addresses are cases."""
        return self.new + self.known + self.reopened

    @property
    def refusals(self) -> int:
        """So many addresses were refused."""
        return sum(one.count for one in self.refused)


@dataclass(frozen=True)
class DomainLine:
    """Cases of one registered domain; `case` is one of them. An empty name stands for erased addresses."""

    name: str
    hosts: int
    cases: int
    to_assess: int
    case: UUID


@dataclass(frozen=True)
class ImportView:
    """One import. `further`: cases on hosts beyond those that are named."""

    line: ImportLine
    domains: list[DomainLine]
    further: int


def list_imports(actor: Actor, part: ListPage = FIRST_PAGE) -> tuple[list[ImportLine], bool]:
    """A part of the imports, newest first, and whether there is more."""
    actor.require(READ)
    with acting(actor):
        rows, more = part.of(Import.objects.order_by("-created_at", "-pk"), {}, PER_PAGE)
        return [_line(row) for row in rows], more


def load_import(actor: Actor, import_id: UUID) -> ImportView:
    """One import with its cases by registered domain; the view is recorded. Raises `NotFound`."""
    actor.require(READ)
    with acting(actor):
        row = Import.objects.filter(pk=import_id).first()
        if row is None:
            raise NotFound
        record(actor, "takedown_import.viewed", SUBJECT, row.pk)
        cases = TakedownCase.objects.filter(imports__run=row)
        counted = cases.values("host_key").annotate(n=Count("pk"), waiting=Count("pk", filter=Q(stage=Stage.ASSESS)))
        hosts = {bytes(one["host_key"]): one for one in counted.order_by("-n", "host_key")[:MOST_HOSTS]}
        first = cases.filter(host_key__in=list(hosts)).order_by("host_key", F("erased_at").desc(nulls_first=True))
        lines = [(one, hosts[bytes(one.host_key)]) for one in first.distinct("host_key")]
        named = sum(one["n"] for one in hosts.values())
        return ImportView(_line(row), _domains(lines), cases.count() - named)


def _domains(lines: Iterable[tuple[TakedownCase, Mapping[str, Any]]]) -> list[DomainLine]:
    hosts, cases, waiting, first = Counter[str](), Counter[str](), Counter[str](), dict[str, UUID]()
    for case, counted in lines:
        name = _domain(case)
        hosts[name] += 1
        cases[name] += counted["n"]
        waiting[name] += counted["waiting"]
        first.setdefault(name, case.pk)
    found = [DomainLine(name, hosts[name], cases[name], waiting[name], first[name]) for name in cases]
    return sorted(found, key=lambda one: (-one.cases, one.name))


def _domain(case: TakedownCase) -> str:
    if case.erased_at is not None:
        return ""
    address = address_of(case)
    return address.registered_domain or address.host


def _line(row: Import) -> ImportLine:
    return ImportLine(
        id=row.pk,
        name=row.name,
        kind=FileKind(row.kind).label,
        began=row.created_at,
        ended=row.ended_at,
        by=row.by_name,
        addresses=row.addresses,
        new=row.new,
        known=row.known,
        reopened=row.reopened,
        refused=_counted(row.refused, REFUSED),
        skipped=_counted(row.skipped, SKIPPED),
    )


def _counted(numbers: Mapping[str, int], labels: Mapping[str, object]) -> tuple[LabelledCount, ...]:
    ordered = sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    return tuple(LabelledCount(labels.get(name, name), count) for name, count in ordered)
