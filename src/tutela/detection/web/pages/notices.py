"""Pages for user notices: recipients, text, due date, and the reason for waiting."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.detection.errors import NothingToTell
from tutela.detection.models.user_notices import Audience
from tutela.detection.notices import schedule, text
from tutela.detection.outcomes import report_list
from tutela.detection.web.pages import attempt, text_file
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.page_access import about, action, page, part

COLUMNS: tuple[Column[schedule.NoticeLine], ...] = (
    Column("report", gettext_lazy("Report"), lambda one: one.number),
    Column("state", gettext_lazy("State"), lambda one: one.standing.state),
    Column("when", gettext_lazy("When"), lambda one: one.standing.at),
    Column("why", gettext_lazy("Why"), lambda one: one.standing.rule),
    Column("reported", gettext_lazy("Reported"), lambda one: one.reported_at),
)
saved_views.offer("informing", "detection.read", "state sort")


@page("detection.read")
def list_notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    state, asked = request.GET.get("state"), part(request)
    told, due = state == "told", state == "due"
    rows, more = schedule.list_notices(actor, asked, told=told, due=due)
    found = paged(rows, COLUMNS, asked.sort, schedule.SORTS)
    if asked.file:
        return found.csv("users-to-tell.csv")
    context = {"found": found, "more": more, "number": asked.page, "told": told, "simulated": schedule.simulated()}
    context["due"] = due
    return render(request, "detection/notices/list.html", context)


@page("detection.read")
def telling(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    try:
        found = _asked(request, actor, draft)
    except NothingToTell as error:
        messages.error(request, str(error))
        return redirect("draft", draft)
    context = {"found": found, "audiences": Audience.choices, "languages": text.languages().values()}
    return render(request, "detection/notices/detail.html", context)


@page("detection.read")
def as_text(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    """Return the text alone as a file; its SHA-256 is recorded when the user is notified."""
    try:
        found = _asked(request, actor, draft)
    except NothingToTell as error:
        messages.error(request, str(error))
        return redirect("draft", draft)
    name = f"{found.line.number}-{found.audience}-{found.language.code}.txt"
    return text_file(name, found.text, found.language.code)


@action("detection.report")
@about(report_list.exists)
def told(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("audience", "language", "way")}

    def record() -> bool:
        schedule.tell(actor, draft, **given)
        return True

    if attempt(request, record):
        messages.success(request, _("Recorded: the user was notified."))
        return redirect("draft_informing", draft)
    return redirect("draft", draft)


def _asked(request: HttpRequest, actor: Actor, draft: UUID) -> schedule.Telling:
    return schedule.load_notice(actor, draft, request.GET.get("audience", ""), request.GET.get("language", ""))
