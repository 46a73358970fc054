"""Payments for commercial material, as a page and as a file for the financial intelligence unit."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import page
from tutela.takedown.assessment.payment_export import READ, PaymentLine, payment_lines
from tutela.takedown.web.ledger.ledger_pages import day

SHOWN = timedelta(days=90)
COLUMNS: tuple[Column[PaymentLine], ...] = (
    Column("case", gettext_lazy("Case"), lambda one: one.number),
    Column("address", gettext_lazy("Address"), lambda one: one.address),
    Column("payments", gettext_lazy("Payment methods"), lambda one: " ".join(one.payments)),
    Column("country", gettext_lazy("Hosting country"), lambda one: one.country),
    Column("provider", gettext_lazy("Provider"), lambda one: one.provider),
    Column("assessed", gettext_lazy("Assessed"), lambda one: one.assessed_at),
    Column("police", gettext_lazy("Report to the police"), lambda one: one.police),
)
saved_views.offer("takedown_payments", READ, f"since until {FIELDS}")


@page(READ)
def payments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Commercial cases of some days, without a choice the last 90; or as a file."""
    today = clock.now().date()
    until = day(request, "until") or today
    since = day(request, "since") or until - SHOWN
    lines, more = payment_lines(actor, since, until)
    found = arranged(request.GET, lines, COLUMNS)
    if as_file(request.GET):
        return found.csv(f"payments-{since}-{until}.csv")
    context = {"found": found, "more": more, "since": since.isoformat(), "until": until.isoformat()}
    return render(request, "takedown/payments.html", context)
