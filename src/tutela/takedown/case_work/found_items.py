"""Files that examinations of a case found, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.takedown.assessment import items
from tutela.takedown.assessment.items import CurrentItem
from tutela.takedown.examination import machines, tasks
from tutela.takedown.models import AnalystMachine, Examination, Stage, TakedownCase


@dataclass(frozen=True)
class ItemView:
    """One file. `sha256` is empty once the contents are erased. `asks`: this person may say what it is."""

    item: CurrentItem
    sha256: str
    asks: bool


@dataclass(frozen=True)
class ExaminationView:
    """The newest result of a case's round, the files of all, and on which machines this person can examine."""

    newest: Examination | None
    not_fetched: int
    items: list[ItemView]
    machines: list[AnalystMachine]

    @property
    def waiting(self) -> int:
        """Files without a verdict."""
        return sum(not one.item.verdict for one in self.items)


def load(actor: Actor, case: TakedownCase) -> ExaminationView:
    """Call inside `acting(actor)`."""
    found, results = items.current_items(case), items.answered_examinations(case)
    digests = tasks.digests_of(case.pk, [one.row for one in found])
    may = actor.can(tasks.CHANGE) and case.stage != Stage.CLOSED and case.erased_at is None
    own = machines.own(actor) if may else []
    views = [_view(actor, one, digests, may=may) for one in found]
    newest = results[0] if results else None
    return ExaminationView(newest, newest.not_fetched if newest else 0, views, own)


def _view(actor: Actor, item: CurrentItem, digests: dict[UUID, dict[str, str]], *, may: bool) -> ItemView:
    mine = any(one.by == actor.reference for one in item.assessments)
    sha256 = digests.get(item.row.pk, {}).get("sha256", "")
    return ItemView(item, sha256, asks=may and not item.certified and not mine)
