"""Research map: motives, risk factors, triggers and protective factors, each with its studies or as an open question.

The map describes what was found in groups. It scores nobody: no person and no answer enters it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge import studies
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import FactorKind, ResearchFactor, StudyEdition


@dataclass(frozen=True)
class MapPlace:
    """A factor with the newest editions of its studies; without one, it is an open question."""

    factor: ResearchFactor
    studies: list[StudyEdition]


def enter(actor: Actor, kind: str, name: str, summary: str, cited: Sequence[UUID] = ()) -> UUID:
    """Enter a factor; one of the same kind and name is replaced on the map. Raises `Invalid`, `UnknownStudy`."""
    actor.require(CURATE)
    if kind not in FactorKind.values:
        raise Invalid("Choose one of the list.", field="kind")
    for field, value in (("name", name), ("summary", summary)):
        if not value.strip():
            raise Invalid("Fill in this field.", field=field)
    with acting(actor):
        row = ResearchFactor(
            organisation_id=actor.organisation_id,
            kind=kind,
            name=name.strip(),
            summary=summary.strip(),
            studies=[UUID(str(studies.find(one).pk)) for one in dict.fromkeys(cited)],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.save(force_insert=True)
        record(actor, "factor.entered", "research_factor", row.pk, kind=kind, name=row.name, studies=len(row.studies))
        return UUID(str(row.pk))


def show(actor: Actor) -> list[tuple[str, list[MapPlace]]]:
    """The map by kind, each factor as it was last entered."""
    actor.require(READ)
    with acting(actor):
        return public_map()


def public_map() -> list[tuple[str, list[MapPlace]]]:
    """The map by kind, each factor as it was last entered. Call inside `acting`."""
    newest = {(one.kind, one.name): one for one in ResearchFactor.objects.order_by("created_at", "pk")}
    cited = {study for one in newest.values() for study in one.studies}
    rows = studies.newest_editions().filter(study__in=cited).select_related("study")
    editions = {one.study_id: one for one in rows}
    found = []
    for kind, label in FactorKind.choices:
        own = sorted((one for one in newest.values() if one.kind == kind), key=lambda one: one.name)
        places = [MapPlace(one, [editions[study] for study in one.studies if study in editions]) for one in own]
        found.append((str(label), places))
    return found
