"""Overview of redress for the start page, as plain values for the app package."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.redress.complaints import rows
from tutela.redress.complaints import work_queue as complaints
from tutela.redress.data_subjects import requests
from tutela.redress.models import Breach, Complaint, ComplaintStage, DataRequest, RequestStage, SourceReview
from tutela.redress.reversals import hops
from tutela.redress.reversals import work_queue as reversals

MOST_DUES = 10


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with redress."""
    if not any(actor.can(one) for one in (rows.READ, hops.READ, requests.READ)):
        return None
    todos: list[tuple[Any, ...]] = []
    dues: list[tuple[Any, ...]] = []
    with acting(actor):
        if actor.can(rows.READ):
            _complaints(actor, todos, dues)
        if actor.can(hops.READ):
            _reversals(actor, todos)
        if actor.can(requests.READ):
            _privacy(todos, dues)
    return {"todos": todos, "dues": dues, "charts": []}


def _complaints(actor: Actor, todos: list[tuple[Any, ...]], dues: list[tuple[Any, ...]]) -> None:
    found = complaints.counts(actor)
    todos.append((_("Complaints to decide after their deadline"), found["late"], "/desk/complaints/?view=late", True))
    todos.append((_("Complaints to decide"), found["open"], "/desk/complaints/", False))
    todos.append((_("Complainants to tell of a reversal"), found["tell"], "/desk/complaints/?view=tell", False))
    rows_due = Complaint.objects.filter(stage=ComplaintStage.OPEN, due_at__gt=clock.now()).defer("sealed")
    found_due = rows_due.order_by("due_at")[:MOST_DUES]
    dues += [(_("Decide a complaint"), one.due_at, f"/desk/complaints/{one.pk}/") for one in found_due]


def _reversals(actor: Actor, todos: list[tuple[Any, ...]]) -> None:
    found = reversals.counts(actor)
    todos.append(
        (_("Reversals that a recipient has not confirmed in time"), found["late"], "/desk/reversals/?view=late", True)
    )
    todos.append((_("Reversals to answer"), found["answer"], "/desk/reversals/?view=answer", False))
    reviews = SourceReview.objects.filter(end=None).count()
    todos.append((_("Sources of errors to review"), reviews, "/desk/error-ledger/#reviews", False))


def _privacy(todos: list[tuple[Any, ...]], dues: list[tuple[Any, ...]]) -> None:
    open_requests = DataRequest.objects.filter(stage=RequestStage.OPEN)
    todos.append((_("Requests of data subjects to answer"), open_requests.count(), "/desk/data-subjects/", False))
    open_breaches = Breach.objects.filter(closed_at=None)
    todos.append((_("Breaches to notify"), open_breaches.count(), "/desk/breaches/?view=open", True))
    first = open_breaches.order_by("due_at")[:MOST_DUES]
    dues += [(_("Notify a breach"), one.due_at, f"/desk/breaches/{one.pk}/") for one in first]
