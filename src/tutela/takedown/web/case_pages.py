"""The hotline's desk: queue, new addresses, one case, assessment, trace, recheck."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework import work_bar
from tutela.casework.alerts import answers
from tutela.casework.undo import delayed_actions
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.exchange.takedown.look import Conditions, Watcher
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.organisations.web.confirmation import undoable
from tutela.organisations.web.page_access import about, action, page, part
from tutela.takedown import cases
from tutela.takedown.assessment import assess as assessments
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work import detail, work_queue
from tutela.takedown.case_work.work_queue import READ, CaseFilter, exists
from tutela.takedown.hosts import host_trace
from tutela.takedown.intake import enter_addresses
from tutela.takedown.intake.open_case import Reported
from tutela.takedown.models import Availability, Source, Stage
from tutela.takedown.rechecks import access_conditions, check
from tutela.takedown.web.examination.item_pages import TaskForm, item_forms
from tutela.takedown.web.forms import (
    AddressesForm,
    AnswerForm,
    AssessmentForm,
    ConditionsForm,
    EvidenceForm,
    HoldForm,
    NoticeForm,
    PoliceForm,
)
from tutela.takedown.web.orders.forms import RequestForm
from tutela.takedown.web.partners.partner_forms import TakeBackForm
from tutela.takedown.web.steps import done, refused, to_case

ASSESS = "takedown.assess"
PARTNERS = ((work_queue.WITH, gettext_lazy("with a partner")), (work_queue.SILENT, gettext_lazy("no answer")))
STAGES = (*Stage.choices, (work_queue.ALL, gettext_lazy("all")))
COLUMNS: tuple[Column[Any], ...] = (
    Column("case", gettext_lazy("Case"), lambda row: row.number),
    Column("urgent", gettext_lazy("Urgent"), lambda row: "yes" if row.urgent else "no"),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("verdict", gettext_lazy("Verdict"), lambda row: row.verdict),
    Column("country", gettext_lazy("Hosting country"), lambda row: row.hosting_country),
    Column("provider", gettext_lazy("Provider"), lambda row: row.provider),
    Column("availability", gettext_lazy("Availability"), lambda row: row.availability),
    Column("reports", gettext_lazy("Reports"), lambda row: row.reports, number=True),
    Column("source", gettext_lazy("Source"), lambda row: row.source),
    Column("reported", gettext_lazy("Reported"), lambda row: row.reported_at),
    *work_list.COLUMNS,
)
saved_views.offer("takedown", READ, f"stage text country source availability urgent notice partner {work_list.FIELDS}")


@page(READ)
def list_cases(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Cases by stage, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = CaseFilter(
        work_queue.ALL if asked.get("text", "").strip() else asked.get("stage", "") or Stage.ASSESS,
        asked.get("text", "")[:40],
        asked.get("country", "")[:2],
        asked.get("source", "")[:10],
        asked.get("availability", "")[:16],
        asked.get("urgent") == "1",
        asked.get("notice", "")[:10],
        asked.get("partner", "")[:6],
        work,
    )
    rows, more = work_queue.list_cases(actor, wanted, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("takedown.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "stages": STAGES,
        "sources": Source.choices,
        "findings": Availability.choices,
        "countries": sorted(COUNTRIES.items(), key=lambda one: str(one[1])),
        "with_partner": PARTNERS,
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "takedown/list.html", context)


@page(ASSESS, write=ASSESS)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter addresses by hand; each line has its own result."""
    form, results = AddressesForm(actor, request.POST or None), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        reported = Reported(Source(given["source"]), urgent=given["urgent"], reference=given["reference"])
        try:
            results = enter_addresses.enter(actor, given["addresses"], reported, given["mandate"])
        except Invalid as error:
            form.add_error(error.field, str(error))
        if results and len(results) == 1 and results[0].case is not None:
            return redirect("takedown_case", results[0].case.id)
    return render(request, "takedown/new.html", {"form": form, "results": results})


@page(READ)
def case(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponse:
    """One case."""
    full = detail.load_case(actor, case)
    context = {
        "full": full,
        "work": work_bar.load(actor, cases.KIND, case),
        "assessed": actor.reference in full.assessed_by,
        "assessment_form": AssessmentForm(),
        **item_forms(full.examination),
        "task_form": TaskForm(actor, full.examination.machines),
        "police_form": PoliceForm(actor),
        "hold_form": HoldForm(actor),
        "evidence_form": EvidenceForm(),
        "notice_form": NoticeForm(actor, initial={"language": settings.LANGUAGE_CODE}),
        "answer_form": AnswerForm(),
        "order_request_form": RequestForm(actor),
        "back_form": TakeBackForm(),
        "conditions_form": ConditionsForm(initial=vars(full.conditions)),
    }
    return render(request, "takedown/detail.html", context)


@action(ASSESS)
@undoable
@about(exists)
@asks_if_claimed(SUBJECT)
def assess(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = AssessmentForm(request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)

    def work() -> str:
        # A trial of the act counts no look-up, so the digest is looked up before it.
        assessments.look_up(actor, cases.judgement(form.cleaned_data))
        waits = delayed_actions.perform(actor, cases.ASSESS, case, form.cleaned_data)
        return "" if waits else _("Assessment recorded.")

    return done(request, to_case(case), work)


@action(ASSESS)
@about(exists)
def trace_host(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    return done(request, to_case(case), lambda: host_trace.trace(actor, case), _("Host traced."))


@action(ASSESS)
@about(exists)
def conditions(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = ConditionsForm(request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = Conditions(**form.cleaned_data)
    work = lambda: access_conditions.set_conditions(actor, case, given)  # noqa: E731
    return done(request, to_case(case), work, _("Access conditions recorded."))


@action(ASSESS)
@about(exists)
def recheck(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    return done(request, to_case(case), lambda: check.recheck(actor, case, [Watcher()]), _("Address rechecked."))


@action(ASSESS)
@about(exists)
def seen(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """What a person saw who may look."""
    absent = request.POST.get("seen") == "absent"
    if not absent and request.POST.get("seen") != "there":
        messages.error(request, _("Choose what you saw."))
        return redirect("takedown_case", case)
    return done(request, to_case(case), lambda: check.seen(actor, case, absent=absent), _("Recorded."))


@action(ASSESS)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    text = _("You have answered this alert. A new alert follows if the deadline passes.")
    return done(request, to_case(case), lambda: answers.answer(actor, SUBJECT, case), text)
