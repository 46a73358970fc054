"""Pages of data subjects: requests, breaches, records of processing, hand-over, and the table of deadlines."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework.alerts import answers as alert_answers
from tutela.events.actor import Actor
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done, saved
from tutela.redress.data_subjects import answers, breaches, processing_records, requests
from tutela.redress.data_subjects.requests import MANAGE, READ
from tutela.redress.deadlines import table
from tutela.redress.web.forms.breaches import BreachForm, BreachNoticeForm
from tutela.redress.web.forms.data_subjects import AnswerRequestForm, CaseForm, NoteForm, RequestForm
from tutela.redress.web.forms.processing_records import HandOverForm, ProcessingRecordForm

VIEWS = (("open", gettext_lazy("to answer")), ("closed", gettext_lazy("answered")), ("all", gettext_lazy("all")))


@page(READ)
def list_requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Requests of data subjects."""
    wanted = part(request)
    view, text = request.GET.get("view", "")[:10] or "open", request.GET.get("text", "")[:20]
    rows, more = requests.list_requests(actor, view, text, wanted)
    context = {"rows": rows, "more": more, "number": wanted.page, "view": view, "text": text, "views": VIEWS}
    return render(request, "redress/privacy/requests.html", {**context, "asked": request.GET})


@page(MANAGE, write=MANAGE)
def new_request(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a request."""
    form = RequestForm(actor, request.POST or None, initial={"received_at": clock.now()})
    if request.method == "POST":
        made = saved(form, lambda: requests.add(actor, form.given()))
        if made is not None:
            messages.success(request, _("The request is entered."))
            return redirect("data_request", made)
    return render(request, "redress/privacy/new_request.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show_request(request: HttpRequest, actor: Actor, data_request: UUID) -> HttpResponse:
    """One request."""
    full = requests.load(actor, data_request)
    context = {
        "full": full,
        "letter": answers.letter(full.row, full.answer) if full.answer else "",
        "neutral_letter": answers.neutral_letter(full.row),
        "answer_form": AnswerRequestForm(full),
        "note_form": NoteForm(auto_id="identify_%s"),
        "case_form": CaseForm(auto_id="case_%s"),
    }
    return render(request, "redress/privacy/request.html", context)


@action(MANAGE)
@about(requests.exists)
def identify(request: HttpRequest, actor: Actor, data_request: UUID) -> HttpResponseBase:
    """Record how the person was identified."""
    form, to = NoteForm(request.POST), redirect("data_request", data_request)
    work = lambda: requests.identify(actor, data_request, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, to, form, work, _("Recorded."))


@action(MANAGE)
@confirmed()
@about(requests.exists)
def extend(request: HttpRequest, actor: Actor, data_request: UUID) -> HttpResponseBase:
    """Extend the deadline of a request."""
    form, to = NoteForm(request.POST), redirect("data_request", data_request)
    work = lambda: requests.extend(actor, data_request, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, to, form, work, _("The deadline is extended."))


@action(MANAGE)
@confirmed()
@about(requests.exists)
def answer(request: HttpRequest, actor: Actor, data_request: UUID) -> HttpResponseBase:
    """Answer a request."""
    form = AnswerRequestForm(requests.load(actor, data_request), request.POST)
    work = lambda: answers.answer(actor, data_request, form.given())  # noqa: E731
    return by_form(request, redirect("data_request", data_request), form, work, _("The answer is recorded."))


@action(MANAGE)
@about(requests.exists)
def name_case(request: HttpRequest, actor: Actor, data_request: UUID) -> HttpResponseBase:
    """Record the case that a request is about."""
    form = CaseForm(request.POST)
    work = lambda: requests.name_case(actor, data_request, form.cleaned_data["about"])  # noqa: E731
    return by_form(request, redirect("data_request", data_request), form, work, _("Recorded."))


@page(READ, write=MANAGE)
def list_breaches(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Breaches, and a form for a new one."""
    form, wanted = BreachForm(request.POST or None, initial={"known_at": clock.now()}), part(request)
    if request.method == "POST":
        made = saved(form, lambda: breaches.add(actor, form.given()))
        if made is not None:
            messages.success(request, _("The breach is entered. Its clock of 72 hours runs."))
            return redirect("breach", made)
    rows, more = breaches.list_breaches(actor, wanted, still_open=request.GET.get("view") == "open")
    context = {"rows": rows, "more": more, "number": wanted.page, "form": form, "asked": request.GET}
    context["still_open"] = request.GET.get("view") == "open"
    return render(request, "redress/privacy/breaches.html", context, status=422 if form.errors else 200)


@page(READ)
def show_breach(request: HttpRequest, actor: Actor, breach: UUID) -> HttpResponse:
    """One breach."""
    context = {"full": breaches.load(actor, breach), "form": BreachNoticeForm(), "now": clock.now()}
    return render(request, "redress/privacy/breach.html", context)


@action(MANAGE)
@confirmed()
@about(breaches.exists)
def notify(request: HttpRequest, actor: Actor, breach: UUID) -> HttpResponseBase:
    """Record a notice of a breach."""
    form = BreachNoticeForm(request.POST)
    work = lambda: breaches.notify(actor, breach, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("breach", breach), form, work, _("The notice is recorded."))


@action(MANAGE)
@about(breaches.exists)
def answer_breach_alert(request: HttpRequest, actor: Actor, breach: UUID) -> HttpResponseBase:
    """Take over the alerts about a breach."""
    work = lambda: alert_answers.answer(actor, breaches.SUBJECT, breach)  # noqa: E731
    return done(request, redirect("breach", breach), work, _("The alert is answered."))


@page(READ, write=MANAGE)
def records(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Records of processing activities, and a form for a new one."""
    form = ProcessingRecordForm(request.POST or None)

    def work() -> bool:
        processing_records.add(actor, form.given())
        return True

    if request.method == "POST" and saved(form, work):
        messages.success(request, _("The record is entered."))
        return redirect("processing_records")
    context = {"rows": processing_records.list_records(actor), "form": form}
    return render(request, "redress/privacy/records.html", context, status=422 if form.errors else 200)


@page(READ, write=MANAGE)
def hand_over(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Hand-over when the organisation closes."""
    form = HandOverForm(actor, request.POST or None)

    def work() -> bool:
        said = form.cleaned_data
        successor = UUID(said["successor"]) if said["successor"] else None
        processing_records.hand_over(actor, said["closes_on"], successor, said["text"])
        return True

    if request.method == "POST" and saved(form, work):
        messages.success(request, _("The hand-over is recorded."))
        return redirect("hand_over")
    context = {"rows": processing_records.list_hand_overs(actor), "form": form}
    return render(request, "redress/privacy/hand_over.html", context, status=422 if form.errors else 200)


@page(READ)
def deadlines(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The table of deadlines with citation and status."""
    return render(request, "redress/privacy/deadlines.html", {"rows": table.table()})
