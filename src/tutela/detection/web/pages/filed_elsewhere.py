"""Pages for reports filed another way: the Centre's messages and the end of each hold."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.detection.drafts import retract as drafts_retract
from tutela.detection.models import FiledElsewhere
from tutela.detection.outcomes import filed_elsewhere
from tutela.detection.web.pages import attempt
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part

STATES = {
    filed_elsewhere.HELD: _("user not notified"),
    filed_elsewhere.ASKED: _("question from the Centre"),
    "relevant": _("relevant"),
    "not_relevant": _("not relevant"),
    "closed": _("closed"),
}
COLUMNS: tuple[Column[FiledElsewhere], ...] = (
    Column("filed_as", _("Number"), lambda one: one.filed_as),
    Column("report_id", _("Report"), lambda one: str(one.report_id)),
    Column("state", _("State"), lambda one: one.state),
    Column("held_until", _("The user is not notified until"), lambda one: one.held_until),
    Column("content_until", _("The content is not removed before"), lambda one: one.content_until),
    Column("centre", _("Centre"), lambda one: one.centre),
    Column("told", _("Latest feedback"), lambda one: one.told_at),
)
saved_views.offer("filed_elsewhere", "detection.read", "state sort")


@page("detection.read")
def list_filed(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked, state = part(request), request.GET.get("state", "")[:20]
    rows, more = filed_elsewhere.list_filed(actor, state=state, part=asked)
    found = paged(rows, COLUMNS, asked.sort, filed_elsewhere.SORTS)
    if asked.file:
        return found.csv("filed-another-way.csv")
    context = {
        "found": found,
        "more": more,
        "number": asked.page,
        "state": state,
        "states": STATES.items(),
        "now": clock.now(),
    }
    return render(request, "detection/filed_elsewhere/list.html", context)


@action("detection.report")
@confirmed()
@about(filed_elsewhere.exists)
def retract(request: HttpRequest, actor: Actor, filed: UUID) -> HttpResponse:
    attempt(request, lambda: drafts_retract.retract(actor, filed, request.POST.get("reason", "")))
    return redirect("filed", filed)


@page("detection.read")
def filed(request: HttpRequest, actor: Actor, filed: UUID) -> HttpResponse:
    return render(request, "detection/filed_elsewhere/detail.html", {"filed": filed_elsewhere.load_filed(actor, filed)})
