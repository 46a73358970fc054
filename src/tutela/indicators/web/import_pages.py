"""Import pages: list of imports, and certification of the items that the organisation holds."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators.register import bulk_certification
from tutela.organisations.errors import ApprovalError
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, paged
from tutela.organisations.web import approval_pages
from tutela.organisations.web.approval_pages import approvable
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import page, part

COLUMNS: tuple[Column[bulk_certification.Run], ...] = (
    Column("source", gettext_lazy("Source"), lambda one: one.source),
    Column("by", gettext_lazy("Proposed by"), lambda one: one.proposer),
    Column("when", gettext_lazy("When"), lambda one: one.ended),
    Column("proposed", gettext_lazy("Proposed"), lambda one: one.accepted, number=True),
    Column("refused", gettext_lazy("Refused"), lambda one: one.refused, number=True),
    Column("held", gettext_lazy("Quarantined"), lambda one: "yes" if one.held else "no"),
)
saved_views.offer("import_runs", "indicators.read", "source sort")


class DigestsForm(forms.Form):
    digests = forms.CharField(
        label=gettext_lazy("Digests of items that your organisation holds and has assessed"),
        max_length=bulk_certification.MOST * 66,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("MD5, SHA-1 or SHA-256, one per line, up to 500."),
    )


@page("indicators.read")
def list_imports(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every import, the newest first."""
    asked, source = part(request), request.GET.get("source", "").strip()[:80]
    rows, more = bulk_certification.runs(actor, asked, source)
    found = paged(rows, COLUMNS, asked.sort, bulk_certification.SORTS)
    if asked.file:
        return found.csv("imports.csv")
    context = {"found": found, "more": more, "number": asked.page, "source": source}
    return render(request, "indicators/imports/list.html", context)


@page("indicators.read", write="indicators.certify")
@confirmed()
@approvable
def one(request: HttpRequest, actor: Actor, run: UUID) -> HttpResponse:
    """One import, and certifying what is held of it."""
    form = DigestsForm(request.POST or None) if actor.can("indicators.certify") else None
    certified = list[UUID]()
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            done = bulk_certification.certify(actor, run, form.cleaned_data["digests"], approval_pages.given(request))
            said = _(
                "%(certified)s certified, %(active)s of them now active. %(unknown)s digests are not in this import."
            )
            values = {"certified": len(done.certified), "active": done.active, "unknown": done.unknown}
            messages.success(request, said % values)
            for reason in done.refused:
                messages.error(request, reason)
            if not done.certified:
                return redirect("import_run", run)
            form, certified = DigestsForm(), done.certified
        except (NotFound, ApprovalError):
            raise
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    context = {"run": bulk_certification.load_run(actor, run), "form": form, "certified": certified}
    return render(request, "indicators/imports/run.html", context)
