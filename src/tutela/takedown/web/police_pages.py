"""Steps towards the police on a case."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations.web.page_access import about, action
from tutela.takedown.case_work.work_queue import exists
from tutela.takedown.police import police_steps
from tutela.takedown.web.forms import EvidenceForm, HoldForm, PoliceForm
from tutela.takedown.web.steps import done, refused

NOTIFY = police_steps.NOTIFY


@action(NOTIFY)
@about(exists)
def report(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = PoliceForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, case, form)
    given = form.cleaned_data
    work = lambda: police_steps.report(actor, case, given["authority"], given["reference"])  # noqa: E731
    return done(request, case, work, _("Report to the police recorded."))


@action(NOTIFY)
@about(exists)
def evidence(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = EvidenceForm(request.POST)
    if not form.is_valid():
        return refused(request, case, form)
    given = form.cleaned_data

    def work() -> None:
        if given["reference"]:
            police_steps.seal_evidence(actor, case, given["reference"])
        else:
            police_steps.without_evidence(actor, case, given["reason"])

    return done(request, case, work, _("Recorded."))


@action(NOTIFY)
@about(exists)
def hold(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = HoldForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, case, form)
    return done(
        request, case, lambda: police_steps.hold(actor, case, **form.cleaned_data), _("The notice waits until then.")
    )


@action(NOTIFY)
@about(exists)
def hold_end(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    return done(request, case, lambda: police_steps.end_hold(actor, case), _("The hold has ended."))
