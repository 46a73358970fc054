"""Proofs that the lawful reference images are absent from a version; made once, stored with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.errors import NoSuchRelease
from tutela.indicators.models import Release
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import certified_set
from tutela.indicators.releases.errors import NotLoggedYet
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.absence_proof import Absence


def canaries(centre: Actor, version: int) -> dict[str, Any]:
    """Return the lawful reference pictures and their proofs of absence from a release, bound to the log; for everybody.

    Only proofs that `tidy` stored are read, so nobody makes the node prove. Raises `NoSuchRelease`, also before `tidy`
    has run, `NotLoggedYet`.
    """
    with acting(centre):
        row = Release.objects.filter(list_id=version_files.LIST_ID, version=version).first()
        if row is None:
            raise NoSuchRelease
        entry = certified_set.log_entry(row)
    try:
        found: dict[str, Any] = json.loads(absences(version).read_bytes())
    except FileNotFoundError:
        raise NoSuchRelease from None
    for picture in found["pictures"]:
        proofs = [Absence.from_json(one) for one in picture["proofs"]]
        picture["proofs"] = [replace(one, entry=entry.data, log_proof=entry.proof).to_json() for one in proofs]
    return found


def prove(centre: Actor, release: Release) -> None:
    """Keep the proofs of absence of a version, for as long as the log stands."""
    if not absences(release.version).exists():
        try:
            write_atomically(absences(release.version), certified_set.canary_absences(centre, release))
        except NotLoggedYet:
            raise NoSuchRelease from None


def absences(version: int) -> Path:
    """The file with a version's proofs of absence."""
    return version_files.file(version, "absences.json")
