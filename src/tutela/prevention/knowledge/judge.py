"""Judge the risk of bias of a study, by domain. Two curators judge; their agreement is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import OwnStudy
from tutela.prevention.evidence_grades.agreement import Agreement, agreement
from tutela.prevention.knowledge import grades, judged_facts, newest_judgements, studies
from tutela.prevention.knowledge.permissions import CURATE, READ, STUDY
from tutela.prevention.models import BiasJudgement, BiasLevel, StudyEdition, StudyInterest

# Domains of the Cochrane tool for randomised trials (RoB 2, 2019), with the wording for other designs.
DOMAINS = {
    "allocation": _("Allocation or selection of participants"),
    "deviation": _("Deviations from the intended programme"),
    "missing": _("Missing outcome data"),
    "measurement": _("Measurement of the outcome"),
    "reporting": _("Selection of the reported result"),
}
LEVELS = tuple(BiasLevel.values)


def judge(actor: Actor, study_id: UUID, domains: Mapping[str, str], reason: str = "") -> list[str]:
    """Judge a study; returns the IDs of grades that changed. The overall level is that of the worst domain.

    A curator may judge again; the newest judgement counts. Raises `UnknownStudy`, `Invalid`, `OwnStudy`.
    """
    actor.require(CURATE)
    levels = {name: domains.get(name, "") for name in DOMAINS}
    for name, level in levels.items():
        if level not in LEVELS:
            raise Invalid("Choose a level for each domain.", field=name)
    overall = max(levels.values(), key=LEVELS.index)
    with acting(actor):
        row = studies.find(study_id, lock=True)
        if StudyInterest.objects.filter(study=row, by=actor.reference).exists():
            raise OwnStudy
        edition = row.editions.order_by("-number")[0]
        BiasJudgement(
            organisation_id=actor.organisation_id,
            study=row,
            domains=levels,
            overall=overall,
            reason=reason.strip(),
            facts=judged_facts.digest(edition),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "study.judged", STUDY, row.pk, overall=overall)
        return _graded(actor, edition)


def state_interest(actor: Actor, study_id: UUID, text: str) -> list[str]:
    """State an own conflict of interest with a study; returns the IDs of grades that changed. Raises `Invalid`."""
    actor.require(CURATE)
    if not text.strip():
        raise Invalid("Enter your conflict of interest.", field="text")
    with acting(actor):
        row = studies.find(study_id, lock=True)
        StudyInterest(
            organisation_id=actor.organisation_id,
            study=row,
            text=text.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "study.interest", STUDY, row.pk)
        return _graded(actor, row.editions.order_by("-number")[0])


def interests(actor: Actor, study_id: UUID) -> list[StudyInterest]:
    """Conflicts of interest that curators have stated with a study."""
    actor.require(READ)
    with acting(actor):
        return list(StudyInterest.objects.filter(study=study_id).order_by("created_at", "pk"))


def judgements(actor: Actor, study_id: UUID) -> list[BiasJudgement]:
    """Newest judgement of each curator about a study."""
    actor.require(READ)
    with acting(actor):
        return newest_judgements.of_study(study_id)


def study_agreement(rows: list[BiasJudgement]) -> Agreement | None:
    """Agreement of the first two curators over the domains of one study; None before two have judged."""
    if len(rows) < newest_judgements.NEEDED:
        return None
    first, second = rows[0].domains, rows[1].domains
    return agreement([(first[name], second[name]) for name in DOMAINS], LEVELS)


def overall_agreement(actor: Actor) -> Agreement | None:
    """Agreement of the first two curators of every study, over their overall levels."""
    actor.require(READ)
    with acting(actor):
        by_study = defaultdict[UUID, dict[str, str]](dict)
        for one in BiasJudgement.objects.order_by("created_at", "pk"):
            by_study[one.study_id][one.by] = one.overall
        firsts = [list(levels.values())[:2] for levels in by_study.values() if len(levels) >= newest_judgements.NEEDED]
        return agreement([(one[0], one[1]) for one in firsts], LEVELS)


def _graded(actor: Actor, edition: StudyEdition) -> list[str]:
    concerned = sorted(edition.programmes, key=str)
    return [str(one.pk) for programme in concerned for one in grades.compute(actor, programme)]
