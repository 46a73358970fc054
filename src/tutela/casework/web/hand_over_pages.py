"""Hand-overs between agencies: list, a new one, one with its steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework import work_bar
from tutela.casework.alerts import answers as alert_answers
from tutela.casework.hand_overs import send, steps, work_queue
from tutela.casework.hand_overs.rows import READ, SUBJECT, WORK
from tutela.casework.hand_overs.work_queue import HandOverFilter, exists
from tutela.casework.models import Way
from tutela.casework.web import work_list
from tutela.casework.web.hand_over_forms import HandOverForm, HandOverReasonForm, HandOverStepForm
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done, saved

VIEWS = (
    (work_queue.OPEN, gettext_lazy("open")),
    (work_queue.LATE_VIEW, gettext_lazy("needs somebody")),
    (work_queue.NEW_VIEW, gettext_lazy("to accept or refuse")),
    (work_queue.ENDED_VIEW, gettext_lazy("ended")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("hand-over", gettext_lazy("Hand-over"), lambda row: row.number),
    Column("way", gettext_lazy("Way"), lambda row: row.way),
    Column("agency", gettext_lazy("Agency"), lambda row: row.agency_name),
    Column("need", gettext_lazy("Needed"), lambda row: row.need),
    Column("state", gettext_lazy("State"), lambda row: row.state),
    Column("due", gettext_lazy("Due"), lambda row: row.due_on),
    *work_list.COLUMNS,
)
saved_views.offer("hand_overs_list", READ, f"view text way {work_list.FIELDS}")


@page(READ)
def list_hand_overs(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Hand-overs, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = HandOverFilter(
        asked.get("view", "") or work_queue.OPEN, asked.get("text", "")[:20], asked.get("way", "")[:8], work
    )
    listed, more = work_queue.list_hand_overs(actor, wanted, wanted_part)
    found = paged(listed, COLUMNS, wanted_part.sort, work_queue.SORTS)
    if wanted_part.file:
        return found.csv("hand-overs.csv")
    context = {
        "found": found,
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "ways": Way.choices,
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "casework/hand_overs/list.html", context)


@page(WORK, write=WORK)
@confirmed()
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Hand a need over that has no case here; or hand a refused one over again."""
    form = HandOverForm(actor, request.POST or None)
    if request.method == "POST":
        made = saved(form, lambda: send.hand_over(actor, form.given()))
        if made is not None:
            messages.success(request, _("The need is handed over."))
            return redirect("hand_over_detail", made)
    return render(request, "casework/hand_overs/new.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponse:
    """One hand-over."""
    full = work_queue.load(actor, hand_over)
    context = {
        "full": full,
        "step_form": HandOverStepForm(full, auto_id="step_%s"),
        "again_form": HandOverForm(actor, auto_id="again_%s"),
        "reason_form": HandOverReasonForm(auto_id="reason_%s"),
        "work": work_bar.load(actor, SUBJECT, hand_over),
    }
    return render(request, "casework/hand_overs/detail.html", context)


@action(WORK)
@about(exists)
def take(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Answer for a hand-over."""
    return done(
        request,
        redirect("hand_over_detail", hand_over),
        lambda: steps.take(actor, hand_over),
        _("You answer for it now."),
    )


@action(WORK)
@about(exists)
def leave(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Answer for a hand-over no longer."""
    return done(
        request,
        redirect("hand_over_detail", hand_over),
        lambda: steps.leave(actor, hand_over),
        _("Nobody answers for it now."),
    )


@action(WORK)
@about(exists)
def step(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Record a step."""
    form = HandOverStepForm(work_queue.load(actor, hand_over), request.POST)

    def work() -> None:
        said = form.cleaned_data
        steps.step(actor, hand_over, said["state"], said["text"], said["because"])

    return by_form(request, redirect("hand_over_detail", hand_over), form, work, _("The step is recorded."))


@action(WORK)
@confirmed()
@about(exists)
def again(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Hand a refused need over to another agency."""
    form = HandOverForm(actor, request.POST)
    work = lambda: send.hand_over(actor, form.given(), replaces=hand_over)  # noqa: E731
    return by_form(request, redirect("hand_over_detail", hand_over), form, work, _("The need is handed over again."))


@action(WORK)
@confirmed()
@about(exists)
def settle(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Settle a refused hand-over without another one."""
    form = HandOverReasonForm(request.POST)
    work = lambda: send.settle(actor, hand_over, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("hand_over_detail", hand_over), form, work, _("The hand-over is settled."))


@action(WORK)
@confirmed()
@about(exists)
def withdraw(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Take a hand-over back."""
    form = HandOverReasonForm(request.POST)
    work = lambda: send.withdraw(actor, hand_over, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("hand_over_detail", hand_over), form, work, _("The hand-over is taken back."))


@action(WORK)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, hand_over: UUID) -> HttpResponseBase:
    """Take over the alerts about a hand-over."""
    work = lambda: alert_answers.answer(actor, SUBJECT, hand_over)  # noqa: E731
    return done(request, redirect("hand_over_detail", hand_over), work, _("The alert is answered."))
