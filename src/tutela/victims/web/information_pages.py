"""Victim support's desk: information requests. Names no person; a proof of identity is never stored."""

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
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done, saved
from tutela.victims.information import (
    answers,
    authority_holds,
    identity,
    intake,
    items,
    representation,
    sightings,
    work_queue,
)
from tutela.victims.information.rows import READ, SUBJECT, WORK
from tutela.victims.information.work_queue import InformationFilter, exists
from tutela.victims.models import InformationStage
from tutela.victims.web import information_forms as forms

VIEWS = (
    (InformationStage.OPEN.value, gettext_lazy("to answer")),
    (work_queue.LATE, gettext_lazy("late")),
    (InformationStage.CLOSED.value, gettext_lazy("answered")),
    (work_queue.LETTERS, gettext_lazy("to tell by letter")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("request", gettext_lazy("Request"), lambda row: row.number),
    Column("asker", gettext_lazy("Who asks"), lambda row: row.asker),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("received", gettext_lazy("Received"), lambda row: row.received_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
    *work_list.COLUMNS,
)
saved_views.offer("information_requests", READ, f"view text {work_list.FIELDS}")


@page(READ)
def list_requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Information requests, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    view = asked.get("view", "") or InformationStage.OPEN.value
    wanted = InformationFilter(view, asked.get("text", "")[:20], work)
    listed, more = work_queue.list_requests(actor, wanted, wanted_part)
    found = paged(listed, COLUMNS, wanted_part.sort, work_queue.SORTS)
    if wanted_part.file:
        return found.csv("information-requests.csv")
    context = {
        "found": found,
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "now": clock.now(),
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "victims/information/list.html", context)


@page(WORK, write=WORK)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a request that came by letter or telephone."""
    initial = {"received_at": clock.now(), "language": actor.language}
    form = forms.EnterInformationForm(request.POST or None, initial=initial)
    if request.method == "POST":
        made = saved(form, lambda: intake.enter(actor, form.given()))
        if made is not None:
            messages.success(request, _("The request is entered."))
            return redirect("information_request", made)
    return render(request, "victims/information/new.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponse:
    """One request."""
    full = work_queue.load(actor, information)
    context = {
        "full": full,
        "identity_form": forms.IdentityForm(auto_id="identity_%s"),
        "items_form": forms.ItemsForm(auto_id="items_%s"),
        "own_forms": [
            (one, forms.OwnForm(initial={"place": one.place}, auto_id=f"own_{one.place}_%s")) for one in full.items
        ],
        "fact_form": forms.FactForm(full, auto_id="fact_%s"),
        "wish_form": forms.ChildWishForm(auto_id="wish_%s"),
        "asker_form": forms.AskerForm(auto_id="asker_%s"),
        "conflict_form": forms.ConflictForm(auto_id="conflict_%s"),
        "neutral_form": forms.NeutralForm(auto_id="neutral_%s"),
        "hold_form": forms.RequestHoldForm(auto_id="hold_%s"),
        "work": work_bar.load(actor, SUBJECT, information),
    }
    return render(request, "victims/information/detail.html", context)


@action(WORK)
@about(exists)
def check_identity(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record how identity was proved."""
    form = forms.IdentityForm(request.POST)

    def work() -> None:
        identity.check(actor, information, form.cleaned_data["method"], proved=form.cleaned_data["proved"] == "yes")

    return by_form(request, redirect("information_request", information), form, work, _("Recorded."))


@action(WORK)
@about(exists)
def delete_proof(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record that the proof is destroyed."""
    work = lambda: identity.delete_proof(actor, information)  # noqa: E731
    return done(request, redirect("information_request", information), work, _("The proof is deleted."))


@action(WORK)
@about(exists)
def add_items(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Add items that the request names."""
    form = forms.ItemsForm(request.POST)
    work = lambda: items.add(actor, information, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("information_request", information), form, work, _("Added."))


@action(WORK)
@about(exists)
def decide_own(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record whether an item shows the person."""
    form = forms.OwnForm(request.POST)

    def work() -> None:
        items.decide_own(actor, information, form.cleaned_data["place"], own=form.cleaned_data["own"] == "yes")

    return by_form(request, redirect("information_request", information), form, work, _("Recorded."))


@action(WORK)
@about(exists)
def add_fact(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record what is known of an own item."""
    form = forms.FactForm(work_queue.load(actor, information), request.POST)
    work = lambda: items.add_fact(actor, information, form.given())  # noqa: E731
    return by_form(request, redirect("information_request", information), form, work, _("Recorded."))


@action(WORK)
@confirmed()
@about(exists)
def add_sighting(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record that an own item was seen again after the answer."""
    form = forms.FactForm(work_queue.load(actor, information), request.POST)
    work = lambda: sightings.add(actor, information, form.given())  # noqa: E731
    return by_form(request, redirect("information_request", information), form, work, _("The sighting is recorded."))


@action(WORK)
@about(exists)
def record_letter(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record that the person was told of a sighting by letter."""
    work = lambda: sightings.record_letter(actor, information)  # noqa: E731
    return done(request, redirect("information_request", information), work, _("The letter is recorded."))


@action(WORK)
@about(exists)
def record_wish(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record the child's own wish."""
    form = forms.ChildWishForm(request.POST)
    work = lambda: representation.record_wish(actor, information, form.given())  # noqa: E731
    return by_form(request, redirect("information_request", information), form, work, _("The wish is recorded."))


@action(WORK)
@about(exists)
def record_conflict(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record whether a conflict of interest is excluded."""
    form = forms.ConflictForm(request.POST)

    def work() -> None:
        excluded = form.cleaned_data["excluded"] == "yes"
        representation.record_conflict(actor, information, form.cleaned_data["ground"], excluded=excluded)

    return by_form(request, redirect("information_request", information), form, work, _("Recorded."))


@action(WORK)
@about(exists)
def record_asker(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record that who asks is not the person in the pictures."""
    form = forms.AskerForm(request.POST)

    def work() -> None:
        representation.record_asker(actor, information, form.cleaned_data["asker"], form.cleaned_data["ground"])

    return by_form(request, redirect("information_request", information), form, work, _("Recorded."))


@action(WORK)
@about(exists)
def place_hold(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Record a hold that an authority asked for."""
    form = forms.RequestHoldForm(request.POST)

    def work() -> None:
        said = form.cleaned_data
        authority_holds.place(actor, information, form.authority_id(), said["last_day"], said["reason"])

    return by_form(request, redirect("information_request", information), form, work, _("The hold is recorded."))


@action(WORK)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def answer(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Answer with what is known of own items."""
    work = lambda: answers.give(actor, information)  # noqa: E731
    return done(request, redirect("information_request", information), work, _("The answer is given."))


@action(WORK)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def answer_neutral(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Answer with the neutral text."""
    form = forms.NeutralForm(request.POST)
    work = lambda: answers.give_neutral(actor, information, form.cleaned_data["reason"])  # noqa: E731
    to = redirect("information_request", information)
    return by_form(request, to, form, work, _("The neutral answer is given."))


@action(WORK)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, information: UUID) -> HttpResponseBase:
    """Take over the alerts about a request."""
    work = lambda: alert_answers.answer(actor, SUBJECT, information)  # noqa: E731
    return done(request, redirect("information_request", information), work, _("The alert is answered."))
