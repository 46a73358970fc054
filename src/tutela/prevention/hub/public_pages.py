"""What the public pages show: programmes with their grades, studies with their judgements, and the grid.

The hub is that of the node's Centre. Everything here is published; who judged a study is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tutela.casework.charts.forest import ForestPlot, ForestRow
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.prevention.errors import UnknownProgramme, UnknownStudy
from tutela.prevention.evidence_grades.agreement import Agreement
from tutela.prevention.evidence_grades.effects import TwoRates, two_rates
from tutela.prevention.evidence_grades.facts import RATIOS, Metric
from tutela.prevention.evidence_grades.synthesis import Refusal, Summary, summarise
from tutela.prevention.knowledge import coverage, grades, judge, newest_judgements, overdue, programmes, studies
from tutela.prevention.knowledge.coverage import Cell
from tutela.prevention.knowledge.overdue import OverdueStudy
from tutela.prevention.knowledge.permissions import READ
from tutela.prevention.models import (
    GradeEntry,
    GradeName,
    HubEntry,
    Programme,
    ProgrammeEdition,
    StudyEdition,
    StudyResult,
    SurvivorReview,
)

_ORDER = tuple(GradeName.values)


@dataclass(frozen=True)
class ClaimShown:
    """A claim with its grade, its results and their plot; `summary` is one number, or the reason why there is none."""

    entry: GradeEntry
    results: list[StudyResult]
    plot: ForestPlot | None
    summary: Summary | Refusal | None
    rates: list[tuple[StudyResult, TwoRates]]


@dataclass(frozen=True)
class ProgrammeShown:
    """A programme as the public sees it."""

    slug: str
    edition: ProgrammeEdition
    claims: list[ClaimShown]
    recommended: bool
    reviews: list[SurvivorReview]
    derived: list[str]
    studies: list[StudyEdition]


@dataclass(frozen=True)
class StudyShown:
    """A study as the public sees it."""

    edition: StudyEdition
    results: list[StudyResult]
    judged: int
    agreement: Agreement | None
    overdue: bool


def of_centre[T](work: Callable[[Actor], T]) -> T:
    """Do the work as the public's reader of the Centre's hub. Raises `NotFound` on a node without a Centre."""
    centre = directory.the_centre()
    if centre is None:
        raise NotFound
    actor = directory.acting_for(centre, "public:prevention", "Public hub")
    with acting(actor):
        return work(actor)


def programme(slug: str) -> ProgrammeShown:
    """A programme by its address. Raises `UnknownProgramme`, `NotFound`."""
    return of_centre(lambda _actor: _programme(slug))


def programme_of(actor: Actor, programme_id: UUID) -> ProgrammeShown:
    """A programme of the actor's own hub, as the public sees it. Raises `UnknownProgramme`."""
    actor.require(READ)
    with acting(actor):
        return _programme(programmes.find(programme_id).slug)


def study(study_id: UUID) -> StudyShown:
    """A study. Raises `UnknownStudy`, `NotFound`."""
    return of_centre(lambda _actor: _study(study_id))


def grid(target: str) -> list[list[Cell]]:
    """Coverage by country and stage. Raises `NotFound`."""
    return of_centre(lambda _actor: coverage.grid(target))


def overdue_studies() -> list[OverdueStudy]:
    """Studies that owe their results. Raises `NotFound`."""
    return of_centre(lambda _actor: overdue.overdue_now())


def cited(entries: list[HubEntry]) -> list[StudyEdition]:
    """Newest editions of the studies among these entries, for a citation export. Raises `NotFound`."""
    ids = [one.subject_id for one in entries if one.kind == "study"]

    def work(_actor: Actor) -> list[StudyEdition]:
        rows = studies.newest_editions().filter(study__in=ids).select_related("study")
        return sorted(rows, key=lambda one: ids.index(one.study_id))

    return of_centre(work)


def _programme(slug: str) -> ProgrammeShown:
    row = Programme.objects.filter(slug=slug).first()
    edition = row.editions.order_by("-number").first() if row else None
    if row is None or edition is None:
        raise UnknownProgramme
    results = grades.results_of(row.pk)
    entries = grades.newest_entries(row.pk)
    claims = [_claim(one, results) for one in entries.values()]
    claims.sort(key=lambda one: (_ORDER.index(one.entry.grade), one.entry.outcome))
    named = studies.newest_editions().filter(programmes__contains=[row.pk]).select_related("study")
    return ProgrammeShown(
        slug,
        edition,
        claims,
        grades.is_recommended(row.pk, entries.values()),
        list(SurvivorReview.objects.filter(programme=row).order_by("-held_on")),
        sorted({one.programme.slug for one in ProgrammeEdition.objects.filter(derived_from=row)}),
        sorted(named, key=lambda one: (-(one.year or 0), one.title)),
    )


def _claim(entry: GradeEntry, results: list[StudyResult]) -> ClaimShown:
    own = [
        one
        for one in results
        if (one.kind, one.outcome, one.target, one.setting) == (entry.kind, entry.outcome, entry.target, entry.setting)
    ]
    drawn = [one for one in own if one.metric and one.estimate is not None]
    counted = [one for one in drawn if str(one.pk) in entry.counted]
    summary = summarise([(one.outcome, grades.facts_of(one)) for one in counted]) if len(counted) > 1 else None
    rates = [
        (one, two_rates(one.treated_share, one.base_rate))
        for one in own
        if one.treated_share is not None and one.base_rate is not None
    ]
    return ClaimShown(entry, own, _plot(entry, drawn, summary), summary, rates)


def _plot(entry: GradeEntry, drawn: list[StudyResult], summary: Summary | Refusal | None) -> ForestPlot | None:
    """A plot of results with one measure; None without any."""
    if not drawn:
        return None
    metric = Metric(drawn[0].metric)
    same = [one for one in drawn if one.metric == metric]
    rows = [
        ForestRow(_label(one), one.estimate or 0.0, one.low or 0.0, one.high or 0.0)
        for one in sorted(same, key=lambda one: (one.edition.year or 0, one.edition.title))
    ]
    if isinstance(summary, Summary):
        rows.append(ForestRow("Σ", *summary.random, summary=True))
    ratio = metric in RATIOS
    return ForestPlot(entry.outcome, str(drawn[0].get_metric_display()), tuple(rows), 1.0 if ratio else 0.0, ratio)


def _label(one: StudyResult) -> str:
    first = one.edition.authors[0] if one.edition.authors else one.edition.title[:40]
    return f"{first} {one.edition.year}" if one.edition.year else first


def _study(study_id: UUID) -> StudyShown:
    edition = StudyEdition.objects.filter(study=study_id).order_by("-number").select_related("study").first()
    if edition is None:
        raise UnknownStudy
    judged = newest_judgements.of_study(study_id)
    results = list(edition.results.select_related("programme").order_by("outcome", "pk"))
    return StudyShown(edition, results, len(judged), judge.study_agreement(judged), overdue.is_overdue(edition))
