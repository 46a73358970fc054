"""A host's desk for removal requests: items to review, and the terms of the scheme."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override

from tutela import clock
from tutela.casework import work_bar
from tutela.casework.alerts import answers as alert_answers
from tutela.casework.web import work_list
from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.organisations.web.steps import by_form, done
from tutela.victims.host_desk import membership, requested_items, review, work_queue
from tutela.victims.host_desk.found_items import READ, REVIEW, SUBJECT
from tutela.victims.host_desk.membership import MANAGE
from tutela.victims.host_desk.work_queue import FoundFilter, exists
from tutela.victims.models import FoundStage
from tutela.victims.web.forms import FoundForm, SchemeTermsForm

VIEWS = (
    (FoundStage.OPEN.value, gettext_lazy("to review")),
    (work_queue.LATE, gettext_lazy("late")),
    (FoundStage.REMOVED.value, gettext_lazy("removed")),
    (FoundStage.KEPT.value, gettext_lazy("not removed")),
    (FoundStage.GONE.value, gettext_lazy("request ended")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("item", gettext_lazy("Item"), lambda row: row.number),
    Column("stage", gettext_lazy("Stage"), lambda row: row.stage),
    Column("again", gettext_lazy("Came back"), lambda row: "yes" if row.again else "no"),
    Column("from", gettext_lazy("Requested by"), lambda row: row.requested.membership.support_name),
    Column("seen", gettext_lazy("Seen"), lambda row: row.seen_at),
    Column("due", gettext_lazy("Due"), lambda row: row.due_at),
    *work_list.COLUMNS,
)
saved_views.offer("removal_items", READ, f"view text {work_list.FIELDS}")


@page(READ)
def list_items(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Items that matched removal requests, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    work = work_list.work_filter(asked)
    wanted = FoundFilter(asked.get("view", "") or FoundStage.OPEN.value, asked.get("text", "")[:20], work)
    rows, more = work_queue.list_items(actor, wanted, wanted_part)
    found = paged(rows, COLUMNS, wanted_part.sort, work_queue.SORTS)
    if wanted_part.file:
        return found.csv("removal-items.csv")
    context = {
        "found": found,
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "now": clock.now(),
        **work_list.choices(actor, SUBJECT, work),
    }
    return render(request, "victims/items/list.html", context)


@page(READ)
def show(request: HttpRequest, actor: Actor, found: UUID) -> HttpResponse:
    """The known facts of an item, before anything is opened."""
    full = work_queue.load(actor, found)
    context = {
        "full": full,
        "because": work_queue.because_label(full.decision.because) if full.decision else "",
        "work": work_bar.load(actor, SUBJECT, found),
    }
    return render(request, "victims/items/detail.html", context)


@action(REVIEW)
@about(exists)
def open_item(request: HttpRequest, actor: Actor, found: UUID) -> HttpResponse:
    """Count an opening, then show. The daily limit is a page of its own (429)."""
    review.open_item(actor, found)
    return redirect("removal_item_open", found)


@page(REVIEW)
def item(request: HttpRequest, actor: Actor, found: UUID) -> HttpResponseBase:
    """The item from the host's own storage, for a few minutes after it was opened; this page alone may load it."""
    full = work_queue.load(actor, found)
    shown = review.shown(actor, found)
    if shown is None:
        return redirect("removal_item", found)
    policy = dict(settings.SECURE_CSP)
    if shown.link:
        policy["img-src"] = [*policy["img-src"], shown.link.origin]
        policy["media-src"] = [shown.link.origin]
    context = {"full": full, "shown": shown, "form": FoundForm(auto_id="decide_%s")}
    return csp_override(policy)(render)(request, "victims/items/item.html", context)


@action(REVIEW)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def decide(request: HttpRequest, actor: Actor, found: UUID) -> HttpResponseBase:
    """Decide about an item."""
    form = FoundForm(request.POST)
    work = lambda: review.decide(actor, found, form.given())  # noqa: E731
    return by_form(request, redirect("removal_item", found), form, work, _("The decision is recorded."))


@action(REVIEW)
@about(exists)
def answer_alert(request: HttpRequest, actor: Actor, found: UUID) -> HttpResponseBase:
    """Take over the alerts about an item."""
    work = lambda: alert_answers.answer(actor, SUBJECT, found)  # noqa: E731
    return done(request, redirect("removal_item", found), work, _("The alert is answered."))


@page(READ)
def scheme(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Terms of the scheme towards each victim support."""
    context = {"memberships": membership.memberships(actor), "form": SchemeTermsForm(actor, auto_id="terms_%s")}
    return render(request, "victims/items/scheme.html", context)


@action(MANAGE)
@confirmed()
def accept(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Accept the scheme, or change the terms."""
    form = SchemeTermsForm(actor, request.POST)
    work = lambda: membership.accept(actor, form.given())  # noqa: E731
    return by_form(request, redirect("removal_scheme"), form, work, _("The terms are sent."))


@action(MANAGE)
@confirmed()
@about(membership.exists)
def leave(request: HttpRequest, actor: Actor, membership: UUID) -> HttpResponseBase:
    """Leave the scheme; what came by it is deleted."""
    work = lambda: requested_items.leave(actor, membership)  # noqa: E731
    return done(request, redirect("removal_scheme"), work, _("You left the scheme. All requested hashes are deleted."))
