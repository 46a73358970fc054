"""The newest judgement of each curator about a study, as far as it counts. Call inside `acting`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from tutela.prevention.knowledge import judged_facts
from tutela.prevention.models import BiasJudgement, StudyEdition, StudyInterest

# Curators who must have judged a study before it counts.
NEEDED = 2


def of_study(study_id: UUID) -> list[BiasJudgement]:
    """Newest judgement of each curator, in the order in which they first judged.

    Left out is who has stated a conflict of interest, and what was judged before the design or a result changed.
    """
    edition = StudyEdition.objects.filter(study=study_id).order_by("-number").first()
    if edition is None:
        return []
    rows = BiasJudgement.objects.filter(study=study_id, facts=judged_facts.digest(edition))
    partial = StudyInterest.objects.filter(study=study_id).values("by")
    found = dict[str, BiasJudgement]()
    for one in rows.exclude(by__in=partial).order_by("created_at", "pk"):
        found[one.by] = one
    return list(found.values())


def last_judged(studies: Iterable[UUID]) -> dict[UUID, date]:
    """Day of the newest judgement of each study that has one."""
    rows = BiasJudgement.objects.filter(study__in=list(studies)).order_by("created_at")
    return {one.study_id: one.created_at.date() for one in rows}
