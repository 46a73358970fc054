"""Deconfliction page: query whether another authority has the same identifier, and act on hits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.message.problem import in_words
from tutela.exchange.referral.deconfliction import MOST_POINTS, POINTS_A_DAY
from tutela.investigations.deconfliction import contacts, daily_run, page_data, query
from tutela.investigations.deconfliction.page_data import ContactRequestView
from tutela.investigations.deconfliction.query import QueryView
from tutela.investigations.models import IdentifierKind
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file, paged
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.page_access import part as part_of

COLUMNS: tuple[Column[QueryView], ...] = (
    Column("identifier", gettext_lazy("Identifier"), lambda one: one.text),
    Column("kind", gettext_lazy("Kind"), lambda one: one.row.kind),
    Column("file", gettext_lazy("File"), lambda one: one.row.file_reference),
    Column("asked", gettext_lazy("Asked"), lambda one: one.row.asked_at),
    Column("hits", gettext_lazy("Authorities with the same identifier"), lambda one: len(one.hits), number=True),
)
BUDGET = {"most": MOST_POINTS, "by_itself": daily_run.MOST_BY_ITSELF, "a_day": POINTS_A_DAY}
REQUESTS: tuple[Column[ContactRequestView], ...] = (
    Column("received", gettext_lazy("Received"), lambda one: one.row.created_at),
    Column("authority", gettext_lazy("Authority"), lambda one: one.row.authority),
    Column("kind", gettext_lazy("Kind"), lambda one: one.row.identifier.kind),
    Column("identifier", gettext_lazy("Identifier"), lambda one: one.text),
    Column("file", gettext_lazy("Your file reference"), lambda one: one.file_reference),
    Column("message", gettext_lazy("Message"), lambda one: one.row.message),
    Column("decision", gettext_lazy("Decision"), lambda one: one.decision and one.decision.created_at),
    Column("accepted", gettext_lazy("Contact given"), lambda one: one.decision and one.decision.contact),
)
# Without words to find: they would be identifiers, and stand in addresses and in views for everybody to read.
saved_views.offer("deconfliction", "investigations.read", "sort state")
saved_views.offer("contact_requests", "investigations.read", "sort state")


@page("investigations.read")
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Taking part, one's own identifiers and hits, requests of others, questions."""
    form = "csv" if as_file(request.GET) else ""
    found = page_data.page_data(actor, form)
    alone = request.GET.get("state") == "new"
    shown = [one for one in found.identifiers if one.unasked or not alone]
    list_ = arranged({"sort": request.GET.get("sort", "")}, shown, COLUMNS)
    if form:
        return list_.csv("identifiers.csv")
    context = {"found": found, "list": list_, "alone": alone, "kinds": IdentifierKind.choices, **BUDGET}
    return render(request, "investigations/deconfliction.html", context)


@page("investigations.read")
def requests(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every request of others for one's contact, those to decide first."""
    asked, state = part_of(request), request.GET.get("state", "")
    rows, more = page_data.requests(actor, asked, state)
    list_ = paged(rows, REQUESTS, asked.sort, page_data.SORTS)
    if asked.file:
        return list_.csv("requests.csv")
    context = {
        "list": list_,
        "more": more,
        "number": asked.page,
        "state": state,
        "may_answer": actor.can("investigations.answer"),
    }
    return render(request, "investigations/contact_requests.html", context)


@action("investigations.answer")
@confirmed()
def part(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Begin or cease to take part."""
    wanted = request.POST.get("wanted") == "yes"
    done = _("You take part.") if wanted else _("You no longer take part. Your values are withdrawn.")
    return _do(request, lambda: query.take_part(actor, wanted=wanted), done)


@action("investigations.answer")
def hold(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter an identifier."""
    given = [request.POST.get(name, "")[:400] for name in ("kind", "value", "file_reference")]
    return _do(request, lambda: query.hold(actor, *given), _("Identifier entered."))


@action("investigations.answer")
@about(page_data.identifier_exists)
def remove(request: HttpRequest, actor: Actor, identifier: UUID) -> HttpResponseBase:
    """Take an identifier back."""
    return _do(request, lambda: query.remove(actor, identifier), _("Identifier withdrawn and deleted here."))


@action("investigations.answer")
def ask(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Ask all others."""
    return _do(
        request, lambda: query.ask(actor), _("Question sent. Answers arrive when the other authorities are online.")
    )


@action("investigations.answer")
@confirmed()
@about(page_data.hit_exists)
def contact(request: HttpRequest, actor: Actor, hit: UUID) -> HttpResponseBase:
    """Ask the other for its contact."""
    said = request.POST.get("message", "")[:2000]
    return _do(
        request, lambda: contacts.ask_contact(actor, hit, said), _("Contact request sent under your authority's name.")
    )


@action("investigations.answer")
@confirmed()
@about(page_data.wanted_exists)
def decide(request: HttpRequest, actor: Actor, wanted: UUID) -> HttpResponseBase:
    """Give one's contact, or decline."""
    accepted, given = request.POST.get("decision") == "accept", request.POST.get("contact", "")[:2000]
    back = "contact_requests" if request.POST.get("from") == "list" else "deconfliction"
    act = partial(contacts.decide, actor, wanted, accepted=accepted, contact=given)
    return _do(request, act, _("Decision recorded."), back)


def _do(request: HttpRequest, act: Callable[[], object], done: str, back: str = "deconfliction") -> HttpResponseBase:
    try:
        act()
    except ValidationError as error:
        messages.error(request, in_words(error))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect(back)
