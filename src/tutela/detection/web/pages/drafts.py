"""Pages for reports: the list, one report, its changes, sending, discarding and retraction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.casework import work_bar
from tutela.casework.undo import delayed_actions
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.detection import cases
from tutela.detection.drafts import drafts, dsa_notification, precheck
from tutela.detection.drafts import retract as drafts_retract
from tutela.detection.errors import CentreAway, CentreRefuses, DraftChanged
from tutela.detection.outcomes import report_list
from tutela.detection.settings import authorities, identity, services
from tutela.detection.web.forms.candidates import ManualForm
from tutela.detection.web.forms.drafts import DraftForms
from tutela.detection.web.forms.reinstatement import GivenBackForm, TakeBackForm
from tutela.detection.web.forms.settings import DispatchForm
from tutela.detection.web.pages import attempt, tell
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.identifiers import uuid7
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed, undoable
from tutela.organisations.web.page_access import about, action, page, part

STATES = {
    "drafted": gettext_lazy("drafted"),
    "waiting": gettext_lazy("waiting for an answer"),
    "refused": gettext_lazy("refused"),
    "unproven": gettext_lazy("invalid receipt"),
    "received": gettext_lazy("received"),
    "relevant": gettext_lazy("relevant"),
    "not_relevant": gettext_lazy("not relevant"),
    "closed": gettext_lazy("closed"),
    "notified": gettext_lazy("notified to an authority"),
    "discarded": gettext_lazy("discarded"),
    report_list.TO_REINSTATE: gettext_lazy("user to reinstate"),
    report_list.NOT_ACCEPTED: gettext_lazy("not accepted"),
}

COLUMNS: tuple[Column[report_list.ReportLine], ...] = (
    Column("number", gettext_lazy("Number"), lambda one: one.number),
    Column("report_id", gettext_lazy("Report"), lambda one: str(one.id)),
    Column("state", gettext_lazy("State"), lambda one: one.state),
    Column("service", gettext_lazy("Service"), lambda one: one.service),
    Column("origin", gettext_lazy("Opened"), lambda one: one.origin),
    Column("withdrawn", gettext_lazy("indicator withdrawn"), lambda one: "yes" if one.withdrawn else "no"),
    Column("to_reinstate", gettext_lazy("user to reinstate"), lambda one: "yes" if one.to_reinstate else "no"),
    Column("since", gettext_lazy("Since"), lambda one: one.created_at),
    *work_list.COLUMNS,
)
saved_views.offer("drafts", "detection.read", f"state service text sort {work_list.FIELDS}")


@page("detection.read")
def list_drafts(request: HttpRequest, actor: Actor) -> HttpResponse:
    wanted, asked = _filter(request), part(request)
    work = work_list.work_filter(request.GET)
    rows, more = report_list.list_reports(actor, **wanted, work=work, part=asked)
    found = paged(rows, COLUMNS, asked.sort, report_list.SORTS)
    if asked.file:
        return found.csv("reports.csv")
    context = {
        **wanted,
        **work_list.choices(actor, cases.DRAFT, work),
        "found": found,
        "more": more,
        "number": asked.page,
        "states": STATES.items(),
        "services": services.list_services(actor),
    }
    return render(request, "detection/drafts/list.html", context)


@page("detection.review", write="detection.review")
def manual(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A report that somebody opens by hand; only with their own confirmation."""
    form = ManualForm([(str(s.id), s.name) for s in services.list_services(actor)], request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = drafts.by_hand(actor, drafts.ByHand(**form.cleaned_data))
            messages.success(request, _("Drafted. Add what you know about the account and the place."))
            return redirect("draft", made)
        except NotFound:
            raise
        except TutelaError as error:
            tell(form, error)
    return render(request, "detection/drafts/manual.html", {"form": form})


@page("detection.read")
def draft(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    return shown(request, actor, draft)


def shown(request: HttpRequest, actor: Actor, draft: UUID, status: int = 200, **more: Any) -> HttpResponse:
    """One report; `more` is what an action on it has to say: a form that was refused, an answer."""
    found = report_list.load_report(actor, draft)
    context: dict[str, Any] = {
        "dossier": found,
        "connection": identity.connection(actor),
        "back_form": GivenBackForm(),
        "undo_form": TakeBackForm(),
        "work": work_bar.load(actor, cases.DRAFT, draft),
        **more,
    }
    if found.report and actor.can("detection.report"):
        filed = found.receipt and not found.retraction
        context["may_retract"] = filed and found.line.state != "not_relevant"
        context["authorities"] = authorities.current(actor, found.report)
        context["dispatch"] = DispatchForm(initial={"sent_at": clock.now(), "token": uuid7()})
    return render(request, "detection/drafts/detail.html", context, status=status)


@page("detection.report", write="detection.report")
def edit(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    found = report_list.load_report(actor, draft)
    if found.report is None or found.revision is None or not found.open:
        return redirect("draft", draft)
    given = DraftForms(found.report, found.revision.number, request.POST or None)
    if request.method == "POST" and given.is_valid():
        try:
            drafts.edit(actor, draft, given.revision, given.changes())
            messages.success(request, _("Saved."))
            return redirect("draft_edit" if "again" in request.POST else "draft", draft)
        except DraftChanged as error:
            messages.error(request, str(error))
            return redirect("draft", draft)
        except TutelaError as error:
            tell(given.sections, error)
    return render(request, "detection/drafts/edit.html", {"dossier": found, "forms": given})


@action("detection.report")
@about(report_list.exists)
def check(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    """Ask the Centre for a pre-check; its answer is shown and never stored."""
    try:
        return shown(request, actor, draft, opinion=precheck.ask(actor, draft))
    except (CentreAway, CentreRefuses) as error:
        return shown(request, actor, draft, error.status, opinion_error=error)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("draft", draft)


@action("detection.report")
@undoable
@about(report_list.exists)
@asks_if_claimed(cases.DRAFT)
def send(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    def leave() -> None:
        if "without_address" not in request.POST:
            drafts.check_address(actor, draft)
        delayed_actions.perform(actor, cases.SEND, draft, {})

    attempt(request, leave)
    return redirect("draft", draft)


@action("detection.report")
@confirmed()
@about(report_list.exists)
def retract(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    attempt(request, lambda: drafts_retract.retract(actor, draft, request.POST.get("reason", "")))
    return redirect("draft", draft)


@action("detection.report")
@confirmed()
@about(report_list.exists)
@asks_if_claimed(cases.DRAFT)
def discard(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    attempt(request, lambda: drafts.discard(actor, draft, request.POST.get("reason", "")))
    return redirect("draft", draft)


@page("detection.report")
def as_pdf(request: HttpRequest, actor: Actor, draft: UUID, authority: UUID) -> HttpResponse:
    return _file(dsa_notification.as_pdf(actor, draft, authority), "application/pdf", f"notification-{draft}.pdf")


@page("detection.report")
def as_json(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    return _file(dsa_notification.as_json(actor, draft), "application/json", f"notification-{draft}.json")


@action("detection.report")
@about(report_list.exists)
def dispatch(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    """Mark as handed to an authority."""
    form = DispatchForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter the time at which you delivered the notification."))
        return redirect("draft", draft)
    data = form.cleaned_data
    attempt(
        request,
        lambda: dsa_notification.mark_sent(
            actor, draft, data["authority"], sent_at=data["sent_at"], reference=data["reference"], token=data["token"]
        ),
    )
    return redirect("draft", draft)


def _filter(request: HttpRequest) -> dict[str, str]:
    asked, text = request.GET, request.GET.get("text", "")[:40]
    # A number is looked for in every state.
    state = "" if text.strip() else asked.get("state", "")[:20]
    return {"state": state, "service": asked.get("service", "")[:160], "text": text}


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
