"""Enter and edit studies with their results. Each change is a new edition; grades are computed again at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import BadInterval, StudyKnown, UnknownStudy
from tutela.prevention.evidence_grades.facts import RATIOS, Metric
from tutela.prevention.knowledge import grades, hub_index, identifiers, programmes
from tutela.prevention.knowledge.newest_judgements import NEEDED
from tutela.prevention.knowledge.permissions import CURATE, READ, STUDY
from tutela.prevention.models import BiasJudgement, Study, StudyEdition, StudyResult, StudyStatus


@dataclass(frozen=True)
class ResultInput:
    """One result: a programme, an outcome, and the effect with its 95 % interval, if it was reported."""

    programme: UUID
    kind: str
    outcome: str
    target: str
    setting: str
    metric: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    lower_is_better: bool = True
    relevant: float | None = None
    treated_share: float | None = None
    base_rate: float | None = None


@dataclass(frozen=True)
class StudyInput:
    """A study as a curator or an import states it. An empty field says that a fact was not reported."""

    title: str
    design: str
    status: str
    source: str
    doi: str = ""
    registration: str = ""
    publication: str = ""
    language: str = "en"
    authors: Sequence[str] = ()
    journal: str = ""
    abstract: str = ""
    year: int | None = None
    published: date | None = None
    completed: date | None = None
    population: str = ""
    countries: Sequence[str] = ()
    comparator: str = ""
    treated: int | None = None
    compared: int | None = None
    attrition_percent: float | None = None
    follow_up_months: float | None = None
    team: str = ""
    cohort: str = ""
    registered_before: bool = False
    harms_looked_for: bool = False
    harms: str = ""
    funding: str = ""
    conflicts: str = ""
    programmes: Sequence[UUID] = ()
    checked: bool = False
    results: Sequence[ResultInput] = field(default_factory=tuple)


YEARS = range(1900, 2101)
IDENTIFIERS = ("doi", "registration", "publication")


def enter(actor: Actor, given: StudyInput) -> UUID:
    """Enter a study with its first edition. Raises `StudyKnown`, `Invalid` naming the field."""
    actor.require(CURATE)
    doi, registration = _checked(given)
    with acting(actor):
        _refuse_known(doi, registration)
        row = Study(
            id=uuid7(),
            organisation_id=actor.organisation_id,
            doi=doi,
            registration=registration,
            publication=given.publication.strip(),
        )
        row.save(force_insert=True)
        _add(actor, row, given, 1)
        named = {"title": given.title, "doi": doi, "registration": registration}
        record(actor, "study.entered", STUDY, row.pk, **named, checked=given.checked)
        return UUID(str(row.pk))


def edit(actor: Actor, study_id: UUID, given: StudyInput) -> int:
    """Add an edition with its results; returns its number. A missing identifier is added, none is changed."""
    actor.require(CURATE)
    doi, registration = _checked(given)
    with acting(actor):
        row = find(study_id, lock=True)
        if (row.doi and doi != row.doi) or (row.registration and registration != row.registration):
            raise Invalid("A study keeps its DOI and its registration. Enter another study.", field="doi")
        _refuse_known(doi, registration, row.pk)
        row.doi, row.registration, row.publication = doi, registration, given.publication.strip()
        row.save(update_fields=["doi", "registration", "publication"])
        number = int((row.editions.aggregate(most=Max("number"))["most"] or 0) + 1)
        _add(actor, row, given, number)
        record(actor, "study.edited", STUDY, row.pk, title=given.title, edition=number, status=given.status)
        return number


def retract(actor: Actor, doi: str) -> bool:
    """Mark a known study as retracted, with its results; returns whether it was not yet. Raises `UnknownStudy`."""
    actor.require(CURATE)
    with acting(actor):
        row = Study.objects.filter(doi=identifiers.plain_doi(doi)).exclude(doi="").first()
        if row is None:
            raise UnknownStudy
        edition = row.editions.order_by("-number").prefetch_related("results").select_related("study")[0]
        if edition.status == StudyStatus.RETRACTED:
            return False
        edit(actor, UUID(str(row.pk)), replace(input_of(edition), status=StudyStatus.RETRACTED))
        return True


def input_of(edition: StudyEdition) -> StudyInput:
    """An edition as it would be entered again, with its results."""
    own = {name: getattr(edition.study, name) for name in IDENTIFIERS}
    names = [name for name in StudyInput.__dataclass_fields__ if name not in (*own, "results")]
    values = [name for name in ResultInput.__dataclass_fields__ if name != "programme"]
    results = tuple(
        ResultInput(programme=one.programme_id, **{name: getattr(one, name) for name in values})
        for one in edition.results.all()
    )
    return StudyInput(**own, results=results, **{name: getattr(edition, name) for name in names})


def newest(actor: Actor, *, unjudged: bool = False) -> list[StudyEdition]:
    """Newest edition of every study, the newest year first; `unjudged`: of those that curators must judge."""
    actor.require(READ)
    with acting(actor):
        rows = to_judge() if unjudged else newest_editions()
        return list(rows.select_related("study").order_by("-year", "title", "pk"))


def history(actor: Actor, study_id: UUID) -> list[StudyEdition]:
    """All editions of a study, the newest first. Raises `UnknownStudy`."""
    actor.require(READ)
    with acting(actor):
        rows = find(study_id).editions.order_by("-number")
        return list(rows.select_related("study").prefetch_related("results__programme"))


def exists(actor: Actor, study_id: UUID) -> bool:
    """Whether the actor's organisation has this study."""
    with acting(actor):
        return Study.objects.filter(pk=study_id).exists()


