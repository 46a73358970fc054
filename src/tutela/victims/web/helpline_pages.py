"""Helpline: log of contacts without an identity, and returns of quarters; and the library of the desk."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.web.page_access import action, page
from tutela.organisations.web.steps import by_form, saved
from tutela.victims.helpline import categories, contacts, quarters
from tutela.victims.helpline.contacts import LOG, READ
from tutela.victims.library import library_entries
from tutela.victims.web.support_forms import HelplineContactForm, QuarterForm


@page(READ, write=LOG)
def helpline(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Log a contact; returns of quarters."""
    today = clock.now().date()
    form = HelplineContactForm(request.POST or None, initial={"day": today})

    def work() -> bool:
        contacts.log(actor, form.given())
        return True

    if request.method == "POST" and saved(form, work):
        messages.success(request, _("The contact is logged."))
        return redirect("helpline")
    with acting(actor):
        count = contacts.count_since(quarters.quarter(quarters.quarter_of(today)).first)
    context = {
        "form": form,
        "count": count,
        "set": categories.set_of(today),
        "returns": quarters.list_returns(actor),
        "quarter_form": QuarterForm(initial={"quarter": quarters.previous(today)}, auto_id="quarter_%s"),
    }
    return render(request, "victims/helpline/helpline.html", context, status=422 if form.errors else 200)


@action(LOG)
def make_return(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Make the return of a quarter."""
    form = QuarterForm(request.POST)
    work = lambda: quarters.make(actor, form.cleaned_data["quarter"])  # noqa: E731
    return by_form(request, redirect("helpline"), form, work, _("The return is made."))


@page(READ)
def show_return(request: HttpRequest, actor: Actor, quarterly_return: UUID) -> HttpResponse:
    """A return, as a page, JSON or CSV."""
    row, content = quarters.load(actor, quarterly_return)
    name = f"{row.quarter}-{row.category_set}"
    wanted = request.GET.get("file", "")
    if wanted == "json":
        headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
        return HttpResponse(row.content, content_type="application/json", headers=headers)
    if wanted == "csv":
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return HttpResponse(quarters.as_csv(content), content_type="text/csv; charset=utf-8", headers=headers)
    context = {"row": row, "content": content, "groups": quarters.labelled(content)}
    return render(request, "victims/helpline/return.html", context)


@page(READ)
def library(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Protection practices and research on effects."""
    topic, text = request.GET.get("topic", "")[:10], request.GET.get("text", "")[:80]
    context = {"entries": library_entries.find(topic, text), "topic": topic, "text": text}
    return render(request, "victims/library/library.html", context)
