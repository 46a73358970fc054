"""Victim support's desk: support cases. No page names a person; the identity is in the vault."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework import work_bar
from tutela.casework.alerts import answers as alert_answers
from tutela.casework.hand_overs import rows as hand_over_rows
from tutela.casework.web import work_list
from tutela.casework.web.hand_over_forms import HandOverForm
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done, saved
from tutela.victims.models import SupportStage
from tutela.victims.support import agencies, assessment, begin, care, interviews, services, work_queue
from tutela.victims.support.rows import READ, SUBJECT, WORK
from tutela.victims.support.work_queue import SupportFilter, exists
from tutela.victims.web import support_forms as forms

VIEWS = (
    (work_queue.OPEN, gettext_lazy("open")),
    (work_queue.LATE, gettext_lazy("late")),
    *((one.value, one.label) for one in SupportStage),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("case", gettext_lazy("Case"), lambda row: row.number),
    Column("for", gettext_lazy("For"), lambda row: row.support_for),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("treatment", gettext_lazy("Treatment"), lambda row: row.treatment),
    Column("follow-up", gettext_lazy("Follow-up"), lambda row: row.follow_up),
    Column("interviews", gettext_lazy("Interviews"), lambda row: row.heard, number=True),
    Column("received", gettext_lazy("First contact"), lambda row: row.received_at),
    *work_list.COLUMNS,
)
saved_views.offer("support_cases", READ, f"view text {work_list.FIELDS}")


@page(READ)
def list_cases(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Support cases, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = SupportFilter(asked.get("view", "") or work_queue.OPEN, asked.get("text", "")[:20], work)
    listed, more = work_queue.list_cases(actor, wanted, wanted_part)
    found = paged(listed, COLUMNS, wanted_part.sort, work_queue.SORTS)
    if wanted_part.file:
        return found.csv("support-cases.csv")
    context = {
        "found": found,
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "now": clock.now(),
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "victims/support/list.html", context)


@page(WORK, write=WORK)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Begin a case at the desk."""
    initial = {"received_at": clock.now(), "language": actor.language}
    form = forms.EnterSupportForm(request.POST or None, initial=initial)
    if request.method == "POST":
        made = saved(form, lambda: begin.enter(actor, form.given()))
        if made is not None:
            messages.success(request, _("The case is begun."))
            return redirect("support_case", made)
    return render(request, "victims/support/new.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponse:
    """One case."""
    full = work_queue.load(actor, support)
    initial = {"gender": full.row.wanted_gender, "person": full.row.chosen_person}
    context = {
        "full": full,
        "wish_form": forms.WishForm(actor, initial=initial, auto_id="wish_%s"),
        "assessment_form": forms.NeedsForm(auto_id="assessment_%s"),
        "offer_form": forms.OfferForm(auto_id="offer_%s"),
        "service_forms": [(one, forms.ServiceStateForm(one, auto_id=f"service_{one.pk}_%s")) for one in full.services],
        "interview_form": forms.InterviewForm(auto_id="interview_%s"),
        "care_form": forms.CareForm(auto_id="care_%s"),
        "hand_over_form": HandOverForm(actor, auto_id="hand_over_%s"),
        "work": work_bar.load(actor, SUBJECT, support),
    }
    return render(request, "victims/support/detail.html", context)


@action(WORK)
@about(exists)
def choose(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Record with whom the person wants to speak."""
    form = forms.WishForm(actor, request.POST)

    def work() -> None:
        begin.choose_at_desk(actor, support, form.cleaned_data["gender"], form.cleaned_data["person"])

    return by_form(request, redirect("support_case", support), form, work, _("The choice is recorded."))


@action(WORK)
@about(exists)
def assess(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Record an assessment of needs."""
    form = forms.NeedsForm(request.POST)
    work = lambda: assessment.assess(actor, support, form.given())  # noqa: E731
    return by_form(request, redirect("support_case", support), form, work, _("The assessment is recorded."))


@action(WORK)
@about(exists)
def offer(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Offer services."""
    form = forms.OfferForm(request.POST)
    work = lambda: services.offer(actor, support, tuple(form.cleaned_data["kinds"]))  # noqa: E731
    return by_form(request, redirect("support_case", support), form, work, _("The services are offered."))


@action(WORK)
@about(exists, services.has)
def change_service(request: HttpRequest, actor: Actor, support: UUID, service_row: UUID) -> HttpResponseBase:
    """Record what became of a service."""
    state, text = request.POST.get("state", "")[:8], request.POST.get("text", "")[:400]
    work = lambda: services.change(actor, support, service_row, state, text)  # noqa: E731
    return done(request, redirect("support_case", support), work, _("Recorded."))


@action(WORK)
@about(exists)
def add_interview(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Record an interview."""
    form = forms.InterviewForm(request.POST)
    work = lambda: interviews.add(actor, support, form.given())  # noqa: E731
    return by_form(request, redirect("support_case", support), form, work, _("The interview is recorded."))


@action(WORK)
@about(exists)
def change_care(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Move the treatment or the follow-up to a state."""
    form = forms.CareForm(request.POST)

    def work() -> None:
        said = form.cleaned_data
        care.change(actor, support, said["part"], said["state"], said["text"])

    return by_form(request, redirect("support_case", support), form, work, _("Recorded."))


@action(hand_over_rows.WORK)
@confirmed()
@about(exists)
def hand_over(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Hand a need of the case over to another agency."""
    form = HandOverForm(actor, request.POST)
    work = lambda: agencies.hand_over(actor, support, form.given(SUBJECT, support))  # noqa: E731
    return by_form(request, redirect("support_case", support), form, work, _("The need is handed over."))


@action(WORK)
@confirmed()
@about(exists)
def close(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Close the case."""
    work = lambda: care.close(actor, support)  # noqa: E731
    return done(request, redirect("support_case", support), work, _("The case is closed."))


@action(WORK)
@about(exists)
def reopen(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Open a closed case again."""
    work = lambda: begin.reopen(actor, support)  # noqa: E731
    return done(request, redirect("support_case", support), work, _("The case is open again."))


@action(WORK)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, support: UUID) -> HttpResponseBase:
    """Take over the alerts about a case."""
    work = lambda: alert_answers.answer(actor, SUBJECT, support)  # noqa: E731
    return done(request, redirect("support_case", support), work, _("The alert is answered."))
