"""Page of the list of indicators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from tutela.casework.web import work_list
from tutela.events.actor import Actor
from tutela.indicators import cases
from tutela.indicators.models import Ground, MediaType
from tutela.indicators.register import bulk_actions, search
from tutela.indicators.web import lifecycle_diagram
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web.page_access import page, part

STATES = [
    ("", gettext_lazy("all")),
    ("mine_to_certify", gettext_lazy("waiting for my organisation")),
    ("proposed", gettext_lazy("proposed")),
    ("active", gettext_lazy("active")),
    ("suspended", gettext_lazy("suspended")),
    ("revoked", gettext_lazy("revoked")),
]
COLUMNS: tuple[Column[search.IndicatorLine], ...] = (
    Column("number", gettext_lazy("Number"), lambda one: one.number),
    Column("state", gettext_lazy("State"), lambda one: one.state),
    Column("type", gettext_lazy("Type"), lambda one: one.media_type),
    Column("classification", gettext_lazy("Classification"), lambda one: one.classification),
    Column("series", gettext_lazy("Series"), lambda one: one.series or None),
    Column("proposer", gettext_lazy("Proposed by"), lambda one: one.proposer),
    Column("countries", gettext_lazy("Countries"), lambda one: " ".join(one.countries)),
    Column("since", gettext_lazy("Since"), lambda one: one.created_at),
    *work_list.COLUMNS,
)
# Without the digest that somebody looked for: it would stand in a view for colleagues to read.
saved_views.offer("indicators", "indicators.read", f"state series media {work_list.FIELDS}")


@page("indicators.read")
def list_indicators(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Indicators, filtered and in parts; or as a file."""
    wanted = {name: request.GET.get(name, "")[:100] for name in ("state", "text", "series", "media")}
    if wanted["text"].strip():
        wanted["state"] = ""  # a number is looked for in every state
    asked = part(request)
    work = work_list.work_filter(request.GET)
    lines, more = search.list_indicators(
        actor,
        search.RegisterFilter(wanted["state"], wanted["text"], wanted["series"], wanted["media"], work=work),
        asked,
    )
    if asked.file:
        return paged(lines, COLUMNS, "", ()).csv("indicators.csv")
    context = {
        **wanted,
        **work_list.choices(actor, cases.KIND, work),
        "types": MediaType.choices,
        "lines": lines,
        "more": more,
        "number": asked.page,
        "states": STATES,
        "life": lifecycle_diagram.lifecycle_diagram(actor, search.counts(actor)),
        "acts": bulk_actions.may(actor),
        "grounds": Ground.choices,
    }
    return render(request, "indicators/list.html", context)
