"""Partner hotlines: the list, entering one, keys; and the steps on a case that is sent to one."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.casework.web.claim_check import asks_if_claimed
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.messages import join
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work.work_queue import exists
from tutela.takedown.partners import end_partner, partner_list, send_case
from tutela.takedown.partners.partner_list import MANAGE, READ, Entered, PartnerLine
from tutela.takedown.web.partners.partner_forms import KnownPartnerForm, OtherNodeForm, PartnerKeyForm, TakeBackForm
from tutela.takedown.web.steps import done, refused, to_case

NOTIFY = send_case.NOTIFY
COLUMNS: tuple[Column[PartnerLine], ...] = (
    Column("name", gettext_lazy("Partner"), lambda one: one.peer.name),
    Column("country", gettext_lazy("Country"), lambda one: one.peer.country),
    Column("node", gettext_lazy("Node"), lambda one: one.peer.api_url),
    Column("sent", gettext_lazy("Cases sent"), lambda one: one.sent, number=True),
    Column("waiting", gettext_lazy("With the partner"), lambda one: one.waiting, number=True),
    Column("received", gettext_lazy("Cases received"), lambda one: one.received, number=True),
    Column("newest", gettext_lazy("Newest received"), lambda one: one.newest),
    Column("state", gettext_lazy("State"), lambda one: "ended" if one.ended else "active"),
)
saved_views.offer("takedown_partners", READ, "find sort")


@page(READ)
def partners(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Every partner, with what was exchanged."""
    found = arranged(request.GET, partner_list.list_partners(actor), COLUMNS)
    if as_file(request.GET):
        return found.csv("partners.csv")
    return render(request, "takedown/partners/list.html", {"found": found, "key_form": PartnerKeyForm()})


@page(MANAGE, write=MANAGE)
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a partner: of the directory, or of another node."""
    other = request.method == "POST" and "api_url" in request.POST
    known = KnownPartnerForm(actor, request.POST if request.method == "POST" and not other else None)
    form = OtherNodeForm(request.POST if other else None)
    chosen: forms.Form = form if other else known
    if request.method == "POST" and chosen.is_valid():
        try:
            partner_list.add(actor, Entered(**chosen.cleaned_data))
        except TutelaError as error:
            field = "message_key" if error.field == "public" else error.field
            chosen.add_error(field if field in chosen.fields else None, str(error))
        else:
            messages.success(request, _("The partner is entered. Now exchange the API keys."))
            return redirect("takedown_partners")
    context = {
        "known": known,
        "other": form,
        "own": partner_list.own_facts(actor),
        "may_enter": join.may_enter(actor),
    }
    return render(request, "takedown/partners/new.html", context)


@action(MANAGE)
@confirmed()
@about(partner_list.exists)
def key_enter(request: HttpRequest, actor: Actor, partner: UUID) -> HttpResponseBase:
    form = PartnerKeyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter the key that the partner issued to you."))
        return redirect("takedown_partners")
    return done(
        request,
        redirect("takedown_partners"),
        lambda: partner_list.set_key(actor, partner, form.cleaned_data["token"]),
        _("The key is stored."),
    )


@action(MANAGE)
@confirmed()
@about(partner_list.exists)
def key_issue(request: HttpRequest, actor: Actor, partner: UUID) -> HttpResponseBase:
    """Issue a key to the partner; it is shown this once."""
    try:
        text = partner_list.issue_key(actor, partner)
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
        return redirect("takedown_partners")
    hint = _("Give this key to the partner through a safe channel. Only its hash is kept. Earlier keys have ended.")
    what = _("API key for the partner")
    return render(request, "organisations/shown_once.html", {"what": what, "secret": text, "hint": hint})


@action(MANAGE)
@confirmed()
@about(partner_list.exists)
def end(request: HttpRequest, actor: Actor, partner: UUID) -> HttpResponseBase:
    return done(
        request,
        redirect("takedown_partners"),
        lambda: end_partner.end(actor, partner),
        _("The partner is ended. Its key no longer works."),
    )


@action(NOTIFY)
@confirmed()
@about(exists)
@asks_if_claimed(SUBJECT)
def send(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """Send a case to a partner."""
    try:
        partner = UUID(request.POST.get("partner", ""))
    except ValueError:
        messages.error(request, _("Choose a partner hotline."))
        return redirect("takedown_case", case)
    return done(
        request, to_case(case), lambda: send_case.send(actor, case, partner), _("The case is sent to the partner.")
    )


@action(NOTIFY)
@confirmed()
@about(exists)
def take_back(request: HttpRequest, actor: Actor, case: UUID) -> HttpResponseBase:
    """Go on here although a partner has the case."""
    form = TakeBackForm(request.POST)
    if not form.is_valid():
        return refused(request, to_case(case), form)
    reason = form.cleaned_data["reason"]
    work = lambda: send_case.take_back(actor, case, reason)  # noqa: E731
    return done(request, to_case(case), work, _("The case goes on here. You can send a notice."))
