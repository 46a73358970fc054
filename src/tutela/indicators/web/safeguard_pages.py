"""Safeguard pages: alerts of Edges, holds, and import quotas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.register.reason_codes import AlertDetail, CertificationFault, HoldReason
from tutela.indicators.integrity import edge_alerts, invalidation
from tutela.indicators.lifecycle import policy
from tutela.indicators.safeguards import hold_release, import_quotas
from tutela.indicators.web.detail_page import attempted, succeeded
from tutela.organisations.people import directory
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.coded_text import coded_text
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file, paged
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page, part


def _texts(family: type[TextCode], codes: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(coded_text(family, one["code"], one.get("values", {})) for one in codes)


def _detail(one: edge_alerts.EdgeAlertView) -> str:
    return coded_text(AlertDetail, one.alert.detail, one.alert.values)


ALERTS: tuple[Column[edge_alerts.EdgeAlertView], ...] = (
    Column("alert", gettext_lazy("Alert"), lambda one: one.alert.code),
    Column("recipient", gettext_lazy("Recipient"), lambda one: one.sender.name),
    Column("received", gettext_lazy("Received"), lambda one: one.alert.created_at),
    Column("when", gettext_lazy("When"), lambda one: one.alert.at),
    Column("list", gettext_lazy("List"), lambda one: one.alert.list_id),
    Column("version", gettext_lazy("Version"), lambda one: one.alert.version, number=True),
    Column("head", gettext_lazy("Head"), lambda one: one.alert.sequence, number=True),
    Column("log", gettext_lazy("Public log"), lambda one: one.alert.log_size, number=True),
    Column("said", gettext_lazy("Details"), _detail),
    Column("answer", gettext_lazy("Answer"), lambda one: one.answer.note if one.answer else None),
)
HELD: tuple[Column[hold_release.HoldView], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one.organisation.name),
    Column("when", gettext_lazy("When"), lambda one: one.row.created_at),
    Column("what", gettext_lazy("Subject"), lambda one: one.row.kind, shown=lambda one: one.row.get_kind_display()),
    Column("indicators", gettext_lazy("Indicators"), lambda one: " ".join(number for _id, number in one.entries)),
    Column("entries", gettext_lazy("Entries"), lambda one: one.count, number=True),
    Column("why", gettext_lazy("Reason for the hold"), lambda one: _texts(HoldReason, one.row.reasons)),
)
LOST: tuple[Column[invalidation.Stopped], ...] = (
    Column("number", gettext_lazy("Number"), lambda one: one.number),
    Column("when", gettext_lazy("When"), lambda one: one.at),
    Column("why", gettext_lazy("Reason for invalidity"), lambda one: _texts(CertificationFault, one.faults)),
)
ALLOWED: tuple[Column[import_quotas.QuotaView], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one.organisation),
    Column("entries", gettext_lazy("Entries per day"), lambda one: one.row.entries, number=True),
    Column("said", gettext_lazy("Set on"), lambda one: one.row.created_at),
    Column("until", gettext_lazy("Until"), lambda one: one.row.valid_to),
    Column("by", gettext_lazy("By"), lambda one: one.row.by_name),
    Column("why", gettext_lazy("Why"), lambda one: one.row.reason),
    Column("counts", gettext_lazy("In effect"), lambda one: "yes" if one.counts else "no"),
)
STATES = [("", gettext_lazy("all")), ("open", gettext_lazy("open")), ("answered", gettext_lazy("answered"))]
saved_views.offer("import_allowances", "alerts.read", FIELDS)
saved_views.offer("edge_alerts", "alerts.read", "state code sort")
saved_views.offer("lapsed", "alerts.read", "lost-find lost-sort", page="edge_alerts")
saved_views.offer("holds", "alerts.read", "held-find held-sort", page="edge_alerts")


@page("alerts.read")
def alert_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the alerts of recipients that refused data, open first, and the holds."""
    asked, state, code = part(request), request.GET.get("state", ""), request.GET.get("code", "")[:40]
    held = arranged(request.GET, hold_release.list_holds(actor), HELD, "held-")
    if as_file(request.GET, "held-"):
        return held.csv("holds.csv")
    stopped, lost_in_all = invalidation.list_suspended(actor)
    lost = arranged(request.GET, stopped, LOST, "lost-")
    if as_file(request.GET, "lost-"):
        return lost.csv("lapsed.csv")
    rows, more = edge_alerts.list_edge_alerts(actor, asked, state=state, code=code)
    found = paged(rows, ALERTS, asked.sort, edge_alerts.SORTS)
    if asked.file:
        return found.csv("alerts.csv")
    context = {
        "found": found,
        "more": more,
        "number": asked.page,
        "state": state,
        "states": STATES,
        "code": code,
        "codes": edge_alerts.LABELS,
        "held": held,
        "lost": lost,
        "lost_in_all": lost_in_all,
    }
    return render(request, "indicators/safeguards.html", context)


