"""Public index of the hub: one entry for each programme and study, with its words in its own language.

Derived from newest editions and grades, in the transaction that changed them. Call inside `acting`.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.search import SearchVector
from django.db.models import Value

from tutela import clock
from tutela.prevention.models import (
    GradeEntry,
    GradeName,
    HubEntry,
    Programme,
    ProgrammeEdition,
    Study,
    StudyEdition,
)

# PostgreSQL's own configurations; other languages are searched by whole words.
CONFIGURATIONS = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hu": "hungarian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "pt": "portuguese",
    "ro": "romanian",
    "sv": "swedish",
}
WHOLE_WORDS = "simple"
_ORDER = tuple(GradeName.values)


def configuration(language: str) -> str:
    """Name of the text search configuration of a language."""
    return CONFIGURATIONS.get(language, WHOLE_WORDS)


def index_programme(programme_id: UUID) -> None:
    """Write the entry of a programme."""
    edition = ProgrammeEdition.objects.filter(programme=programme_id).order_by("-number").first()
    if edition is None:
        return
    newest = dict[tuple[str, ...], str]()
    for one in GradeEntry.objects.filter(programme=programme_id).order_by("created_at", "pk"):
        newest[one.kind, one.outcome, one.target, one.setting] = one.grade
    shown = min(newest.values(), key=_ORDER.index, default=str(GradeName.NOT_EVALUATED))
    facets = [f"status:{edition.status}", *(f"grade:{one}" for one in sorted({*newest.values(), shown}))]
    for name, codes in (
        ("stage", edition.stages),
        ("target", edition.targets),
        ("setting", edition.settings),
        ("country", edition.countries),
        ("language", edition.languages),
    ):
        facets += [f"{name}:{code}" for code in codes]
    slug = Programme.objects.values_list("slug", flat=True).get(pk=programme_id)
    text = "\n".join(filter(None, (edition.summary, edition.mechanism, edition.provider, edition.safeguards)))
    _write(
        HubEntry(
            kind="programme",
            subject_id=programme_id,
            address=slug,
            language=edition.language,
            title=edition.name,
            text=text,
            facets=facets,
            rank=_ORDER.index(shown),
            grade=shown,
            checked=edition.checked,
        )
    )


def index_study(study_id: UUID) -> None:
    """Write the entry of a study."""
    edition = StudyEdition.objects.filter(study=study_id).order_by("-number").first()
    if edition is None:
        return
    study = Study.objects.get(pk=study_id)
    facets = [f"design:{edition.design}", f"status:{edition.status}"]
    facets += [f"country:{one}" for one in edition.countries] + ([f"year:{edition.year}"] if edition.year else [])
    names = " ".join(edition.authors)
    words = (edition.abstract, edition.population, names, study.doi, study.registration, edition.journal)
    _write(
        HubEntry(
            kind="study",
            subject_id=study_id,
            address=str(study_id),
            language=edition.language,
            title=edition.title,
            text="\n".join(filter(None, words)),
            facets=facets,
            rank=len(_ORDER),
            checked=edition.checked,
        )
    )


def _write(entry: HubEntry) -> None:
    config = configuration(entry.language)
    title, text = Value(entry.title), Value(entry.text)
    stem = SearchVector(title, weight="A", config=config) + SearchVector(text, weight="C", config=config)
    whole = SearchVector(title, weight="A", config=WHOLE_WORDS) + SearchVector(text, weight="D", config=WHOLE_WORDS)
    values = {
        "kind": entry.kind,
        "address": entry.address,
        "language": entry.language,
        "title": entry.title,
        "text": entry.text,
        "facets": entry.facets,
        "rank": entry.rank,
        "grade": entry.grade,
        "checked": entry.checked,
        "vector": stem + whole,
        "updated_at": clock.now(),
    }
    if not HubEntry.objects.filter(subject_id=entry.subject_id).update(**values):
        HubEntry(subject_id=entry.subject_id, **values).save(force_insert=True)
