"""Bulk action page: selected on the list, confirmed, done, and answered by row."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tutela.casework.undo import delayed_actions
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators.register import bulk_actions
from tutela.organisations.errors import ApprovalError
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable
from tutela.organisations.web.confirmation import undoable
from tutela.organisations.web.page_access import action


@action("indicators.read")
@undoable
@approvable
def chosen(request: HttpRequest, actor: Actor) -> HttpResponse:
    """First what would be done to which; with `sure`, what became of each; with `undo`, each undone."""
    act, sure, undo = request.POST.get("act", ""), bool(request.POST.get("sure")), bool(request.POST.get("undo"))
    reason, ground = request.POST.get("reason", "")[:300], request.POST.get("ground", "doubt")
    digests = request.POST.get("digests", "")[: bulk_actions.MOST_INDICATORS * 66]
    try:
        ids = [UUID(one) for one in request.POST.getlist("entry")[: bulk_actions.MOST_INDICATORS + 1]]
    except ValueError:
        raise NotFound from None
    if act not in bulk_actions.may(actor):
        raise NotFound
    try:
        way = approval_pages.given(request)
        if undo:
            rows = bulk_actions.undo(actor, ids)
        elif sure:
            rows = bulk_actions.do(actor, act, ids, reason, ground, way, digests)
        else:
            rows = bulk_actions.chosen_indicators(actor, ids)
    except ApprovalError:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("indicators")
    done = sure or undo
    context = {"rows": rows, "act": act, "reason": reason, "ground": ground, "done": done}
    context["imported"] = sum(one.imported for one in rows) if act == "certify" and not done else 0
    context["count"] = sum(bool(one.done) for one in rows)
    context["waiting"], context["seconds"] = [one.id for one in rows if one.waits], delayed_actions.seconds()
    at_once = act == "certify" and sure and "dispute" in bulk_actions.may(actor)
    context["certified"] = [one.id for one in rows if at_once and one.done and not one.waits]
    return render(request, "indicators/bulk_action.html", context)
