"""Turn the sealed addresses of imports into cases, part by part. For a job.

One part is one transaction: its cases, its counts and its deletion are stored together. A process that is killed leaves
the part as it was, so that nothing is lost and nothing counts twice.
"""

from __future__ import annotations

import json
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.takedown.errors import BadAddress
from tutela.takedown.imports.begin import SUBJECT, purpose
from tutela.takedown.intake.open_case import Opened, Reported, open_case
from tutela.takedown.models import Import, ImportedCase, ImportPart, Source


def unfinished(actor: Actor) -> list[UUID]:
    """Imports with addresses that are not cases yet, oldest first."""
    with acting(actor):
        return list(Import.objects.filter(ended_at=None).order_by("created_at").values_list("pk", flat=True))


def store_part(actor: Actor, import_id: UUID) -> bool:
    """Store the next part of an import; returns whether there may be another."""
    actor.require("takedown.assess")
    with acting(actor):
        run = Import.objects.select_for_update().get(pk=import_id)
        part = run.parts.order_by("place").first()
        if part is not None:
            _store(actor, run, part)
        elif run.ended_at is None:
            _end(actor, run)
        run.save()
    return part is not None


def _store(actor: Actor, run: Import, part: ImportPart) -> None:
    body = subject_keys.unseal(SUBJECT, run.pk, bytes(part.sealed), purpose(part.pk))
    found = [_opened(actor, run, place, text) for place, text in json.loads(body)]
    cases = {one.id for one in found if one is not None}
    insert_all(ImportedCase(organisation_id=actor.organisation_id, run=run, case_id=case) for case in sorted(cases))
    run.new += sum(one is not None and one.new for one in found)
    run.reopened += sum(one is not None and one.reopened for one in found)
    run.known += sum(one is not None and not one.new and not one.reopened for one in found)
    part.delete()


def _opened(actor: Actor, run: Import, place: int, text: str) -> Opened | None:
    try:
        return open_case(actor, text, Reported(Source.IMPORTED, reference=f"{run.name}:{place}"))
    except BadAddress:
        # The rules of addresses changed between the upload and now.
        run.refused = {**run.refused, "syntax": run.refused.get("syntax", 0) + 1}
        return None


def _end(actor: Actor, run: Import) -> None:
    run.ended_at = clock.now()
    subject_keys.erase(SUBJECT, run.pk)
    record(actor, "takedown_import.ended", SUBJECT, run.pk, new=run.new, known=run.known, reopened=run.reopened)
