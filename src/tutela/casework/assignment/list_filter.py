"""Claims and labels in the lists of the desks: which cases a list shows, and what its rows say of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.assignment import claim, labels
from tutela.events.actor import Actor

MINE, UNCLAIMED = "mine", "unclaimed"
CLAIMS = ((MINE, _("mine")), (UNCLAIMED, _("unclaimed")))


@dataclass(frozen=True)
class WorkFilter:
    """Filter of a list by shared work. `claimed`: `MINE`, `UNCLAIMED` or all; `label`: one label or all."""

    claimed: str = ""
    label: str = ""

    def __bool__(self) -> bool:
        return bool(self.claimed or self.label)

    def of(self, actor: Actor, kind: str, rows: QuerySet[Any], key: str = "pk") -> QuerySet[Any]:
        """Those of `rows` that it shows; `key` is the field with the case's ID. Call inside `acting(actor)`."""
        # Claims are looked up first: few cases are claimed at any time.
        if self.claimed == MINE:
            rows = rows.filter(**{f"{key}__in": claim.claimed(kind, by=actor.reference)})
        elif self.claimed == UNCLAIMED:
            rows = rows.exclude(**{f"{key}__in": claim.claimed(kind)})
        return rows.filter(**{f"{key}__in": labels.with_label(kind, self.label)}) if self.label else rows


EVERY = WorkFilter()


@dataclass(frozen=True)
class Work:
    """Who has claimed a case, and its labels."""

    claimed_by: str = ""
    labels: tuple[str, ...] = ()


NO_WORK = Work()


def work_on(kind: str, ids: Iterable[UUID]) -> Callable[[UUID], Work]:
    """Shared work on some cases, asked by their IDs. Runs two queries. Call inside `acting(actor)`."""
    wanted = list(ids)
    holders, labelled = claim.holders(kind, wanted), labels.of_cases(kind, wanted)
    return lambda one: Work(holders.get(one, ""), tuple(labelled.get(one, ())))
