"""Pages of the Centre's desk: the queue, one report, and the decisions on it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from tutela.casework import work_bar
from tutela.casework.exposure.budget import Budget
from tutela.casework.undo import delayed_actions
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.message.problem import in_words
from tutela.exchange.referral.handling_codes import Handling
from tutela.exchange.report.unfounded_reasons import UnfoundedReason
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Arranged, Column, as_file
from tutela.organisations.web.confirmation import confirmed, undoable
from tutela.organisations.web.page_access import action, page, page_number
from tutela.reports import cases
from tutela.reports.models import Report, State
from tutela.reports.referrals import delivery, orphaned_holds
from tutela.reports.report_detail import report_detail
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.scoring import scores as scoring_scores
from tutela.reports.state import retractions
from tutela.reports.triage import assess as triage_assess
from tutela.reports.triage import known_material, viewing_budget, work_queue
from tutela.reports.web.forms import AssessmentForm, BeyondForm, ErroneousForm, HandlingChoiceForm

STATES = {
    **dict(State.choices),
    work_queue.RETRACTED: gettext_lazy("retracted, unanswered"),
    work_queue.OVERDUE: gettext_lazy("asked, answer overdue"),
    work_queue.HOLD_ENDS: gettext_lazy("end of hold requested"),
    work_queue.DUPLICATE: gettext_lazy("duplicates"),
    work_queue.ALL: gettext_lazy("all"),
}
COLUMNS: tuple[Column[Report], ...] = (
    Column("report", gettext_lazy("Report"), lambda row: row.number),
    Column("state", gettext_lazy("State"), lambda row: row.state),
    Column("urgent", gettext_lazy("Urgent"), lambda row: "yes" if row.urgent else "no"),
    Column("urgency", gettext_lazy("Urgency"), lambda row: row.urgency),
    Column("relevance", gettext_lazy("Relevance"), lambda row: row.relevance),
    Column("completeness", gettext_lazy("Completeness"), lambda row: row.completeness),
    Column("provider", gettext_lazy("Provider"), lambda row: row.provider_name),
    Column("service", gettext_lazy("Service"), lambda row: row.service),
    Column("kinds", gettext_lazy("Kind"), lambda row: " ".join(row.kinds)),
    Column("country", gettext_lazy("Country"), lambda row: row.country),
    Column("bundle", gettext_lazy("Bundle"), lambda row: row.bundle.number),
    Column("received", gettext_lazy("Received"), lambda row: row.created_at),
    Column("look_by", gettext_lazy("Review by"), lambda row: row.look_by),
    *work_list.COLUMNS,
    Column("retracted", gettext_lazy("Retracted"), lambda row: "yes" if getattr(row, "retracted", False) else "no"),
)
saved_views.offer("reports", "reports.read", f"state provider kind text bundle sort urgent {work_list.FIELDS}")


@page("reports.read")
def list_reports(request: HttpRequest, actor: Actor) -> HttpResponse:
    fields = {k: request.GET.get(k, "") for k in ("provider", "kind", "text", "bundle", "sort")}
    state = request.GET.get("state") or "open"
    if fields["text"].strip() and state != work_queue.DUPLICATE:
        state = work_queue.ALL  # a number is looked for in every state
    wanted = work_queue.ReportFilter(
        state=state, urgent=bool(request.GET.get("urgent")), work=work_list.work_filter(request.GET), **fields
    )
    sort = work_queue.sort_of(wanted)
    if as_file(request.GET):
        rows = work_queue.export(actor, wanted)
        return Arranged(rows, COLUMNS, "", sort, len(rows)).csv("reports.csv")
    number = page_number(request)
    (rows, more), known = work_queue.lines(actor, wanted, number), known_material.count(actor)
    context = {
        "rows": rows,
        "more": more,
        "number": number,
        "wanted": wanted,
        "states": STATES,
        **work_list.choices(actor, SUBJECT, wanted.work),
        "choosing": _choosing(actor, wanted.state, known),
        "known": known,
        "found": Arranged(rows, COLUMNS, "", sort, len(rows)),
        "budget": _budget(actor),
    }
    return render(request, "reports/list.html", context)


def _choosing(actor: Actor, state: str, known: int) -> str:
    """The address by its name to which chosen reports of a state are sent; empty where nothing is done with several.

    Open reports are chosen only while some of them are `known` material.
    """
    if state == State.FORWARD and actor.can("reports.refer"):
        return "reports_refer_chosen"
    return "reports_mark_chosen" if state == State.OPEN and known and actor.can("reports.assess") else ""


def _budget(actor: Actor) -> Budget | None:
    with acting(actor):
        return viewing_budget.mine(actor)


@action("reports.assess")
@confirmed()
def forward_known(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    done = known_material.forward(actor)
    messages.success(request, _("Marked as relevant: %(count)s.") % {"count": done})
    return redirect("reports")


@page("reports.read")
def report(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponse:
    return _shown(request, actor, report)


def _shown(request: HttpRequest, actor: Actor, report: UUID, wrong: AssessmentForm | None = None) -> HttpResponse:
    """The report; with `wrong`, a decision that was refused, as it was filled in and with what is wrong in it."""
    full = report_detail.open_report(actor, report)
    context = {
        "full": full,
        "scores": {
            name: scoring_scores.breakdown(name, getattr(full.row, name), full.row.reasons[name])
            for name in ("urgency", "relevance", "completeness")
        },
        "assessment_form": wrong or AssessmentForm(initial=_begun(full)),
        "erroneous_form": ErroneousForm(),
        "handling_form": _handling_form(full),
        "budget": full.budget,
        "beyond_form": BeyondForm(),
        "may_undo": actor.can("reports.erroneous") and _decided(full),
        "work": work_bar.load(actor, SUBJECT, report),
    }
    return render(request, "reports/detail.html", context, status=422 if wrong else 200)


def _decided(full: report_detail.ReportView) -> bool:
    """Whether there is a decision that can turn out to be an error."""
    return bool(full.assessments) and full.row.state != "erroneous" and not full.row.duplicate_of_id


def _begun(full: report_detail.ReportView) -> dict[str, object]:
    """A decision before anything is chosen; of what was retracted the reason that is the likely one."""
    likely = UnfoundedReason.FILED_BY_MISTAKE.value if full.retraction and full.retraction.waits else ""
    return {"seen": len(full.assessments) + (full.retraction is not None), "code": likely}


def _handling_form(full: report_detail.ReportView) -> HandlingChoiceForm:
    stands = full.handling or Handling()
    return HandlingChoiceForm(
        initial={"codes": [one.value for one in stands.codes], "text": stands.text or "", "chosen": "yes"}
    )


@action("reports.assess")
@undoable
@asks_if_claimed(SUBJECT)
def assess(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    form = AssessmentForm(request.POST)
    if not form.is_valid():
        return _shown(request, actor, report, form)
    data = form.cleaned_data
    try:
        waits = delayed_actions.perform(actor, cases.ASSESS, report, data)
    except Invalid as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _shown(request, actor, report, form)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        if not waits:
            messages.success(request, _("Decision recorded."))
    return redirect("report", report)


@action("reports.refer")
@undoable
@asks_if_claimed(SUBJECT)
def refer(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    shown, form = request.POST.get("open_list") == "on", HandlingChoiceForm(request.POST)
    if not form.is_valid():
        messages.error(
            request, _("Codes must be H0 to H3. A restriction may have at most 2000 characters, a reason at most 600.")
        )
        return redirect("report", report)
    said = form.cleaned_data
    chosen = {"codes": said["codes"], "text": said["text"], "reason": said["why"]} if said["chosen"] else None
    try:
        waits = delayed_actions.perform(actor, cases.REFER, report, {"open_list": shown, "chosen": chosen})
    except ValidationError as error:
        messages.error(request, in_words(error))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        if not waits:
            messages.success(request, _("Referred. The package is being sent."))
    return redirect("report", report)


@action("reports.refer")
def again(request: HttpRequest, actor: Actor, report: UUID, referral: UUID) -> HttpResponseBase:
    attempt(request, lambda: delivery.send_again(actor, report, referral), _("The package is being sent again."))
    return redirect("report", report)


@action("reports.erroneous")
@confirmed()
def erroneous(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    form = ErroneousForm(request.POST or None)
    if form.is_valid():
        done = _("Undone. The provider and every authority that received the report are notified.")
        attempt(request, lambda: triage_assess.declare_erroneous(actor, report, **form.cleaned_data), done)
    else:
        messages.error(request, _("Enter a reason."))
    return redirect("report", report)


@action("reports.assess")
def retraction(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """Its provider retracted it, and it stands all the same."""
    reason = request.POST.get("reason", "")
    attempt(request, lambda: retractions.decline(actor, report, reason), _("Recorded. The Centre keeps the report."))
    return redirect("report", report)


@action("holds.end")
@confirmed()
def hold_end(request: HttpRequest, actor: Actor, report: UUID) -> HttpResponseBase:
    """One person asks with a reason; another ends the hold, or either leaves it active."""
    decision = request.POST.get("decision", "")
    if decision == "agree":
        attempt(
            request,
            lambda: orphaned_holds.end(actor, report),
            _("Hold ended. The provider now receives the notices that were held back."),
        )
    elif decision == "refuse":
        attempt(request, lambda: orphaned_holds.refuse(actor, report), _("The hold is unchanged."))
    else:
        reason = request.POST.get("reason", "")
        attempt(request, lambda: orphaned_holds.ask(actor, report, reason), _("Request sent. A second person decides."))
    return redirect("report", report)


def attempt(request: HttpRequest, act: Callable[[], object], done: str) -> None:
    """Call a capability and show its error, if any, as a message. `NotFound` stays a 404."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, in_words(error))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
