"""Pages for a bundle: one item with all its reports, the reasons for joining, and its links."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import FIELDS, Column, arranged, as_file
from tutela.organisations.web.page_access import about, action, page, page_number
from tutela.reports.bundles import detail, merge_split, series_backfill
from tutela.reports.web.report_pages import attempt

COLUMNS: tuple[Column[detail.BundleLine], ...] = (
    Column("bundle", gettext_lazy("Bundle"), lambda one: one.number),
    Column("urgent", gettext_lazy("Urgent"), lambda one: "yes" if one.urgent else "no"),
    Column("cases", gettext_lazy("Open cases"), lambda one: one.cases, number=True),
    Column("urgency", gettext_lazy("Urgency"), lambda one: one.urgency, number=True),
    Column("distance", gettext_lazy("Distance"), lambda one: one.distance, number=True),
    Column("first", gettext_lazy("First received"), lambda one: one.first),
    Column("last", gettext_lazy("Last received"), lambda one: one.last),
)
saved_views.offer("report_bundles", "reports.read", FIELDS)


@page("reports.read")
def list_bundles(request: HttpRequest, actor: Actor) -> HttpResponse:
    """List of bundles with more than one open case."""
    form = "csv" if as_file(request.GET) else ""
    found = arranged(request.GET, detail.list_bundles(actor, form), COLUMNS, first=lambda one: one.urgent)
    if form:
        return found.csv("bundles.csv")
    context = {"found": found, "newest": detail.NEWEST, "reading": series_backfill.progress(actor)}
    return render(request, "reports/bundles.html", context)


@page("reports.read")
def bundle(request: HttpRequest, actor: Actor, bundle: UUID) -> HttpResponse:
    """Everything about one bundle."""
    number = page_number(request)
    full = detail.open_bundle(actor, bundle, number)
    return render(request, "reports/bundle.html", {"full": full, "number": number})


@action("reports.assess")
def merge(request: HttpRequest, actor: Actor, bundle: UUID) -> HttpResponseBase:
    """Another bundle's reports come into this one."""
    number, reason = request.POST.get("number", ""), request.POST.get("reason", "")
    attempt(request, lambda: merge_split.merge(actor, bundle, number, reason), _("Merged."))
    return redirect("report_bundle", bundle)


@action("reports.assess")
def split(request: HttpRequest, actor: Actor, bundle: UUID) -> HttpResponseBase:
    """Some reports get a bundle of their own."""
    chosen = [UUID(one) for one in request.POST.getlist("reports") if _is_id(one)]
    reason = request.POST.get("reason", "")
    attempt(request, lambda: merge_split.split(actor, bundle, chosen, reason), _("Split."))
    return redirect("report_bundle", bundle)


@action("reports.assess")
@about(detail.exists, merge_split.has)
def undo(request: HttpRequest, actor: Actor, bundle: UUID, move: UUID) -> HttpResponseBase:
    """A change of a bundle is taken back."""
    reason = request.POST.get("reason", "")
    attempt(request, lambda: merge_split.undo(actor, move, reason), _("Undone."))
    return redirect("report_bundle", bundle)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
