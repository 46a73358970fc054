"""Overview of removal requests for the start page, as plain values for the app package."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.case_work import work_queue as requests
from tutela.victims.host_desk import found_items
from tutela.victims.host_desk import work_queue as items
from tutela.victims.information import work_queue as information_queue
from tutela.victims.models import RemovalRequest, RequestStage
from tutela.victims.removal import rows
from tutela.victims.support import rows as support
from tutela.victims.support import work_queue as support_queue
from tutela.victims.survivor_voice import inputs

MOST_DUES = 10


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with removal requests."""
    if not (actor.can(rows.READ) or actor.can(found_items.READ) or actor.can(support.READ)):
        return None
    todos: list[tuple[Any, ...]] = []
    dues: list[tuple[Any, ...]] = []
    with acting(actor):
        if actor.can(rows.READ):
            _requests(actor, todos, dues)
        if actor.can(support.READ):
            _support(todos)
        if actor.can(found_items.READ):
            _items(actor, todos)
    return {"todos": todos, "dues": dues, "charts": []}


def _requests(actor: Actor, todos: list[tuple[Any, ...]], dues: list[tuple[Any, ...]]) -> None:
    found = requests.counts(actor)
    late, flagged = "/desk/removals/?view=late", "/desk/removals/?view=flagged"
    todos.append((_("Removal requests to begin after their deadline"), found["late"], late, True))
    todos.append((_("Removal requests held by a rule"), found["flagged"], flagged, True))
    todos.append((_("Removal requests to begin"), found["new"], "/desk/removals/?view=new", False))
    waiting = RemovalRequest.objects.filter(stage=RequestStage.NEW, due_at__gt=clock.now()).defer("sealed")
    first = waiting.order_by("due_at")[:MOST_DUES]
    dues += [(_("Begin a removal request"), one.due_at, f"/desk/removals/{one.pk}/") for one in first]


def _support(todos: list[tuple[Any, ...]]) -> None:
    asked, cases = information_queue.counts(), support_queue.counts()
    late = "/desk/information/?view=late"
    todos.append((_("Information requests after their deadline"), asked["late"], late, True))
    todos.append((_("Information requests to answer"), asked["open"], "/desk/information/", False))
    todos.append((_("Support cases that nobody began in time"), cases["late"], "/desk/support/?view=late", True))
    todos.append((_("Support cases to begin"), cases["new"], "/desk/support/?view=new", False))
    todos.append((_("Survivors' voices without an answer"), inputs.unanswered(), "/desk/support/voices/", False))


def _items(actor: Actor, todos: list[tuple[Any, ...]]) -> None:
    found = items.counts(actor)
    if not found["open"]:
        return
    late = "/desk/removal-items/?view=late"
    todos.append((_("Items of removal requests after their deadline"), found["late"], late, True))
    todos.append((_("Items of removal requests to review"), found["open"], "/desk/removal-items/", False))
