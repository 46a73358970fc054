"""Results that are overdue: a study that ended 12 months ago and has published none. Its authors are asked.

The norm is that of the EU for clinical trials (Regulation (EU) 536/2014, Art. 37(4)): a summary within one year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge import data_pack, studies
from tutela.prevention.knowledge.permissions import CURATE, READ, STUDY
from tutela.prevention.models import ChaseKind, ChaseStep, StudyEdition, StudyStatus

# A terminated trial owes its results too.
OWING = (StudyStatus.COMPLETED, StudyStatus.RUNNING, StudyStatus.TERMINATED)


@dataclass(frozen=True)
class OverdueStudy:
    """A study whose results are overdue, since when, and the last step towards them."""

    edition: StudyEdition
    due_on: date
    last_step: ChaseStep | None


def results_due(edition: StudyEdition) -> date | None:
    """Day by which a study owes its results; None if it has published them or states no end.

    Whatever this node's edition says, nobody is asked for results of which the data pack knows that they are published.
    """
    if edition.completed is None or edition.status not in OWING or _published(edition):
        return None
    day = edition.completed
    return day.replace(year=day.year + 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def is_overdue(edition: StudyEdition) -> bool:
    """Whether a study's results are overdue today."""
    due = results_due(edition)
    return due is not None and due <= clock.now().date()


def _published(edition: StudyEdition) -> bool:
    return not data_pack.with_results().isdisjoint(getattr(edition.study, name) for name in studies.IDENTIFIERS)


def list_overdue(actor: Actor) -> list[OverdueStudy]:
    """Studies whose results are overdue, the longest first."""
    actor.require(READ)
    with acting(actor):
        return overdue_now()


def overdue_now() -> list[OverdueStudy]:
    """Studies whose results are overdue. Call inside `acting`."""
    rows = studies.newest_editions().filter(completed__isnull=False, status__in=OWING).select_related("study")
    found = [one for one in rows if is_overdue(one)]
    steps = {one.study_id: one for one in ChaseStep.objects.order_by("created_at", "pk")}
    overdue = [OverdueStudy(one, results_due(one) or clock.now().date(), steps.get(one.study_id)) for one in found]
    return sorted(overdue, key=lambda one: (one.due_on, one.edition.title))


def chase(actor: Actor, study_id: UUID, kind: str, text: str) -> None:
    """Record a step towards overdue results. Raises `UnknownStudy`, `Invalid`."""
    actor.require(CURATE)
    if kind not in ChaseKind.values:
        raise Invalid("Choose what happened.", field="kind")
    with acting(actor):
        row = studies.find(study_id)
        ChaseStep(
            organisation_id=actor.organisation_id,
            study=row,
            kind=kind,
            text=text.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "study.chased", STUDY, row.pk, step=kind)
