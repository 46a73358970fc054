"""Pages of teams, and the page that reports many outcomes at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.errors import ExchangeError
from tutela.exchange.referral.outcome_csv import COLUMNS, MOST_ROWS
from tutela.investigations.referral_work import bulk_outcomes, teams
from tutela.investigations.web.forms import TeamForm
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import action, page

MOST_MEGABYTES = 2
# Without a name: what nobody has.
LOADS: tuple[Column[teams.Load], ...] = (
    Column("team", gettext_lazy("Team"), lambda one: one.team.name if one.team else None),
    Column(
        "level",
        gettext_lazy("Level"),
        lambda one: one.team.level if one.team else None,
        shown=lambda one: one.team.get_level_display() if one.team else None,
    ),
    Column("open", gettext_lazy("Open"), lambda one: one.open, number=True),
    Column("urgent", gettext_lazy("Urgent"), lambda one: one.urgent, number=True),
    Column("new", gettext_lazy("To acknowledge"), lambda one: one.new, number=True),
    Column("oldest", gettext_lazy("Oldest"), lambda one: one.oldest),
)
saved_views.offer("teams", "investigations.read", FIELDS)


@page("investigations.read", write="investigations.answer")
def list_teams(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The teams with their work; a form for a new one."""
    form = TeamForm(teams.chosen(actor), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            teams.make(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Team created."))
            return redirect("teams")
    found = arranged(request.GET, teams.loads(actor), LOADS)
    if as_file(request.GET):
        return found.csv("teams.csv")
    return render(request, "investigations/teams.html", {"form": form, "found": found})


@action("investigations.answer")
def end(request: HttpRequest, actor: Actor, team: UUID) -> HttpResponseBase:
    """End a team."""
    try:
        teams.end(actor, team)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("teams")


@action("investigations.answer")
def assign(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Give the referrals that were ticked to a team."""
    try:
        chosen = [UUID(text) for text in request.POST.getlist("referral")]
        to = UUID(request.POST["team"]) if request.POST.get("team") else None
    except ValueError:
        raise NotFound from None
    try:
        count = teams.assign(actor, chosen, to)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Referrals assigned: %(count)s.") % {"count": count})
    target = request.POST.get("next", "")
    return redirect(target if target.startswith("/desk/inbox/") else "inbox")


@page("investigations.answer", write="investigations.answer")
def outcomes(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """A table of outcomes, tried or taken."""
    told, trial = None, request.POST.get("trial") == "on"
    file = request.FILES.get("file")
    if request.method == "POST" and (file is None or (file.size or 0) > MOST_MEGABYTES << 20):
        messages.error(request, _("Choose a file of at most %(most)s MB.") % {"most": MOST_MEGABYTES})
    elif file is not None:
        try:
            told = bulk_outcomes.report(actor, file.read(), trial=trial)
        except (ExchangeError, TutelaError) as error:
            messages.error(request, str(error))
    context = {
        "told": told,
        "trial": trial,
        "columns": COLUMNS,
        "most": MOST_ROWS,
        "megabytes": MOST_MEGABYTES,
        "refused": sum(bool(one.error) for one in told or ()),
    }
    return render(request, "investigations/outcomes.html", context)
