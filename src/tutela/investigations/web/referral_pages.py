"""The authority's desk: inbox, one referral, its package, answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from tutela import clock
from tutela.casework import work_bar
from tutela.casework.undo import delayed_actions
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.message.problem import in_words
from tutela.investigations import cases
from tutela.investigations.referral_work import answers, pdf, return_referral, teams, work_queue
from tutela.investigations.web.forms import AcknowledgementForm, HoldForm, OutcomeForm, ReturnForm
from tutela.organisations.errors import Erased
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Arranged, Column
from tutela.organisations.web.confirmation import confirmed, undoable
from tutela.organisations.web.page_access import about, action, page, page_number

STATES = {
    "new": gettext_lazy("to acknowledge"),
    "open": gettext_lazy("open"),
    "unfinished": gettext_lazy("not closed"),
    "closed": gettext_lazy("closed"),
    "withdrawn": gettext_lazy("withdrawn, not closed"),
    "returned": gettext_lazy("returned"),
    "all": gettext_lazy("all"),
}
COLUMNS: tuple[Column[Any], ...] = (
    Column("referral", gettext_lazy("Referral"), lambda row: row.number),
    Column("centre", gettext_lazy("Centre"), lambda row: row.centre_name),
    Column("urgent", gettext_lazy("Urgency"), lambda row: "yes" if row.urgent else "no"),
    Column("kinds", gettext_lazy("Kinds"), lambda row: row.kinds),
    Column("team", gettext_lazy("Team"), lambda row: row.team.name if row.team else None),
    Column("outcome", gettext_lazy("State"), lambda row: row.newest_outcome),
    Column("expires", gettext_lazy("Expires on"), lambda row: row.expires_at),
    Column("days_left", gettext_lazy("Days left"), lambda row: row.days_left, number=True),
    Column("received", gettext_lazy("Received"), lambda row: row.created_at),
    *work_list.COLUMNS,
)
saved_views.offer("inbox", "investigations.read", f"state text team urgent expiring sort {work_list.FIELDS}")


@page("investigations.read")
def inbox(request: HttpRequest, actor: Actor) -> HttpResponse:
    asked = request.GET
    wanted = work_queue.ReferralFilter(
        "all"
        if asked.get("text", "").strip()
        else asked.get("state") or "new",  # a number is looked for in every state
        asked.get("text", ""),
        asked.get("team", ""),
        asked.get("urgent") == "1",
        asked.get("expiring") == "1",
        asked.get("sort", ""),
        work_list.work_filter(asked),
    )
    sort = wanted.sort if wanted.sort in work_queue.SORTS else ""
    if asked.get("format") == "csv":
        rows = work_queue.export(actor, wanted)
        return Arranged(rows, COLUMNS, "", sort, len(rows)).csv("inbox.csv")
    number = page_number(request)
    rows, more = work_queue.inbox(actor, wanted, page=number)
    context = {
        "found": Arranged(rows, COLUMNS, "", sort, len(rows)),
        "rows": rows,
        "more": more,
        "number": number,
        "wanted": wanted,
        "states": STATES,
        "teams": teams.chosen(actor),
        "soon": clock.now() + work_queue.SOON,
        **work_list.choices(actor, cases.KIND, wanted.work),
    }
    return render(request, "investigations/list.html", context)


@page("investigations.read")
def referral(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponse:
    full = work_queue.open_referral(actor, referral)
    with acting(actor):
        cases.note_opening(actor, referral)
    files = len(full.package.evidence) if full.package else 0
    context = {
        "full": full,
        "acknowledgement_form": AcknowledgementForm(files=files),
        "files": files,
        "outcome_form": OutcomeForm(initial={"token": uuid7()}),
        "hold_form": HoldForm(initial={"token": uuid7()}),
        "return_form": ReturnForm(),
        "teams": teams.chosen(actor),
        "now": clock.now(),
        "quick": uuid7(),
        "soon": clock.now() + work_queue.SOON,
        "work": work_bar.load(actor, cases.KIND, referral),
    }
    return render(request, "investigations/detail.html", context)


@page("investigations.read")
def package(request: HttpRequest, actor: Actor, referral: UUID, form: str) -> HttpResponseBase:
    """The package as JSON, exactly as received, or as a printable PDF."""
    full = work_queue.open_referral(actor, referral, purpose_of_access=f"exported_{form}")
    if full.package is None:
        messages.error(request, str(Erased()))
        return redirect("referral", referral)
    if form == "json":
        data, kind = full.raw, "application/json"
    else:
        data, kind = pdf.render(full.package), "application/pdf"
    disposition = f'attachment; filename="{full.row.referral_id}.{form}"'
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": disposition})


@action("investigations.answer")
@undoable
@about(work_queue.exists)
@asks_if_claimed(cases.KIND)
def acknowledge(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    form = AcknowledgementForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A file reference can have at most 300 characters."))
        return redirect("referral", referral)
    return _answer(
        request,
        referral,
        lambda: delayed_actions.perform(actor, cases.ACKNOWLEDGE, referral, form.cleaned_data),
        _("Referral acknowledged."),
    )


@action("investigations.answer")
@confirmed()
@about(work_queue.exists)
@asks_if_claimed(cases.KIND)
def give_back(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    form = ReturnForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter why this referral is not yours."))
        return redirect("referral", referral)
    return _answer(
        request,
        referral,
        lambda: return_referral.give_back(actor, referral, **form.cleaned_data),
        _("The referral goes back to the Centre."),
    )


@action("investigations.answer")
@undoable
@about(work_queue.exists)
@asks_if_claimed(cases.KIND)
def outcome(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    form = OutcomeForm(request.POST or None)
    if not form.is_valid():
        messages.error(request, _("Choose the outcome and the release level."))
        return redirect("referral", referral)
    said = {**form.cleaned_data, "token": str(form.cleaned_data["token"] or uuid7())}
    return _answer(
        request,
        referral,
        lambda: delayed_actions.perform(actor, cases.OUTCOME, referral, said),
        _("Outcome sent to the Centre."),
    )


@action("investigations.answer")
@about(work_queue.exists)
def hold(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    form = HoldForm(request.POST or None)
    if not form.is_valid():
        messages.error(request, _("Enter a reason and a date."))
        return redirect("referral", referral)
    return _answer(
        request, referral, lambda: answers.ask_hold(actor, referral, **form.cleaned_data), _("Hold requested.")
    )


@action("investigations.answer")
@confirmed()
@about(work_queue.exists)
def hold_end(request: HttpRequest, actor: Actor, referral: UUID) -> HttpResponseBase:
    return _answer(request, referral, lambda: answers.end_hold(actor, referral), _("The hold has ended."))


def _answer(request: HttpRequest, referral: UUID, act: Callable[[], bool | None], done: str) -> HttpResponseBase:
    """Show the referral after an act, with its error if any. An act that waits for undo is shown by its page."""
    try:
        waits = act()
    except ValidationError as error:
        messages.error(request, in_words(error))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        if not waits:
            messages.success(request, done)
    return redirect("referral", referral)
