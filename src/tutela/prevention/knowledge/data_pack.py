"""Data pack of programmes and studies that the literature names. All of it is entered as unchecked.

What is known already stays as it is: a programme is known by its name, a study by its DOI, registration or publication.
"""

from __future__ import annotations

import tomllib
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
from tutela.prevention.models import Study

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


def _studies(actor: Actor, ids: dict[str, UUID]) -> int:
    known = {value for row in Study.objects.values_list("doi", "registration", "publication") for value in row if value}
    count = 0
    for given in read("study"):
        named = {given.get(name, "").lower() if name == "doi" else given.get(name, "") for name in studies.IDENTIFIERS}
        if named & known:
            continue
        studies.enter(actor, _study(given, ids))
        count += 1
    return count


def _study(given: dict[str, Any], ids: dict[str, UUID]) -> StudyInput:
    facts = {name: value for name, value in given.items() if name not in ("result", "programmes")}
    results = [ResultInput(**{**one, "programme": ids[one["programme"]]}) for one in given.get("result", ())]
    source = given.get("doi") or given.get("registration") or given["publication"]
    return StudyInput(
        **facts, source=source, programmes=[ids[one] for one in given.get("programmes", ())], results=results
    )
