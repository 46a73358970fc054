"""Requests for orders: a hotline asks from its case, an authority reads and declines."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work.work_queue import exists as case_exists
from tutela.takedown.models import SIMULATED, OrderKind, OrderRequestState, StepKind
from tutela.takedown.notices.notify import NOTIFY
from tutela.takedown.orders import order_requests, work_queue
from tutela.takedown.orders.copies import ISSUE, READ
from tutela.takedown.web.orders.forms import DeclineForm, RequestForm
from tutela.takedown.web.steps import done, refused, to_case

VIEWS = (*OrderRequestState.choices, (work_queue.ALL, gettext_lazy("all")))
COLUMNS: tuple[Column[Any], ...] = (
    Column("request", gettext_lazy("Request"), lambda row: row.number),
    Column("hotline", gettext_lazy("Hotline"), lambda row: row.hotline_name),
    Column("country", gettext_lazy("Country"), lambda row: row.hotline_country),
    Column("provider", gettext_lazy("Provider"), lambda row: row.provider),
    Column("state", gettext_lazy("State"), lambda row: row.state),
    Column("requested", gettext_lazy("Requested"), lambda row: row.created_at),
)
saved_views.offer("order_requests", READ, "state")


@action(NOTIFY)
@confirmed()
@about(case_exists)
@asks_if_claimed(SUBJECT)
def ask(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    form = RequestForm(actor, request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    given = form.cleaned_data
    work = lambda: order_requests.ask(actor, case, given["authority"], given["reason"])  # noqa: E731
    return done(request, to_case(case), work, _("The request is in the authority's list."))


@page(READ)
def list_requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Requests to the authority by state; or as a file."""
    state, wanted_part = request.GET.get("state", "") or OrderRequestState.OPEN, part(request)
    rows, more = order_requests.list_requests(actor, state, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("order-requests.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "state": state,
        "states": VIEWS,
    }
    return render(request, "takedown/orders/requests.html", context)


@page(READ)
def one(request: HttpRequest, actor: Actor, order_request: UUID) -> HttpResponse:
    """One request."""
    full = order_requests.load_request(actor, order_request)
    notices = [
        {**said, "state": StepKind(said["state"]).label, "sent_at": datetime.fromisoformat(said["sent_at"])}
        for said in full.said.get("notices", [])
    ]
    context = {
        "full": full,
        "notices": notices,
        "decline_form": DeclineForm(),
        "kinds_in_force": [one for one in OrderKind.choices if one[0] not in SIMULATED],
    }
    return render(request, "takedown/orders/request.html", context)


@action(ISSUE)
@confirmed()
@about(order_requests.exists)
def decline(request: HttpRequest, actor: Actor, order_request: UUID) -> HttpResponseBase:
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return refused(request, redirect("order_request", order_request), form)
    work = lambda: order_requests.decline(actor, order_request, form.cleaned_data["reason"])  # noqa: E731
    return done(request, redirect("order_request", order_request), work, _("The request is declined."))
