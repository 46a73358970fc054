"""Pages of the candidate queue and of one candidate."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override

from tutela.casework import work_bar
from tutela.casework.alerts import answers
from tutela.casework.undo import delayed_actions
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.detection import cases
from tutela.detection.candidates import alerts, viewing_budget
from tutela.detection.errors import MustBeOpened
from tutela.detection.models.candidates import Decision, Reason
from tutela.detection.review import picture_check, review, work_queue
from tutela.detection.web.forms.candidates import ReviewForm
from tutela.detection.web.pages import attempt
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import undoable
from tutela.organisations.web.page_access import about, action, page, part

STATES = [
    ("", gettext_lazy("all pending")),
    ("open", gettext_lazy("open")),
    ("second", gettext_lazy("needs a second person")),
    ("disputed", gettext_lazy("needs a lead")),
    ("confirmed", gettext_lazy("confirmed")),
    ("stopped", gettext_lazy("entry stopped here")),
    ("withdrawn", gettext_lazy("indicator withdrawn")),
]

COLUMNS: tuple[Column[work_queue.CandidateLine], ...] = (
    Column("received", gettext_lazy("Received"), lambda one: one.received_at),
    Column("state", gettext_lazy("State"), lambda one: one.state),
    Column("urgent", gettext_lazy("Urgent"), lambda one: "yes" if one.urgent else "no"),
    Column("service", gettext_lazy("Service"), lambda one: one.service),
    Column("account", gettext_lazy("Account"), lambda one: one.account),
    Column("rule", gettext_lazy("Rule"), lambda one: one.match.rule),
    Column("part", gettext_lazy("Only a part matches"), lambda one: "yes" if one.match.by_window else "no"),
    Column("families", gettext_lazy("Families"), lambda one: " ".join(one.match.families)),
    Column("distance", gettext_lazy("Distance (bits)"), lambda one: one.match.distance, number=True),
    Column("list", gettext_lazy("List"), lambda one: one.match.list_id),
    *work_list.COLUMNS,
)
saved_views.offer("candidates", "detection.read", f"state service rule list text sort {work_list.FIELDS}")


@page("detection.read")
def list_candidates(request: HttpRequest, actor: Actor) -> HttpResponse:
    state, service, rule, list_id, text = (
        request.GET.get(name, "")[:300] for name in ("state", "service", "rule", "list", "text")
    )
    work = work_list.work_filter(request.GET)
    wanted = work_queue.CandidateFilter(state, service, rule, list_id, text, work)
    asked = part(request)
    rows, more = work_queue.list_candidates(actor, wanted, asked)
    found = paged(rows, COLUMNS, asked.sort, work_queue.SORTS)
    if asked.file:
        return found.csv("candidates.csv")
    context = {
        "found": found,
        "more": more,
        "number": asked.page,
        "wanted": wanted,
        "states": STATES,
        "counts": work_queue.counts(actor),
        **work_queue.choices(actor),
        **work_list.choices(actor, cases.CANDIDATE, wanted.work),
    }
    return render(request, "detection/candidates/list.html", context)


@page("detection.read")
def candidate(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    """Show the known facts of a candidate, before anything is opened."""
    context = {
        "seen": work_queue.load_candidate(actor, candidate),
        "form": ReviewForm(),
        "reasons": Reason,
        "work": work_bar.load(actor, cases.CANDIDATE, candidate),
    }
    return render(request, "detection/candidates/detail.html", context)


@action("detection.review")
def open_item(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    """Count an opening, then show. The stop of the day is a page of its own (429)."""
    viewing_budget.open_item(actor, candidate)
    return redirect("candidate_item", candidate)


@page("detection.review")
def item(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponseBase:
    """The item from the provider's own storage, for a few minutes after it was opened; this page alone may load it."""
    shown = viewing_budget.shown(actor, candidate)
    if shown is None:
        return redirect("candidate", candidate)
    policy = dict(settings.SECURE_CSP)
    if shown.link:
        policy["img-src"] = [*policy["img-src"], shown.link.origin]
        policy["media-src"] = [shown.link.origin]
    context = {
        "shown": shown,
        "seen": work_queue.load_candidate(actor, candidate),
        "form": ReviewForm(),
        "reasons": Reason,
    }
    return csp_override(policy)(render)(request, "detection/candidates/item.html", context)


@page("detection.review")
def item_cause(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    """Return the reason why a picture is not shown, as one sentence; the page asks if the browser cannot show it."""
    try:
        cause = picture_check.cause(actor, candidate)
    except MustBeOpened:
        return redirect("candidate", candidate)
    return HttpResponse(cause, content_type="text/plain; charset=utf-8")


@action("detection.review")
@undoable
@about(work_queue.exists)
@asks_if_claimed(cases.CANDIDATE)
def decide(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    form = ReviewForm(request.POST)
    if not form.is_valid():
        unseen = _("Look at the picture first, or state that it cannot be obtained.")
        messages.error(request, unseen if form.unseen else _("Choose a decision and a reason."))
        return redirect("candidate_item" if form.unseen else "candidate", candidate)
    given = form.cleaned_data
    if given["decision"] == Decision.REJECT and delayed_actions.delays(actor):
        attempt(request, lambda: delayed_actions.perform(actor, cases.REJECT, candidate, given))
        return _candidate_or_queue(actor, candidate)
    result = attempt(request, lambda: review.decide(actor, candidate, review.Opinion(**given)))
    if result is None:
        return _candidate_or_queue(actor, candidate)
    texts = {
        "waiting": _("Recorded. Another person decides next."),
        "rejected": _("Rejected. The candidate has been deleted."),
        "confirmed": _("Confirmed. The report is drafted. A lead completes and sends it."),
    }
    messages.success(request, texts[result.state])
    return redirect("draft", result.report_id) if result.report_id else redirect(f"work_next_{cases.CANDIDATE}")


def _candidate_or_queue(actor: Actor, candidate: UUID) -> HttpResponse:
    return redirect("candidate", candidate) if work_queue.exists(actor, candidate) else redirect("candidates")


@action("detection.review")
@about(work_queue.exists)
def urgent(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    attempt(request, lambda: review.mark_urgent(actor, candidate, request.POST.get("reason", "")))
    return redirect("candidate", candidate)


@action("detection.review")
@about(work_queue.exists)
def answer_alert(request: HttpRequest, actor: Actor, candidate: UUID) -> HttpResponse:
    def answer() -> None:
        answers.answer(actor, alerts.CANDIDATE, candidate)
        messages.success(request, _("You have answered this alert. A new alert follows if the deadline passes."))

    attempt(request, answer)
    return redirect("candidate", candidate)
