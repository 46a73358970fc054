"""Pages of the person's own organisation and of entries in the directory."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, TutelaError
from tutela.organisations.approvals import rules
from tutela.organisations.keys import signing
from tutela.organisations.messages import addresses as addresses_of
from tutela.organisations.models import ApiKey
from tutela.organisations.people import (
    api_keys,
    directory,
    encryption_recipients,
    invitations,
)
from tutela.organisations.people import members as people_members
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file
from tutela.organisations.vocabulary.roles_and_permissions import roles_of
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.forms import (
    AddressesForm,
    ApiAddressForm,
    ContactForm,
    InvitationForm,
    OrganisationForm,
    StatusForm,
)
from tutela.organisations.web.page_access import page

PEOPLE: tuple[Column[people_members.Member], ...] = (
    Column("name", gettext_lazy("Name"), lambda one: one.name),
    Column("email", gettext_lazy("E-mail"), lambda one: one.email),
    Column("roles", gettext_lazy("Roles"), lambda one: " ".join(one.roles) or None),
    Column("factor", gettext_lazy("Second factor"), lambda one: "set up" if one.second_factor else "missing"),
    Column("active", gettext_lazy("Active"), lambda one: "yes" if one.active else "no"),
    Column("seen", gettext_lazy("Last sign-in"), lambda one: one.last_login),
)
KEYS: tuple[Column[ApiKey], ...] = (
    Column("name", gettext_lazy("Name"), lambda one: one.name),
    Column("may", gettext_lazy("Permissions"), lambda one: " ".join(one.scopes)),
    Column("used", gettext_lazy("Last used"), lambda one: one.last_used_at),
    Column("until", gettext_lazy("Valid until"), lambda one: one.expires_at),
    Column("revoked", gettext_lazy("Revoked"), lambda one: one.revoked_at),
)
saved_views.offer("people", "organisation.read", "people-find people-sort", page="organisation")
saved_views.offer("keys", "organisation.read", "keys-find keys-sort", page="organisation")


@page("organisation.read")
def organisation(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Overview of one's organisation: people, contacts, keys."""
    members = arranged(request.GET, people_members.members(actor), PEOPLE, "people-")
    keys = arranged(request.GET, api_keys.keys(actor), KEYS, "keys-")
    for name, one in (("people", members), ("keys", keys)):
        if as_file(request.GET, one.prefix):
            return one.csv(f"{name}.csv")
    return render(request, "organisations/organisation.html", _overview(actor, members=members, keys=keys))


def _overview(actor: Actor, **extra: object) -> dict[str, object]:
    manages = actor.can("organisation.manage")
    return {
        "organisation": directory.entry(actor.organisation_id),
        "history": directory.history(actor.organisation_id),
        "acts": rules.standing(actor.organisation_id),
        "roles": roles_of(actor.organisation_kind),
        "invitations": invitations.open_invitations(actor) if manages else [],
        "contacts": directory.contacts(actor.organisation_id),
        "signing_keys": signing.public_keys(actor.organisation_id),
        "recipients": encryption_recipients.list_recipients(actor.organisation_id),
        "holds_recipients": encryption_recipients.may_hold(actor.organisation_kind),
        "invitation_form": InvitationForm(actor.organisation_kind),
        "contact_form": ContactForm(),
        "now": clock.now(),
        **extra,
    }


@page("organisation.manage", write="organisation.manage")
@confirmed()
def addresses(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Form for the API address, to which messages are delivered, and the origin of the organisation's own media."""
    entry = directory.entry(actor.organisation_id)
    known = {"api_url": entry.api_url, "media_origin": entry.media_origin}
    form = AddressesForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            waits = addresses_of.change(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            asked = _("Saved. A second person of your organisation must approve the new API address.")
            messages.success(request, asked if waits else _("The addresses were changed."))
            return redirect("organisation")
    return render(request, "pages/form.html", {"form": form, "title": _("Addresses")})


@page("organisation.manage", write="organisation.manage")
def contact_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Enter a contact of the organisation."""
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            directory.add_contact(actor, **form.cleaned_data)
            return redirect("/desk/organisation/#contacts")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("New contact point")})


@page("organisation.create", write="organisation.create")
def organisation_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Enter an organisation into the directory."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = directory.create_organisation(actor, **form.cleaned_data)
            return redirect(f"/desk/directory/{made.id}/")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("New organisation")})


@page("organisation.read", write="organisation.verify")
@confirmed()
def organisation_entry(request: HttpRequest, actor: Actor, organisation: UUID) -> HttpResponse:
    """One directory entry; the Centre's administrators verify or suspend here."""
    entry, addressed = directory.entry(organisation), "api_url" in request.POST
    form = StatusForm(None if addressed else request.POST or None)
    address = ApiAddressForm(request.POST if addressed else None, initial={"api_url": entry.api_url})
    chosen = address if addressed else form
    if request.method == "POST" and chosen.is_valid():
        try:
            if addressed:
                addresses_of.enter(actor, organisation, **chosen.cleaned_data)
            else:
                directory.set_status(actor, organisation, **chosen.cleaned_data)
            messages.success(request, _("Recorded."))
            return redirect(request.path)
        except Invalid as error:
            chosen.add_error(error.field if error.field in chosen.fields else None, str(error))
    context = {
        "entry": entry,
        "address_form": address,
        "history": directory.history(organisation),
        "contacts": directory.contacts(organisation),
        "form": form,
        "public_keys": signing.public_keys(organisation),
        "recipients": encryption_recipients.list_recipients(organisation),
    }
    return render(request, "organisations/entry.html", context)