@action("alerts.answer")
def alert_answer(request: HttpRequest, actor: Actor, alert: UUID) -> HttpResponseBase:
    """Record the findings on an alert."""
    succeeded(request, lambda: edge_alerts.answer(actor, alert, request.POST.get("note", "")))
    return redirect("edge_alerts")


@action("indicators.revoke")
@confirmed()
@approvable
def lapsed_dismiss(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """New rounds begin for everything that had lost its certifiers."""
    reason, way = request.POST.get("reason", ""), approval_pages.given(request)
    count = attempted(request, lambda: invalidation.dismiss_all(actor, reason, way))
    if count is not None:
        messages.success(
            request,
            _("A new round begins for %(count)s indicators. For many indicators, this takes some minutes.")
            % {"count": count},
        )
    return redirect("edge_alerts")


@action("alerts.answer")
@confirmed()
@approvable
def release_hold(request: HttpRequest, actor: Actor, hold: UUID) -> HttpResponseBase:
    """Accept or refuse what the register holds."""
    accepted, reason = request.POST.get("decision") == "accept", request.POST.get("reason", "")
    way = approval_pages.given(request)
    count = attempted(request, lambda: hold_release.release(actor, hold, accepted=accepted, reason=reason, way=way))
    if count is not None:
        said = (
            _("Released. Indicators concerned: %(count)s. For many indicators, the effects take some minutes.")
            if accepted
            else _("Not accepted. Indicators concerned: %(count)s. For many indicators, the effects take some minutes.")
        )
        messages.success(request, said % {"count": count})
    return redirect("edge_alerts")


class AllowanceForm(forms.Form):
    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"))
    entries = forms.IntegerField(label=gettext_lazy("Entries per day"), min_value=0, max_value=import_quotas.MOST_QUOTA)
    days = forms.IntegerField(label=gettext_lazy("Duration (days)"), min_value=1, max_value=730, initial=7)
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, organisations: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["organisation"].choices = [("", "—"), *organisations]  # type: ignore[attr-defined]


@page("alerts.read", write="alerts.answer")
@confirmed()
def allowances(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show the import quotas of organisations, and allow a larger import beforehand."""
    form = None
    if actor.can("alerts.answer"):
        kinds = policy.certifiers()
        may = [
            (str(e.id), f"{e.name} ({e.country})")
            for e in directory.list_organisations()
            if e.verified and e.kind in kinds
        ]
        form = AllowanceForm(may, request.POST or None)
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        try:
            until = clock.now() + timedelta(days=said["days"])
            import_quotas.allow(
                actor, UUID(said["organisation"]), entries=said["entries"], until=until, reason=said["reason"]
            )
            return redirect("import_allowances")
        except NotFound:
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    found = arranged(request.GET, import_quotas.list_quotas(actor), ALLOWED)
    if as_file(request.GET):
        return found.csv("allowances.csv")
    context = {"found": found, "form": form, "usual": import_quotas.DEFAULT_QUOTA}
    return render(request, "indicators/import_quotas.html", context)
