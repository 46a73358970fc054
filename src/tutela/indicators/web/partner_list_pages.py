"""Partner list pages: content, age, errors, and a form to add a list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.indicators.models import About, Format, PartnerPull, PartnerWord
from tutela.indicators.partner_lists import file_undo, grants, source_feedback, subscriptions
from tutela.indicators.partner_lists.faults import SourceFault
from tutela.indicators.partner_lists.subscriptions import SubscriptionInput
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.coded_text import coded_text
from tutela.organisations.table_views.sort_and_filter import FIELDS, Arranged, Column, arranged, as_file
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page

COLUMNS: tuple[Column[subscriptions.SubscriptionView], ...] = (
    Column("list", gettext_lazy("List"), lambda one: one.row.name),
    Column("source", gettext_lazy("Source"), lambda one: one.row.source),
    Column("about", gettext_lazy("About"), lambda one: one.row.about, shown=lambda one: one.row.get_about_display()),
    Column("entries", gettext_lazy("Entries"), lambda one: one.live, number=True),
    Column("withdrawn", gettext_lazy("Withdrawn"), lambda one: one.withdrawn, number=True),
    Column("since", gettext_lazy("Up to date since"), lambda one: one.good.created_at if one.good else None),
    Column("state", gettext_lazy("State"), subscriptions.state_of),
)
PULLS: tuple[Column[PartnerPull], ...] = (
    Column("when", gettext_lazy("When"), lambda one: one.created_at),
    Column("pages", gettext_lazy("Pages"), lambda one: one.pages, number=True),
    Column("new", gettext_lazy("New"), lambda one: one.added, number=True),
    Column("changed", gettext_lazy("Changed"), lambda one: one.changed, number=True),
    Column("withdrawn", gettext_lazy("Withdrawn"), lambda one: one.withdrawn, number=True),
    Column("unusable", gettext_lazy("Unusable"), lambda one: one.broken, number=True),
    Column("error", gettext_lazy("Result"), lambda one: coded_text(SourceFault, one.error, {}) or None),
)
TOLD: tuple[Column[PartnerWord], ...] = (
    Column("when", gettext_lazy("When"), lambda one: one.created_at),
    Column("entry", gettext_lazy("Entry"), lambda one: one.key[:40]),
    Column("verdict", gettext_lazy("Verdict"), lambda one: "right" if one.right else "wrong"),
    Column("sent", gettext_lazy("State"), lambda one: one.sent_at),
)
GIVEN: tuple[Column[grants.GrantView], ...] = (
    Column("organisation", gettext_lazy("Organisation"), lambda one: one.grantee.name),
    Column("basis", gettext_lazy("Legal basis for redistribution"), lambda one: one.grant.legal_basis),
    Column("until", gettext_lazy("Until"), lambda one: one.grant.valid_to),
    Column("fetched", gettext_lazy("Last fetched"), lambda one: one.grant.fetched_at),
    Column("version", gettext_lazy("Version"), lambda one: one.grant.fetched_version or None, number=True),
    Column("open", gettext_lazy("State"), lambda one: "open" if one.open else "ended"),
)
saved_views.offer("partner_lists", "sources.read", FIELDS)


class PartnerListForm(forms.Form):
    list_id = forms.SlugField(
        label=gettext_lazy("Short name"),
        max_length=62,
        help_text=gettext_lazy(
            "Lowercase letters, digits and hyphens. The short name identifies the list in files and addresses."
        ),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    source = forms.CharField(
        label=gettext_lazy("List source"), max_length=80, help_text=gettext_lazy("Every entry keeps this source.")
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Interface"), choices=[one for one in Format.choices if one[0] != Format.FILE]
    )
    about = forms.ChoiceField(
        label=gettext_lazy("About"),
        choices=About.choices,
        help_text=gettext_lazy("A list about something else never creates a candidate."),
    )
    base_url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=300,
        help_text=gettext_lazy(
            "The base address of the interface, such as https://hashsharing.ncmec.org/npo. Leave out /v2/."
        ),
    )
    username = forms.CharField(label=gettext_lazy("User name"), max_length=120, required=False)
    secret = forms.CharField(
        label=gettext_lazy("Password or keys"),
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "Sealed immediately. For StopNCII: the key for fetching, a comma, the subscription key."
        ),
    )
    every = forms.IntegerField(
        label=gettext_lazy("Read interval (minutes)"),
        min_value=subscriptions.SHORTEST,
        max_value=subscriptions.LONGEST,
        initial=60,
    )
    legal_basis = forms.CharField(label=gettext_lazy("Legal basis for holding the list"), max_length=120)


@page("sources.read")
def list_partner_lists(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every list that one's organisation reads."""
    found = arranged(request.GET, subscriptions.list_subscriptions(actor), COLUMNS)
    if as_file(request.GET):
        return found.csv("lists.csv")
    return render(request, "indicators/partner_lists/list.html", {"found": found, "received": grants.received(actor)})


@page("sources.read", write="sources.manage")
def enter(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A form to enter one."""
    form = PartnerListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = subscriptions.enter(actor, SubscriptionInput(**form.cleaned_data))
            messages.success(request, _("List added. The list is being read for the first time."))
            return redirect("partner_list", made)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("Add partner list")})


@page("sources.read")
def one(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponse:
    """A list with its last pulls."""
    shown, pulls = subscriptions.load_subscription(actor, partner_list)
    found: dict[str, Arranged[Any]] = {
        "pulls": arranged(request.GET, pulls, PULLS, "pulls-"),
        "words": arranged(request.GET, source_feedback.words(actor, partner_list), TOLD, "told-"),
        "given": arranged(request.GET, grants.given(actor, partner_list), GIVEN, "given-"),
    }
    for name, part in found.items():
        if as_file(request.GET, part.prefix):
            return part.csv(f"{name}.csv")
    return render(request, "indicators/partner_lists/detail.html", {**found, "shown": shown, "row": shown.row})


@action("sources.manage")
def pull(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponseBase:
    """Read what is new, now."""
    subscriptions.pull_now(actor, partner_list)
    messages.success(request, _("The list is being read. Reload this page in a moment."))
    return redirect("partner_list", partner_list)


@action("sources.manage")
@confirmed()
def undo(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponseBase:
    """Bring back what the list held before its newest file."""
    try:
        made = file_undo.undo(actor, partner_list)
        done = _("Undone: %(added)d entries restored, %(withdrawn)d withdrawn.")
        messages.success(request, done % {"added": made.added + made.changed, "withdrawn": made.withdrawn})
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("partner_list", partner_list)


@action("sources.manage")
@confirmed()
def end(request: HttpRequest, actor: Actor, partner_list: UUID) -> HttpResponseBase:
    """Read it no more, and erase it."""
    try:
        subscriptions.end(actor, partner_list, request.POST.get("reason", ""))
        messages.success(request, _("List ended. Everything read from it is erased."))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("partner_list", partner_list)
