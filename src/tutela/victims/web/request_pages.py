"""Victim support's desk: removal requests, one request with its steps, hosts of the scheme."""

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
from tutela.victims.case_work import closing_letter, end_mandates, flags, look_up, work_queue
from tutela.victims.case_work import withdraw as withdrawal
from tutela.victims.case_work.work_queue import RequestFilter, exists
from tutela.victims.hosts import scheme_hosts, send
from tutela.victims.hotlines import hand_over, searches
from tutela.victims.models import ActsFor, RequestStage
from tutela.victims.removal import contact, intake
from tutela.victims.removal.rows import READ, SUBJECT, WORK
from tutela.victims.web import forms

VIEWS = (
    (work_queue.TO_DO, gettext_lazy("to do")),
    (RequestStage.NEW.value, gettext_lazy("to begin")),
    (work_queue.LATE, gettext_lazy("late")),
    (work_queue.FLAGGED, gettext_lazy("held by a rule")),
    (RequestStage.WORKING.value, gettext_lazy("under way")),
    (RequestStage.PAUSED.value, gettext_lazy("paused")),
    (RequestStage.CLOSED.value, gettext_lazy("closed")),
    (RequestStage.WITHDRAWN.value, gettext_lazy("withdrawn")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("request", gettext_lazy("Request"), lambda row: row.number),
    Column("by", gettext_lazy("Request by"), lambda row: row.acts_for),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("pictures", gettext_lazy("Pictures"), lambda row: row.files, number=True),
    Column("addresses", gettext_lazy("Addresses"), lambda row: row.places, number=True),
    Column("received", gettext_lazy("Received"), lambda row: row.received_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
    *work_list.COLUMNS,
)
saved_views.offer("removals", READ, f"view text acts_for {work_list.FIELDS}")


@page(READ)
def list_requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Removal requests, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = RequestFilter(
        asked.get("view", "") or work_queue.TO_DO, asked.get("text", "")[:20], asked.get("acts_for", "")[:13], work
    )
    rows, more = work_queue.list_requests(actor, wanted, wanted_part)
    found = paged(rows, COLUMNS, wanted_part.sort, work_queue.SORTS)
    if wanted_part.file:
        return found.csv("removal-requests.csv")
    context = {
        "found": found,
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "who": ActsFor.choices,
        "now": clock.now(),
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "victims/requests/list.html", context)


@page(WORK, write=WORK)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a request that came by letter or telephone."""
    form = forms.EnterForm(request.POST or None, initial={"received_at": clock.now(), "language": actor.language})
    if request.method == "POST":
        made = saved(form, lambda: intake.enter(actor, form.given()))
        if made is not None:
            messages.success(request, _("The request is entered."))
            return redirect("removal_request", made)
    return render(request, "victims/requests/new.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponse:
    """One request."""
    full = work_queue.load(actor, removal)
    context = {
        "full": full,
        "add_form": forms.AddForm(auto_id="add_%s"),
        "hosts_form": forms.HostsForm(full, auto_id="hosts_%s"),
        "hotline_form": forms.HotlineForm(actor, auto_id="hotline_%s"),
        "search_form": forms.SearchForm(actor, auto_id="search_%s"),
        "mandate_form": forms.MandateForm(auto_id="mandate_%s"),
        "contact_form": forms.ContactNoteForm(auto_id="contact_%s"),
        "withdraw_form": forms.WithdrawForm(auto_id="withdraw_%s"),
        "release_forms": [_release_form(one) for one in full.flags if one.released_at is None],
        "work": work_bar.load(actor, SUBJECT, removal),
    }
    return render(request, "victims/requests/detail.html", context)


@action(WORK)
@about(exists)
def add(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Add addresses and fingerprints."""
    form = forms.AddForm(request.POST)
    work = lambda: intake.add_text(actor, removal, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("Added."))


@action(WORK)
@about(exists)
def ask_register(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Look up whether the register has the files, to choose the fastest way."""
    work = lambda: look_up.look_up(actor, removal)  # noqa: E731
    return done(request, redirect("removal_request", removal), work, _("The Centre was asked."))


@action(WORK)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def send_to_hosts(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Send the fingerprints to hosts."""
    form = forms.HostsForm(work_queue.load(actor, removal), request.POST)
    work = lambda: send.send(actor, removal, form.given())  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("The fingerprints are sent."))


@action(WORK)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def send_to_hotline(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Hand the addresses over to a hotline."""
    form = forms.HotlineForm(actor, request.POST)
    work = lambda: hand_over.hand_over(actor, removal, form.hotline_id())  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("The addresses are handed over."))


@action(WORK)
@confirmed()
@about(exists)
def search(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Ask a hotline to search public hosts."""
    form = forms.SearchForm(actor, request.POST)
    work = lambda: searches.ask(actor, removal, form.hotline_id(), form.cleaned_data["last_day"])  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("The search is requested."))


@action(WORK)
@confirmed()
@about(exists)
def release(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Decide about what a rule held back."""
    form = forms.ReleaseForm(request.POST)

    def work() -> None:
        said = form.cleaned_data
        flags.release(actor, removal, said["kind"], said["place"], said["reason"], allowed=said["allowed"] == "yes")

    return by_form(request, redirect("removal_request", removal), form, work, _("The decision is recorded."))


@action(WORK)
@confirmed()
@about(exists)
def mandate(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Record a mandate."""
    form = forms.MandateForm(request.POST)
    work = lambda: end_mandates.add(actor, removal, form.given())  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("The mandate is recorded."))


@action(WORK)
@confirmed()
@about(exists, end_mandates.has)
def end_mandate(request: HttpRequest, actor: Actor, removal: UUID, representative: UUID) -> HttpResponseBase:
    """End a mandate."""
    work = lambda: end_mandates.by_staff(actor, removal, representative)  # noqa: E731
    return done(request, redirect("removal_request", removal), work, _("The mandate has ended."))


@action(WORK)
@about(exists)
def note_contact(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Record that the person was contacted, or not reached."""
    form = forms.ContactNoteForm(request.POST)

    def work() -> None:
        contact.note(actor, removal, form.cleaned_data["text"], reached=form.cleaned_data["reached"] == "yes")

    return by_form(request, redirect("removal_request", removal), form, work, _("Recorded."))


@action(WORK)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def close(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Close the request with its letter."""
    work = lambda: closing_letter.close(actor, removal)  # noqa: E731
    return done(request, redirect("removal_request", removal), work, _("The request is closed."))


@action(WORK)
@confirmed()
@about(exists)
def withdraw(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Withdraw the request, because its person told staff so."""
    form = forms.WithdrawForm(request.POST)
    work = lambda: withdrawal.by_staff(actor, removal, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("removal_request", removal), form, work, _("The request is withdrawn."))


@action(WORK)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, removal: UUID) -> HttpResponseBase:
    """Take over the alerts about a request."""
    work = lambda: alert_answers.answer(actor, SUBJECT, removal)  # noqa: E731
    return done(request, redirect("removal_request", removal), work, _("The alert is answered."))


@page(READ)
def list_hosts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Hosts of the scheme with their terms."""
    return render(request, "victims/requests/hosts.html", {"hosts": scheme_hosts.list_hosts(actor)})


def _release_form(flag: Any) -> tuple[Any, forms.ReleaseForm]:
    initial = {"kind": flag.kind, "place": flag.place}
    return flag, forms.ReleaseForm(initial=initial, auto_id=f"release_{flag.kind}_{flag.place}_%s")
