"""Queue of the hotline: cases by stage, urgent first, then what partners assessed, then the oldest; and its export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.casework.assignment.list_filter import EVERY, WorkFilter, work_on
from tutela.events.actor import Actor
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.transaction import acting
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.models import Notice, Source, Stage, StepKind, TakedownCase
from tutela.takedown.partners import case_view

READ = "takedown.read"
PER_PAGE = 50
ALL = "all"
WITH, SILENT = "with", "silent"
PARTNER_FILTERS = (WITH, SILENT)


@dataclass(frozen=True)
class CaseFilter:
    """Filter of the queue; empty fields do not restrict. `text` is a number, looked for in every stage.

    `partner`: cases with a partner hotline, or those whose partner has not answered.
    """

    stage: str = Stage.ASSESS
    text: str = ""
    country: str = ""
    source: str = ""
    availability: str = ""
    urgent: bool = False
    # State of a notice that waits for a person: "stopped".
    notice: str = ""
    partner: str = ""
    work: WorkFilter = EVERY


def list_cases(actor: Actor, wanted: CaseFilter, part: ListPage = FIRST_PAGE) -> tuple[list[Any], bool]:
    """A part of the queue, and whether there is more. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        found = wanted.work.of(actor, SUBJECT, _filtered(wanted)).defer("sealed_address")
        rows, more = part.of(found.order_by("-urgent", "-priority", "reported_at", "pk"), {}, PER_PAGE)
        given = "given" if wanted.text else ""
        noted(actor, SUBJECT, (row.pk for row in rows), part, stage=wanted.stage, words=given)
        work = work_on(SUBJECT, (row.pk for row in rows))
        for row in rows:
            row.work = work(row.pk)
        return rows, more


def _filtered(wanted: CaseFilter) -> QuerySet[TakedownCase]:
    rows = TakedownCase.objects.all()
    if text := wanted.text.strip().upper():
        return rows.filter(number__begins=text[:20])
    if wanted.stage in Stage.values:
        rows = rows.filter(stage=wanted.stage)
    if wanted.country:
        rows = rows.filter(hosting_country=wanted.country[:2].upper())
    if wanted.source in Source.values:
        rows = rows.filter(source=wanted.source)
    if wanted.availability:
        rows = rows.filter(availability=wanted.availability[:16])
    if wanted.notice == StepKind.STOPPED:
        rows = rows.filter(pk__in=Notice.objects.filter(state=StepKind.STOPPED).values("case"))
    if wanted.partner in PARTNER_FILTERS:
        sent = case_view.with_partner(silent=wanted.partner == SILENT)
        rows = rows.filter(pk__in=sent.values("case"))
    return rows.filter(urgent=True) if wanted.urgent else rows


def exists(actor: Actor, case_id: UUID) -> bool:
    """Whether the actor's organisation has this case."""
    with acting(actor):
        return TakedownCase.objects.filter(pk=case_id).exists()