def find(study_id: UUID, *, lock: bool = False) -> Study:
    """A study. Raises `UnknownStudy`. Call inside `acting`."""
    rows = Study.objects.select_for_update() if lock else Study.objects.all()
    row = rows.filter(pk=study_id).first()
    if row is None:
        raise UnknownStudy
    return row


def to_judge() -> QuerySet[StudyEdition]:
    """The newest edition of each checked study that fewer curators than needed have judged. Call inside `acting`."""
    judged = BiasJudgement.objects.values("study").annotate(curators=Count("by", distinct=True))
    enough = judged.filter(curators__gte=NEEDED).values("study")
    return newest_editions().filter(checked=True).exclude(study__in=enough)


def newest_editions() -> QuerySet[StudyEdition]:
    """The newest edition of each study. Call inside `acting`."""
    last = StudyEdition.objects.filter(study=OuterRef("study")).order_by("-number").values("pk")[:1]
    return StudyEdition.objects.filter(pk=Subquery(last))


def _checked(given: StudyInput) -> tuple[str, str]:
    """DOI and registration in their plain form. Raises `Invalid` naming the field."""
    doi, registration = identifiers.plain_doi(given.doi), identifiers.plain_registration(given.registration)
    identifiers.require_one(doi, registration, given.publication)
    if not given.title.strip():
        raise Invalid("Enter the title of the study.", field="title")
    if given.year is not None and given.year not in YEARS:
        raise Invalid("Enter a year from 1900 to 2100.", field="year")
    for one in given.results:
        _check_result(one)
    return doi, registration


def _check_result(one: ResultInput) -> None:
    if not one.outcome.strip():
        raise Invalid("Enter the outcome that was measured.", field="outcome")
    numbers = (one.estimate, one.low, one.high)
    if not one.metric and all(number is None for number in numbers):
        return
    if not one.metric or one.estimate is None or one.low is None or one.high is None:
        raise Invalid("Enter the measure, the estimate and both ends of the 95 % interval.", field="metric")
    if not all(map(math.isfinite, (one.low, one.estimate, one.high))) or not one.low < one.high:
        raise BadInterval
    if not one.low <= one.estimate <= one.high or (Metric(one.metric) in RATIOS and one.low <= 0):
        raise BadInterval


def _refuse_known(doi: str, registration: str, but: UUID | None = None) -> None:
    same = Q(pk__in=())
    if doi:
        same |= Q(doi=doi)
    if registration:
        same |= Q(registration=registration)
    rows = Study.objects.filter(same)
    known = (rows if but is None else rows.exclude(pk=but)).first()
    if known is not None:
        edition = known.editions.order_by("-number").first()
        raise StudyKnown(title=edition.title if edition else str(known))


def _add(actor: Actor, row: Study, given: StudyInput, number: int) -> None:
    before = row.editions.order_by("-number").first()
    concerned = set(before.programmes) if before else set()
    facts = asdict(given)
    results = [ResultInput(**one) for one in facts.pop("results")]
    for name in IDENTIFIERS:
        facts.pop(name)
    wanted = {*given.programmes, *(one.programme for one in results)}
    facts |= {"programmes": sorted(wanted, key=str), "countries": sorted(set(given.countries))}
    facts["authors"] = list(given.authors)
    edition = StudyEdition(
        organisation_id=actor.organisation_id,
        study=row,
        number=number,
        by=actor.reference,
        by_name=actor.name[:200],
        **facts,
    )
    edition.save(force_insert=True)
    for one in results:
        values = {**asdict(one), "programme": programmes.find(one.programme)}
        StudyResult(organisation_id=actor.organisation_id, edition=edition, **values).save(force_insert=True)
    hub_index.index_study(row.pk)
    for programme in sorted(concerned | wanted, key=str):
        grades.compute(actor, programme)
