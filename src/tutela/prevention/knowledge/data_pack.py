"""Data pack of programmes and studies that the literature names. All of it is entered as unchecked.

What is known already stays as it is: a programme is known by its name, a study by its DOI, registration or publication.
One thing is corrected: a study that stands as "no results" although the pack knows where its results are published.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.prevention.knowledge import programmes, studies
from tutela.prevention.knowledge.permissions import CURATE
from tutela.prevention.knowledge.programmes import ProgrammeInput
from tutela.prevention.knowledge.studies import ResultInput, StudyInput
from tutela.prevention.models import Study, StudyStatus

FOLDER = Path(__file__).parents[1] / "seed"


@cache
def read(name: str) -> tuple[dict[str, Any], ...]:
    """Entries of one file of the pack: `programme` or `study`."""
    files = {"programme": "programmes.toml", "study": "studies.toml"}
    return tuple(tomllib.loads((FOLDER / files[name]).read_text())[name])


def enter_all(actor: Actor) -> tuple[int, int]:
    """Enter what is not known yet; returns how many programmes and how many studies. Raises nothing for known ones."""
    actor.require(CURATE)
    with acting(actor):
        ids, new_programmes = _programmes(actor)
        return new_programmes, _studies(actor, ids)


def _programmes(actor: Actor) -> tuple[dict[str, UUID], int]:
    known = {one.name: one.programme_id for one in programmes.newest_editions()}
    ids, count = dict[str, UUID](), 0
    for given in read("programme"):
        facts = {name: value for name, value in given.items() if name != "id"}
        if "derived_from" in facts:
            facts["derived_from"] = ids[facts["derived_from"]]
        if given["name"] in known:
            ids[given["id"]] = known[given["name"]]
            continue
        ids[given["id"]] = programmes.enter(actor, ProgrammeInput(**facts))
        count += 1
    return ids, count


@cache
def with_results() -> frozenset[str]:
    """Identifiers of studies of which the pack knows that their results are published."""
    published = [one for one in read("study") if one["status"] == StudyStatus.PUBLISHED]
    return frozenset(name for one in published for name in _identifiers(one))


def _identifiers(given: dict[str, Any]) -> set[str]:
    values = {name: given.get(name, "") for name in studies.IDENTIFIERS}
    return {value.lower() if name == "doi" else value for name, value in values.items() if value}


def _studies(actor: Actor, ids: dict[str, UUID]) -> int:
    """Enter unknown studies and correct those that stand as without results; returns how many."""
    rows = Study.objects.values_list("pk", *studies.IDENTIFIERS)
    known = {value: pk for pk, *values in rows for value in values if value}
    count = 0
    for given in read("study"):
        pk = next((known[one] for one in _identifiers(given) if one in known), None)
        if pk is None:
            studies.enter(actor, _study(given, ids))
        elif not _correct(actor, pk, given):
            continue
        count += 1
    return count


def _correct(actor: Actor, study_id: UUID, given: dict[str, Any]) -> bool:
    """Say that results are published where the newest edition says that there are none; returns whether it did."""
    rows = studies.newest_editions().filter(study_id=study_id).select_related("study").prefetch_related("results")
    edition = rows.get()
    if edition.status != StudyStatus.COMPLETED or given["status"] != StudyStatus.PUBLISHED:
        return False
    said = studies.input_of(edition)
    found = {name: getattr(said, name) or given.get(name, "") for name in studies.IDENTIFIERS}
    studies.edit(actor, study_id, replace(said, status=StudyStatus.PUBLISHED, **found))
    return True


def _study(given: dict[str, Any], ids: dict[str, UUID]) -> StudyInput:
    facts = {name: value for name, value in given.items() if name not in ("result", "programmes")}
    results = [ResultInput(**{**one, "programme": ids[one["programme"]]}) for one in given.get("result", ())]
    source = given.get("doi") or given.get("registration") or given["publication"]
    return StudyInput(
        **facts, source=source, programmes=[ids[one] for one in given.get("programmes", ())], results=results
    )
