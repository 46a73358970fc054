"""Pages of reversals: list, one reversal, answers of people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework import work_bar
from tutela.casework.alerts import answers
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done
from tutela.redress.reversals import accept, work_queue
from tutela.redress.reversals.hops import ANSWER, READ, SUBJECT
from tutela.redress.reversals.work_queue import exists, hop_exists
from tutela.redress.web.forms.reversals import AcceptForm, KeepForm, OwnAnswerForm

VIEWS = (
    (work_queue.OPEN, gettext_lazy("open")),
    (work_queue.ANSWER, gettext_lazy("to answer")),
    (work_queue.LATE, gettext_lazy("late")),
    (work_queue.ENDED, gettext_lazy("finished")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("reversal", gettext_lazy("Reversal"), lambda row: row.number),
    Column("from", gettext_lazy("From"), lambda row: row.sender_name),
    Column("error", gettext_lazy("Error"), lambda row: row.error),
    Column("open", gettext_lazy("Open steps"), lambda row: row.open_hops, number=True),
    Column("outcome", gettext_lazy("Outcome"), lambda row: row.outcome),
    Column("begun", gettext_lazy("Begun"), lambda row: row.created_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
)
saved_views.offer("reversals", READ, "view text")


@page(READ)
def list_reversals(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Reversals, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    view, text = asked.get("view", "")[:10] or work_queue.OPEN, asked.get("text", "")[:20]
    rows, more = work_queue.list_reversals(actor, view, text, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("reversals.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "view": view,
        "text": text,
        "views": VIEWS,
        "asked": asked,
        "now": clock.now(),
    }
    return render(request, "redress/reversals/list.html", context)


@page(READ)
def show(request: HttpRequest, actor: Actor, reversal: UUID) -> HttpResponse:
    """One reversal with every recipient."""
    context = {
        "full": work_queue.load(actor, reversal),
        "accept_form": AcceptForm(auto_id="accept_%s"),
        "keep_form": KeepForm(auto_id="keep_%s"),
        "own_form": OwnAnswerForm(actor.organisation_kind, auto_id="own_%s"),
        "work": work_bar.load(actor, SUBJECT, reversal),
    }
    return render(request, "redress/reversals/detail.html", context)


@action(ANSWER)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def accept_reversal(request: HttpRequest, actor: Actor, reversal: UUID) -> HttpResponseBase:
    """Accept a reversal at the Centre."""
    form = AcceptForm(request.POST)
    work = lambda: accept.accept(actor, reversal, spare=form.cleaned_data["spare"])  # noqa: E731
    return by_form(request, redirect("reversal", reversal), form, work, _("Accepted. Every recipient is told."))


@action(ANSWER)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def keep(request: HttpRequest, actor: Actor, reversal: UUID) -> HttpResponseBase:
    """Answer that everything is kept, with a reason."""
    form = KeepForm(request.POST)
    work = lambda: accept.keep(actor, reversal, form.cleaned_data["because"])  # noqa: E731
    return by_form(request, redirect("reversal", reversal), form, work, _("The answer is recorded."))


@action(ANSWER)
@confirmed()
@about(hop_exists)
def answer(request: HttpRequest, actor: Actor, hop: UUID) -> HttpResponseBase:
    """Answer for the own measure or the own records."""
    form, to = OwnAnswerForm(actor.organisation_kind, request.POST), redirect("reversal", _reversal(actor, hop))
    return by_form(request, to, form, lambda: accept.answer(actor, hop, form.given()), _("The answer is recorded."))


@action(ANSWER)
@about(hop_exists)
def told(request: HttpRequest, actor: Actor, hop: UUID) -> HttpResponseBase:
    """Record what a recipient answered another way."""
    form = OwnAnswerForm(actor.organisation_kind, request.POST, prefix="other")
    to = redirect("reversal", _reversal(actor, hop))
    work = lambda: accept.told_otherwise(actor, hop, form.given())  # noqa: E731
    return by_form(request, to, form, work, _("The answer is recorded."))


@action(ANSWER)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, reversal: UUID) -> HttpResponseBase:
    """Take over the alerts about a reversal."""
    work = lambda: answers.answer(actor, SUBJECT, reversal)  # noqa: E731
    return done(request, redirect("reversal", reversal), work, _("The alert is answered."))


def _reversal(actor: Actor, hop: UUID) -> UUID:
    return work_queue.reversal_of(actor, hop)
