"""An authority's orders: list, new order, one order, clarification, withdrawal, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.takedown.models import SIMULATED, OrderKind
from tutela.takedown.orders import detail, document, issue, order_requests, order_rows, withdraw, work_queue
from tutela.takedown.orders.copies import ISSUE, READ
from tutela.takedown.orders.state_machine import Side
from tutela.takedown.orders.work_queue import OrderFilter, copy_issued, issued_exists
from tutela.takedown.web.orders.forms import OrderForm, TextForm, WithdrawForm
from tutela.takedown.web.steps import done, refused

VIEWS = (
    (work_queue.WAITING, gettext_lazy("waiting for answers")),
    (work_queue.LATE, gettext_lazy("not answered after the deadline")),
    (work_queue.CLARIFY, gettext_lazy("to clarify")),
    (work_queue.REVERSING, gettext_lazy("withdrawn, not reversed everywhere")),
    (work_queue.DONE, gettext_lazy("done")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("order", gettext_lazy("Order"), lambda row: row.number),
    Column("kind", gettext_lazy("Kind"), lambda row: row.kind),
    Column("simulation", gettext_lazy("Simulation"), lambda row: "yes" if row.simulation else "no"),
    Column("recipients", gettext_lazy("Recipients"), lambda row: ", ".join(row.recipients)),
    Column("answered", gettext_lazy("Answered"), lambda row: row.answered, number=True),
    Column("waiting", gettext_lazy("Not answered"), lambda row: row.open_copies, number=True),
    Column("late", gettext_lazy("Late"), lambda row: row.late_copies, number=True),
    Column("unreversed", gettext_lazy("Not reversed"), lambda row: row.unreversed, number=True),
    Column("due", gettext_lazy("Due"), lambda row: row.due),
    Column("issued", gettext_lazy("Issued"), lambda row: row.issued_at),
)
saved_views.offer("orders", READ, "view text kind")


@page(READ)
def list_orders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Orders of the authority, filtered and in parts; or as a file."""
    asked, wanted_part = request.GET, part(request)
    wanted = order_filter(request)
    rows, more = work_queue.list_issued(actor, wanted, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("orders.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "kinds": OrderKind.choices,
        "kinds_in_force": [one for one in OrderKind.choices if one[0] not in SIMULATED],
        "kinds_simulated": [one for one in OrderKind.choices if one[0] in SIMULATED],
        "asked": asked,
    }
    return render(request, "takedown/orders/list.html", context)


@page(ISSUE, write=ISSUE)
@confirmed()
def new(request: HttpRequest, actor: Actor, order_kind: str) -> HttpResponseBase:
    """Write an order of a kind; a request of a hotline fills in what it says."""
    if order_kind not in OrderKind.values:
        raise Http404
    about_request = _request_of(request, actor)
    form = OrderForm(actor, order_kind, request.POST or None, initial=_prefilled(about_request, order_kind))
    if request.method == "POST" and form.is_valid():
        made = _issued(request, actor, form, about_request.row.pk if about_request else None)
        if made is not None:
            return redirect("order", made)
    context = {
        "form": form,
        "kind": OrderKind(order_kind),
        "simulation": order_kind in SIMULATED,
        "about_request": about_request,
    }
    return render(request, "takedown/orders/new.html", context)


@page(READ)
def show_order(request: HttpRequest, actor: Actor, order: UUID) -> HttpResponse:
    """One order with its recipients."""
    full = detail.load_order(actor, order)
    context = {
        "full": full,
        "rows": list(order_rows.rows(full.first.wire, "provider")) if full.first.wire else [],
        "withdraw_form": WithdrawForm(),
    }
    return render(request, "takedown/orders/detail.html", context)


@action(ISSUE)
@confirmed()
@about(issued_exists)
def withdraw_order(request: HttpRequest, actor: Actor, order: UUID) -> HttpResponseBase:
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return refused(request, redirect("order", order), form)
    given = form.cleaned_data
    work = lambda: withdraw.withdraw(actor, order, given["reason"], wrong=given["wrong"])  # noqa: E731
    return done(request, redirect("order", order), work, _("The order is withdrawn. Each recipient must confirm."))


@action(ISSUE)
@confirmed()
@about(copy_issued)
def clarify(request: HttpRequest, actor: Actor, issued_copy: UUID) -> HttpResponseBase:
    form, order_id = TextForm(request.POST), work_queue.order_of(actor, issued_copy)
    if not form.is_valid():
        return refused(request, redirect("order", order_id), form)
    work = lambda: withdraw.clarify(actor, issued_copy, form.cleaned_data["text"])  # noqa: E731
    return done(request, redirect("order", order_id), work, _("The clarification is sent. The clock runs again."))


@page(READ)
def as_json(request: HttpRequest, actor: Actor, issued_copy: UUID) -> HttpResponse:
    """The order to one recipient as a message."""
    return download(document.order_file(actor, issued_copy, Side.ISSUER, "json"), "application/json")


@page(READ)
def as_pdf(request: HttpRequest, actor: Actor, issued_copy: UUID) -> HttpResponse:
    """The order to one recipient as a document."""
    return download(document.order_file(actor, issued_copy, Side.ISSUER, "pdf"), "application/pdf")


@page(READ)
def answer_file(request: HttpRequest, actor: Actor, issued_copy: UUID) -> HttpResponse:
    """The newest answer of a recipient as a message."""
    return download(document.answer_file(actor, issued_copy, Side.ISSUER), "application/json")


def order_filter(request: HttpRequest) -> OrderFilter:
    """The filter of a list of orders."""
    asked = request.GET
    return OrderFilter(
        asked.get("view", "") or work_queue.WAITING, asked.get("text", "")[:20], asked.get("kind", "")[:12]
    )


def download(file: tuple[str, bytes], content_type: str) -> HttpResponse:
    """A file by its name."""
    name, body = file
    answer = HttpResponse(body, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _request_of(request: HttpRequest, actor: Actor) -> order_requests.RequestView | None:
    """The request of a hotline that the address names. Raises `Http404`."""
    asked = request.GET.get("request", "")
    if not asked:
        return None
    try:
        return order_requests.load_request(actor, UUID(asked))
    except ValueError:
        raise Http404 from None


def _prefilled(found: order_requests.RequestView | None, kind: str) -> dict[str, object]:
    if found is None or not found.said:
        return {}
    provider = found.said["provider"]
    known = next((one for one in issue.providers() if provider and one.name == provider), None)
    chosen: object = (str(known.id) if kind not in issue.SEVERAL else [str(known.id)]) if known else ""
    return {"addresses": found.said["address"], "recipients": chosen, "service": provider}


def _issued(request: HttpRequest, actor: Actor, form: OrderForm, request_id: UUID | None) -> UUID | None:
    try:
        made = issue.issue(actor, form.given(request_id))
    except NotFound:
        raise
    except TutelaError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    if form.kind in SIMULATED:
        messages.success(request, _("The simulated order is in the recipients' lists. It is not in force."))
    else:
        messages.success(request, _("The order is issued."))
    return made
