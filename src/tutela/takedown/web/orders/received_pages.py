"""Orders at a provider: list by deadline, one order, its answers, confirmation of a reversal, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page, part
from tutela.takedown.host_desk.notice_rows import DECIDE, READ
from tutela.takedown.models import OrderKind
from tutela.takedown.orders import answer, detail, document, order_rows, work_queue
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.orders.state_machine import Side
from tutela.takedown.orders.work_queue import copy_received
from tutela.takedown.web.orders.forms import ConfirmForm, EffectForm, ExecutionForm, ImpossibleForm, TextForm
from tutela.takedown.web.orders.order_pages import download, order_filter
from tutela.takedown.web.steps import done, refused

PAGE = "hosting_order"
VIEWS = (
    (work_queue.WAITING, gettext_lazy("to answer or to reverse")),
    (work_queue.LATE, gettext_lazy("to answer, after the deadline")),
    (work_queue.IN_FORCE, gettext_lazy("to answer")),
    (work_queue.SIMULATED, gettext_lazy("to answer, simulated")),
    (work_queue.REVERSING, gettext_lazy("to reverse")),
    (work_queue.DONE, gettext_lazy("done")),
    (work_queue.ALL, gettext_lazy("all")),
)
COLUMNS: tuple[Column[Any], ...] = (
    Column("order", gettext_lazy("Order"), lambda row: row.number),
    Column("kind", gettext_lazy("Kind"), lambda row: row.kind),
    Column("simulation", gettext_lazy("Simulation"), lambda row: "yes" if row.simulation else "no"),
    Column("authority", gettext_lazy("Authority"), lambda row: row.issuer_name),
    Column("country", gettext_lazy("Country"), lambda row: row.issuer_country),
    Column("addresses", gettext_lazy("Addresses"), lambda row: row.addresses, number=True),
    Column("state", gettext_lazy("State"), lambda row: row.state),
    Column("late", gettext_lazy("Late"), lambda row: "yes" if row.late or row.overdue else "no"),
    Column("received", gettext_lazy("Received"), lambda row: row.received_at),
    Column("due", gettext_lazy("Due"), lambda row: row.deadline),
)
saved_views.offer("hosting_orders", READ, "view text kind")


@page(READ)
def list_orders(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Received orders by deadline; or as a file."""
    wanted, wanted_part = order_filter(request), part(request)
    rows, more = work_queue.list_received(actor, wanted, wanted_part)
    if wanted_part.file:
        return paged(rows, COLUMNS, "", ()).csv("received-orders.csv")
    context = {
        "found": paged(rows, COLUMNS, "", ()),
        "more": more,
        "number": wanted_part.page,
        "wanted": wanted,
        "views": VIEWS,
        "kinds": OrderKind.choices,
    }
    return render(request, "takedown/orders/received_list.html", context)


@page(READ)
def show_order(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponse:
    """One received order."""
    full = detail.load_received(actor, copy)
    context = {
        "full": full,
        "rows": list(order_rows.rows(full.wire, "locations")) if full.wire else [],
        "effect_form": EffectForm(full),
        "execution_form": ExecutionForm(full),
        "impossible_form": ImpossibleForm(full),
        "contest_form": TextForm(prefix="contest"),
        "confirm_form": ConfirmForm(),
    }
    return render(request, "takedown/orders/received.html", context)


@action(DECIDE)
@confirmed()
@about(copy_received)
def give(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    """Answer an order of the DSA."""
    form = EffectForm(detail.load_received(actor, copy), request.POST)
    return _answered(
        request, form, copy, lambda: answer.give(actor, copy, EffectInput(**_effect(form))), _("The answer is sent.")
    )


@action(DECIDE)
@confirmed()
@about(copy_received)
def execute(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    """Answer a simulated order."""
    form = ExecutionForm(detail.load_received(actor, copy), request.POST)
    work = lambda: answer.execute(  # noqa: E731
        actor, copy, form.cleaned_data.get("execution", ""), form.cleaned_data["given_at"]
    )
    return _answered(request, form, copy, work, _("The answer is sent."))


@action(DECIDE)
@confirmed()
@about(copy_received)
def impossible(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    form = ImpossibleForm(detail.load_received(actor, copy), request.POST)
    work = lambda: answer.cannot_yet(actor, copy, form.cleaned_data["because"], form.cleaned_data["reason"])  # noqa: E731
    return _answered(request, form, copy, work, _("The authority is asked. The clock is stopped."))


@action(DECIDE)
@about(copy_received)
def resume(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    return done(request, redirect(PAGE, copy), lambda: answer.resume(actor, copy), _("The clock runs again."))


@action(DECIDE)
@confirmed()
@about(copy_received)
def contest(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    form = TextForm(request.POST, prefix="contest")
    work = lambda: answer.contest(actor, copy, form.cleaned_data["text"])  # noqa: E731
    return _answered(request, form, copy, work, _("Recorded. The clock runs on."))


@action(DECIDE)
@confirmed()
@about(copy_received)
def confirm(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponseBase:
    form = ConfirmForm(request.POST)
    work = lambda: answer.confirm(actor, copy, form.cleaned_data["reversed_at"], form.cleaned_data["text"])  # noqa: E731
    return _answered(request, form, copy, work, _("The reversal is confirmed."))


@page(READ)
def as_json(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponse:
    """The received order as a message."""
    return download(document.order_file(actor, copy, Side.RECIPIENT, "json"), "application/json")


@page(READ)
def as_pdf(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponse:
    """The received order as a document."""
    return download(document.order_file(actor, copy, Side.RECIPIENT, "pdf"), "application/pdf")


@page(READ)
def answer_file(request: HttpRequest, actor: Actor, copy: UUID) -> HttpResponse:
    """The newest answer as a message."""
    return download(document.answer_file(actor, copy, Side.RECIPIENT), "application/json")


def _effect(form: forms.Form) -> dict[str, Any]:
    """What was entered. Without a time the effect was given now."""
    given = form.cleaned_data
    at = given["given_at"] or (None if given["effect"] == "not_given" else clock.now())
    return {**given, "given_at": at, "places": tuple(given.get("places", ()))}


def _answered(
    request: HttpRequest, form: forms.Form, copy: UUID, work: Callable[[], object], text: str
) -> HttpResponseBase:
    if not form.is_valid():
        return refused(request, redirect(PAGE, copy), form)
    return done(request, redirect(PAGE, copy), work, text)
