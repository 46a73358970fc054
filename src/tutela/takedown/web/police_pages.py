"""Steps towards the police on a case, and waits before notices."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.case_work.work_queue import exists
from tutela.takedown.police import notice_waits, police_steps
from tutela.takedown.web.forms import EvidenceForm, HoldForm, PoliceForm, WaitForm
from tutela.takedown.web.steps import done, refused, to_case

NOTIFY = police_steps.NOTIFY


@action(NOTIFY)
@confirmed()
@about(exists)
def report(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = PoliceForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = form.cleaned_data
    work = lambda: police_steps.report(actor, case, given["authority"], given["reference"])  # noqa: E731
    return done(request, to_case(case), work, _("Report to the police recorded."))


@action(NOTIFY)
@about(exists)
def evidence(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = form.cleaned_data

    def work() -> None:
        if given["reference"]:
            police_steps.seal_evidence(actor, case, given["reference"])
        else:
            police_steps.without_evidence(actor, case, given["reason"])

    return done(request, to_case(case), work, _("Recorded."))


@action(NOTIFY)
@about(exists)
def hold(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = HoldForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    return done(
        request,
        to_case(case),
        lambda: police_steps.hold(actor, case, **form.cleaned_data),
        _("The notice waits until then."),
    )


@action(NOTIFY)
@confirmed()
@about(exists)
def hold_end(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    try:
        which = UUID(request.POST.get("hold", ""))
    except ValueError:
        raise NotFound from None
    return done(request, to_case(case), lambda: police_steps.end_hold(actor, case, which), _("The hold has ended."))


@action(NOTIFY)
@confirmed()
@about(exists)
def hand_over(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    reason = request.POST.get("reason", "")[:2000]
    return done(
        request, to_case(case), lambda: police_steps.hand_over(actor, case, reason), _("The case is handed over.")
    )


@page(notice_waits.READ, write=notice_waits.CHANGE)
def waits(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The waits before notices, and a form for a new one."""
    form = WaitForm(request.POST or None, initial={"valid_from": clock.now().date()})
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            notice_waits.add(actor, notice_waits.WaitInput(**form.cleaned_data))
            messages.success(request, _("The wait is recorded."))
            return redirect("notice_waits")
        except TutelaError as error:
            form.add_error(None, str(error))
            status = error.status
    context = {"form": form, "waits": notice_waits.list_waits(actor), "may_change": actor.can(notice_waits.CHANGE)}
    return render(request, "takedown/waits.html", context, status=status)
