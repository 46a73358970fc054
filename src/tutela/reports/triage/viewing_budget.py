"""Viewing budget of the Centre: chats, descriptions and reports are a burden on their readers, with or without
pictures.

- Looks at the same report within one hour are one opening. An urgent report always opens.
- At the daily limit the contents of a report stay closed until the next day, or until the person gives a reason.
- A lead sets the limits and learns whether anybody has reached the daily limit. Nobody sees the count of another
  person.
- Each look at a report's page leaves an event for auditors, whether the contents were open or closed. The event does
  not show who has reached the limit.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tutela.casework.exposure import openings, stop
from tutela.casework.exposure.budget import Budget, own_budget
from tutela.casework.exposure.openings import OpeningResult
from tutela.casework.exposure.rules import ExposureRule
from tutela.casework.exposure.terms import current_terms
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.transaction import acting
from tutela.reports.models import Report

RULE = ExposureRule("report", timedelta(hours=1), read="reports.read", lead="reports.handling")
# The heaviest first: a conversation with a child is read word by word, what is new is described at length.
KINDS = ("solicitation", "new", "known")


def mine(actor: Actor) -> Budget | None:
    """The actor's own budget; None for a machine, which reads nothing. Call inside `acting(actor)`."""
    return None if actor.person_id is None else own_budget(actor, RULE, current_terms(RULE))


def opened(actor: Actor, row: Report) -> bool:
    """Whether the actor may read the contents now, which counts as an opening. Call inside `acting(actor)`."""
    if actor.person_id is None:
        return True
    terms, kind = current_terms(RULE), kind_of(row)
    result = openings.open_subject(actor, RULE, row.report_id, terms, urgent=row.urgent, category=kind)
    return result is not OpeningResult.STOPPED


def open_beyond(actor: Actor, report_id: UUID, reason: str) -> None:
    """Open a report although the stop is reached. Raises `Invalid` without one of the reasons, `NotFound`."""
    actor.require("reports.read")
    with acting(actor):
        row = Report.objects.filter(report_id=report_id).first()
        if row is None:
            raise NotFound
        stop.open_beyond(actor, RULE, report_id, reason, category=kind_of(row))


def kind_of(row: Report) -> str:
    """The heaviest kind of a report."""
    return next((kind for kind in KINDS if kind in row.kinds), KINDS[-1])
