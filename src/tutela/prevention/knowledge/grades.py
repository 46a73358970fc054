"""Compute grades of a programme's claims, and keep each that is new. Call inside `acting(actor)`.

Grades follow from results and judgements; nothing sets one. A grade that ages or becomes stale is a new entry too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.prevention.evidence_grades import rule
from tutela.prevention.evidence_grades.facts import Bias, Design, Effect, Metric, OutcomeKind, ResultFacts
from tutela.prevention.evidence_grades.rule import Grade, Graded
from tutela.prevention.knowledge import hub_index, newest_judgements
from tutela.prevention.knowledge.permissions import PROGRAMME
from tutela.prevention.models import GradeEntry, Programme, StudyEdition, StudyResult, StudyStatus, SurvivorReview

# The claim that every programme is asked about: whether it prevents abuse.
PREVENTED = "abuse prevented"


@dataclass(frozen=True)
class Claim:
    """What a grade is about, within one programme."""

    kind: str
    outcome: str
    target: str
    setting: str


def compute(actor: Actor, programme_id: UUID) -> list[GradeEntry]:
    """Compute all grades of a programme; returns the entries that are new."""
    # Two studies of one programme may change at once; the later computation must see both.
    Programme.objects.select_for_update().filter(pk=programme_id).first()
    rows = results_of(programme_id)
    facts = {one.pk: facts_of(one) for one in rows}
    judged = newest_judgements.last_judged({one.edition.study_id for one in rows})
    claims = _claims(rows)
    known = newest_entries(programme_id)
    found = [_entry(actor, programme_id, claim, own, facts, judged) for claim, own in claims.items()]
    fresh = [one for one in found if _differs(one, known.get(_claim_of(one)))]
    for one in fresh:
        before = known.get(_claim_of(one))
        one.save(force_insert=True)
        told = {"outcome": one.outcome, "grade": str(one.grade), "before": str(before.grade) if before else ""}
        record(actor, "grade.changed", PROGRAMME, programme_id, **told, rule=one.rule, stale=one.stale)
    if fresh:
        hub_index.index_programme(programme_id)
    return fresh


def newest_entries(programme_id: UUID) -> dict[Claim, GradeEntry]:
    """The newest grade of each claim of a programme."""
    found = dict[Claim, GradeEntry]()
    for one in GradeEntry.objects.filter(programme=programme_id).order_by("created_at", "pk"):
        found[_claim_of(one)] = one
    return found


def is_recommended(programme_id: UUID, entries: Iterable[GradeEntry]) -> bool:
    """Whether a programme may be called recommended (`rule.may_recommend`). A stale grade recommends nothing."""
    shown = [
        Graded(Grade(one.grade), one.rule, harms_looked_for=one.harms_looked_for and not one.stale) for one in entries
    ]
    return rule.may_recommend(shown, SurvivorReview.objects.filter(programme=programme_id).exists())


def results_of(programme_id: UUID) -> list[StudyResult]:
    """Results about a programme in the newest edition of each study."""
    newest = dict[UUID, StudyEdition]()
    rows = StudyResult.objects.filter(programme=programme_id).select_related("edition__study")
    studies = {one.edition.study_id for one in rows}
    for edition in StudyEdition.objects.filter(study__in=studies).order_by("number"):
        newest[edition.study_id] = edition
    return [one for one in rows if newest[one.edition.study_id].pk == one.edition_id]


def facts_of(one: StudyResult) -> ResultFacts:
    """A result as the rule reads it."""
    edition, study = one.edition, one.edition.study
    return ResultFacts(
        id=str(one.pk),
        design=Design(edition.design),
        kind=OutcomeKind(one.kind),
        published=edition.published or date(edition.year or 1900, 12, 31),
        effect=_effect(one),
        treated=edition.treated,
        compared=edition.compared,
        attrition_percent=edition.attrition_percent,
        follow_up_months=edition.follow_up_months,
        cohort=edition.cohort or str(study.pk),
        team=edition.team,
        registered=bool(study.registration) and edition.registered_before,
        identified=study.identified,
        harms_looked_for=edition.harms_looked_for,
        bias=_bias(study.pk),
        retracted=edition.status == StudyStatus.RETRACTED,
    )


def compute_all(actor: Actor) -> int:
    """Compute the grades of every programme again; returns how many entries are new. For a daily job."""
    return sum(len(compute(actor, one)) for one in Programme.objects.order_by("pk").values_list("pk", flat=True))


def _effect(one: StudyResult) -> Effect | None:
    if not one.metric or one.estimate is None or one.low is None or one.high is None:
        return None
    return Effect(Metric(one.metric), one.estimate, one.low, one.high, one.lower_is_better, one.relevant)


def _bias(study_id: UUID) -> Bias | None:
    """The worse of the judgements of two curators or more; None before two have judged."""
    levels = [Bias(one.overall) for one in newest_judgements.of_study(study_id)]
    order = (Bias.LOW, Bias.SOME, Bias.HIGH)
    return max(levels, key=order.index) if len(levels) >= newest_judgements.NEEDED else None


def _claims(rows: list[StudyResult]) -> dict[Claim, list[StudyResult]]:
    """Results by claim. Without a result on record, weaker results are asked whether abuse was prevented."""
    found = defaultdict[Claim, list[StudyResult]](list)
    for one in rows:
        found[Claim(one.kind, one.outcome, one.target, one.setting)].append(one)
    if not any(claim.kind == OutcomeKind.RECORD for claim in found):
        found[Claim(OutcomeKind.RECORD, PREVENTED, "", "")] = list(rows)
    return found


def _entry(
    actor: Actor,
    programme_id: UUID,
    claim: Claim,
    own: list[StudyResult],
    facts: dict[UUID, ResultFacts],
    judged: dict[UUID, date],
) -> GradeEntry:
    today = clock.now().date()
    graded = rule.grade([facts[one.pk] for one in own], OutcomeKind(claim.kind), today)
    counted = [one for one in own if str(one.pk) in graded.counted]
    days = [judged[one.edition.study_id] for one in counted if one.edition.study_id in judged]
    stale_on = rule.stale_on(max(days), [facts[one.pk].published for one in counted]) if days else None
    return GradeEntry(
        organisation_id=actor.organisation_id,
        programme_id=programme_id,
        kind=str(claim.kind),
        outcome=claim.outcome,
        target=claim.target,
        setting=claim.setting,
        grade=str(graded.grade),
        rule=graded.rule,
        rule_version=rule.VERSION,
        fell=graded.fell,
        aged=graded.aged,
        harms_looked_for=graded.harms_looked_for,
        counted=sorted(graded.counted),
        left_out=sorted([one, str(reason)] for one, reason in graded.left),
        stale_on=stale_on,
        stale=stale_on is not None and stale_on <= today,
    )


def _claim_of(one: GradeEntry) -> Claim:
    return Claim(one.kind, one.outcome, one.target, one.setting)


def _differs(one: GradeEntry, before: GradeEntry | None) -> bool:
    compared = ("grade", "rule", "rule_version", "fell", "aged", "counted", "left_out", "stale", "stale_on")
    return before is None or any(getattr(one, name) != getattr(before, name) for name in compared)
