"""Pages of complaints: list, entry, one complaint with its steps."""

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
from tutela.casework.public_languages import catalogue, names
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done, saved
from tutela.redress.complaints import (
    account_proof,
    decide,
    intake,
    measure,
    misuse,
    person_texts,
    settlement,
    tell,
    work_queue,
)
from tutela.redress.complaints.rows import DECIDE, READ, SUBJECT
from tutela.redress.complaints.work_queue import ComplaintFilter, exists
from tutela.redress.models import ComplaintStage, DecisionOutcome, MeasureKind, StandardReason
from tutela.redress.web.forms.complaints import (
    CodeForm,
    DecideForm,
    EnterCodeForm,
    EnterForm,
    MeasureForm,
    MisuseForm,
    NumberForm,
    SettlementForm,
    measure_form,
)

VIEWS = (
    (work_queue.WAITING, gettext_lazy("to decide")),
    (work_queue.LATE, gettext_lazy("late")),
    (ComplaintStage.REVERSING.value, gettext_lazy("being reversed")),
    (ComplaintStage.TELL.value, gettext_lazy("to answer")),
    (ComplaintStage.CLOSED.value, gettext_lazy("answered")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("complaint", gettext_lazy("Complaint"), lambda row: row.number),
    Column("measure", gettext_lazy("Measure"), lambda row: row.measure),
    Column("channel", gettext_lazy("Channel"), lambda row: row.channel),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("received", gettext_lazy("Received"), lambda row: row.received_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
)
# Outcomes for which a decider can begin with the standard text.
DRAFTED = (DecisionOutcome.UPHOLD.value, DecisionOutcome.REVERSE.value)
saved_views.offer("complaints", READ, "view text measure")


@page(READ)
def list_complaints(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Complaints, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    wanted = ComplaintFilter(
        asked.get("view", "") or work_queue.WAITING, asked.get("text", "")[:20], asked.get("measure", "")[:12]
    )
    rows, more = work_queue.list_complaints(actor, wanted, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("complaints.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "measures": MeasureKind.choices,
        "asked": asked,
        "now": clock.now(),
    }
    return render(request, "redress/complaints/list.html", context)


@page(DECIDE, write=DECIDE)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a complaint that came by letter or telephone."""
    form = EnterForm(request.POST or None, initial={"received_at": clock.now(), "language": actor.language})
    if request.method == "POST":
        made = saved(form, lambda: intake.enter(actor, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("The complaint is entered."))
            return redirect("complaint", made)
    return render(request, "redress/complaints/new.html", {"form": form}, status=422 if form.errors else 200)


@page(READ)
def show(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponse:
    """One complaint. `draft`: the standard text for that outcome is in the field for the reasons."""
    return _shown(request, actor, complaint)


def _shown(
    request: HttpRequest, actor: Actor, complaint: UUID, form: DecideForm | None = None, status: int = 200
) -> HttpResponse:
    full = work_queue.load(actor, complaint)
    language, draft = full.row.language, request.GET.get("draft", "")
    drafts = {code: person_texts.draft_text(language, upheld=code == DecisionOutcome.UPHOLD) for code in DRAFTED}
    initial = {"outcome": draft, "reasons": drafts[draft]} if draft in drafts else None
    context = {
        "full": full,
        "language_name": names.language_name("en", language) if catalogue.known(language) == language else language,
        "own_name": catalogue.language(catalogue.known(language)).name,
        "language_direction": catalogue.direction(language),
        "drafts": [(code, DecisionOutcome(code).label, text) for code, text in drafts.items()],
        "standard": [(one.label, person_texts.standard_text(language, (one,))) for one in StandardReason],
        "proof_note": account_proof.NOTE,
        "code_form": CodeForm(auto_id="code_%s"),
        "enter_code_form": EnterCodeForm(auto_id="enter_%s"),
        "number_form": NumberForm(auto_id="number_%s"),
        "measure_form": measure_form(actor, full),
        "decide_form": form or DecideForm(initial=initial, auto_id="decide_%s"),
        "settlement_form": SettlementForm(auto_id="settlement_%s"),
        "misuse_form": MisuseForm(auto_id="misuse_%s"),
        "work": work_bar.load(actor, SUBJECT, complaint),
    }
    return render(request, "redress/complaints/detail.html", context, status=status)


@action(DECIDE)
@about(exists)
def make_code(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Make an account code and show it this once; it is in no session and no message."""
    form = CodeForm(request.POST)
    code = saved(form, lambda: account_proof.make_code(actor, complaint, **form.cleaned_data))
    if code is None:
        return by_form(request, redirect("complaint", complaint), form, lambda: None, "")
    context = {
        "code": code,
        "complaint": complaint,
        "kind": form.cleaned_data["kind"],
        "days": account_proof.VALID_FOR.days,
    }
    return render(request, "redress/complaints/code.html", context)


@action(DECIDE)
@about(exists)
def enter_code(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Enter a code that came by letter or telephone."""
    form = EnterCodeForm(request.POST)
    work = lambda: account_proof.enter_code(actor, complaint, form.cleaned_data["code"])  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The account is proved."))


@action(DECIDE)
@about(exists)
def compare_number(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Accept the number of a statement of reasons as proof."""
    form = NumberForm(request.POST)
    work = lambda: account_proof.compare_number(actor, complaint, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The account is proved."))


@action(DECIDE)
@confirmed()
@about(exists)
def close_unproved(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Close a complaint without proof, with the neutral text."""
    work = lambda: account_proof.close_unproved(actor, complaint)  # noqa: E731
    return done(request, redirect("complaint", complaint), work, _("The complaint is closed without a decision."))


@action(DECIDE)
@about(exists)
def record_measure(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Record the measure and who decided it."""
    form = MeasureForm(actor, request.POST)
    work = lambda: measure.record_measure(actor, complaint, form.given())  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The measure is recorded."))


@action(DECIDE)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def decide_complaint(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Decide a complaint. After an error the page has what was typed."""
    form = DecideForm(request.POST, auto_id="decide_%s")

    def work() -> bool:
        decide.decide(actor, complaint, form.given())
        return True

    if saved(form, work) is None:
        messages.error(request, _("The complaint is not decided."))
        return _shown(request, actor, complaint, form, status=422)
    messages.success(request, _("The complaint is decided."))
    return redirect("complaint", complaint)


@action(DECIDE)
@about(exists)
def settle(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Record a step at an out-of-court body or a court."""
    form = SettlementForm(request.POST)
    work = lambda: settlement.add(actor, complaint, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("Recorded."))


@action(DECIDE)
@confirmed()
@about(exists)
def warn(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Warn the account of a complaint."""
    form = MisuseForm(request.POST)
    work = lambda: misuse.warn(actor, complaint, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The complainant is warned."))


@action(DECIDE)
@confirmed()
@about(exists)
def suspend(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Suspend the complaints of an account."""
    form = MisuseForm(request.POST)
    work = lambda: misuse.suspend(actor, complaint, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The complaints are suspended."))


@action(DECIDE)
@confirmed()
@about(exists)
def end_suspension(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """End a suspension early."""
    form = MisuseForm(request.POST)
    work = lambda: misuse.end(actor, complaint, form.cleaned_data["text"])  # noqa: E731
    return by_form(request, redirect("complaint", complaint), form, work, _("The suspension has ended."))


@action(DECIDE)
@about(exists)
def sent(request: HttpRequest, actor: Actor, complaint: UUID) -> HttpResponseBase:
    """Record that the text of a correction was sent."""
    return done(request, redirect("complaint", complaint), lambda: tell.sent(actor, complaint), _("Recorded."))
