"""Pages about one's own organisation, entries of the directory, and one's own account."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.purposes import VOCABULARY
from tutela.organisations.approvals import rules
from tutela.organisations.keys import signing
from tutela.organisations.messages import addresses as addresses_of
from tutela.organisations.models import ApiKey
from tutela.organisations.people import api_keys, directory, encryption_recipients, own_profile, recovery
from tutela.organisations.people import members as people_members
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.sort_and_filter import Column, arranged, as_file
from tutela.organisations.vocabulary.roles_and_permissions import roles_of, scopes_of
from tutela.organisations.web.decorators import action, fresh, fresh_where_guarded, page, public
from tutela.organisations.web.forms import (
    AddressCodeForm,
    AddressesForm,
    AddressForm,
    ApiAddressForm,
    ApiKeyForm,
    ContactForm,
    InvitationForm,
    OrganisationForm,
    PasswordForm,
    ProfileForm,
    StatusForm,
)

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
    Column("may", gettext_lazy("May"), lambda one: " ".join(one.scopes)),
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
        "invitations": people_members.invitations(actor) if manages else [],
        "contacts": directory.contacts(actor.organisation_id),
        "signing_keys": signing.public_keys(actor.organisation_id),
        "recipients": encryption_recipients.listing(actor.organisation_id),
        "holds_recipients": encryption_recipients.may_hold(actor.organisation_kind),
        "invitation_form": InvitationForm(actor.organisation_kind),
        "contact_form": ContactForm(),
        "now": clock.now(),
        **extra,
    }


@page("organisation.manage", write="organisation.manage")
@fresh_where_guarded
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = InvitationForm(actor.organisation_kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = people_members.invite(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            link = request.build_absolute_uri(f"/join/{token}/")
            hint = _("Send it to the person. It works for 7 days.")
            shown = {"what": _("Invitation link"), "secret": link, "hint": hint}
            return render(request, "organisations/shown_once.html", shown)
    return render(request, "pages/form.html", {"form": form, "title": _("Invite somebody")})


@action("organisation.manage")
def withdraw(request: HttpRequest, actor: Actor, invitation: UUID) -> HttpResponse:
    people_members.withdraw_invitation(actor, invitation)
    messages.success(request, _("The invitation no longer works."))
    return redirect("/desk/organisation/")


@action("organisation.manage")
@fresh_where_guarded
def person(request: HttpRequest, actor: Actor, person: UUID) -> HttpResponse:
    """Change a person's roles or status; one button, one change."""
    action, _sep, value = request.POST.get("action", "").partition(":")
    try:
        if action == "grant":
            people_members.grant_role(actor, person, value)
        elif action == "end":
            people_members.end_role(actor, person, value)
        elif action == "recover":
            recovery.recover(actor, person, request.POST.get("reason", ""))
        elif action == "unlock":
            recovery.unlock(actor, person)
        elif action == "status":
            people_members.set_person_status(actor, person, value, request.POST.get("reason", ""))
        else:
            people_members.refuse_change(actor, person)
        messages.success(request, _("Changed. It takes effect at the person's next request."))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("/desk/organisation/#people")


@page("organisation.manage", write="organisation.manage")
def key_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = ApiKeyForm(scopes_of(actor.organisation_kind, actor.permissions), request.POST or None)
    if request.method == "POST" and form.is_valid():
        expires = clock.now() + timedelta(days=form.cleaned_data["days"])
        try:
            _row, text = api_keys.create_key(
                actor, name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"], expires_at=expires
            )
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _shown_once(request, text)
    return render(request, "pages/form.html", {"form": form, "title": _("New API key")})


@action("organisation.manage")
def key_change(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponse:
    """Rotate or revoke a key."""
    if request.POST.get("action") == "rotate":
        _row, text = api_keys.rotate_key(actor, key)
        return _shown_once(request, text)
    api_keys.revoke_key(actor, key)
    messages.success(request, _("The key no longer works."))
    return redirect("/desk/organisation/#keys")


def _shown_once(request: HttpRequest, text: str) -> HttpResponse:
    hint = _("Copy it now; only its hash is kept.")
    return render(request, "organisations/shown_once.html", {"what": _("API key"), "secret": text, "hint": hint})


@page("organisation.manage", write="organisation.manage")
def addresses(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Where messages are delivered, and where the organisation's own media lie."""
    entry = directory.entry(actor.organisation_id)
    known = {"api_url": entry.api_url, "media_origin": entry.media_origin}
    form = AddressesForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            waits = addresses_of.change(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            asked = _("Saved. A second person of your organisation must agree to the new API address.")
            messages.success(request, asked if waits else _("The addresses are changed."))
            return redirect("organisation")
    return render(request, "pages/form.html", {"form": form, "title": _("Addresses")})


@page("organisation.manage", write="organisation.manage")
def contact_new(request: HttpRequest, actor: Actor) -> HttpResponse:
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
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = directory.create_organisation(actor, **form.cleaned_data)
            return redirect(f"/desk/directory/{made.id}/")
        except TutelaError as error:
            form.add_error(error.field, str(error))
    return render(request, "pages/form.html", {"form": form, "title": _("New organisation")})


@page("organisation.read", write="organisation.verify")
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
        "recipients": encryption_recipients.listing(organisation),
    }
    return render(request, "organisations/entry.html", context)


@page("account.manage", write="account.manage")
def you(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One's own name, time zone, second factors and sessions."""
    form = ProfileForm(request.POST or None, initial={"name": actor.name, "time_zone": actor.time_zone})
    if request.method == "POST" and form.is_valid():
        own_profile.update(actor, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(request.path)
    sessions = UserSession.objects.filter(user=request.user).order_by("-last_seen_at")
    context = {
        "form": form,
        "sessions": sessions,
        "factors": Authenticator.objects.filter(user=request.user),
        "current": request.session.session_key,
    }
    return render(request, "organisations/you.html", context)


@page("account.manage", write="account.manage")
@fresh
def address_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Ask for another address to sign in with."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request.session["sign_in_address"] = recovery.ask_address(actor, form.cleaned_data["email"])
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return redirect("address_confirm")
    return render(request, "pages/form.html", {"form": form, "title": _("Change sign-in address")})


@page("account.manage", write="account.manage")
def address_confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Take the new address, with the code that was sent to it."""
    form = AddressCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recovery.take_address(actor, request.session.get("sign_in_address", ""), form.cleaned_data["code"])
        except TutelaError as error:
            form.add_error(None, str(error))
        else:
            del request.session["sign_in_address"]
            messages.success(request, _("From now on you sign in with the new address."))
            return redirect("you")
    return render(request, "pages/form.html", {"form": form, "title": _("Change sign-in address")})


@action("account.manage")
def sessions_end(request: HttpRequest, actor: Actor) -> HttpResponse:
    """End one session, or all but this one."""
    count = own_profile.end_sessions(
        actor, keep=request.session.session_key or "", only=request.POST.get("session", "")
    )
    messages.success(request, _("%(count)s sessions ended.") % {"count": count})
    return redirect("/desk/you/")


@page("account.manage", write="account.manage", before_purpose=True)
def purpose(request: HttpRequest, actor: Actor) -> HttpResponse:
    """State the purpose of one's work; it stands on every event that follows."""
    said = request.POST if request.method == "POST" else request.GET
    target = said.get("next", "")
    target = target if target.startswith("/desk/") else "/desk/"
    if request.method == "POST":
        request.session["purpose"] = own_profile.state_purpose(actor, said.get("purpose", ""))
        return redirect(target)
    context = {"next": target, "vocabulary": VOCABULARY[actor.organisation_kind]}
    return render(request, "organisations/purpose.html", context)


@public(writes=True)
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Accept an invitation: choose a password, then a second factor."""
    invitation = people_members.invitation_by_token(token)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = people_members.accept_invitation(token, form.cleaned_data["password"])
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            login(request, made)
            return redirect("mfa_activate_totp")
    return render(request, "organisations/join.html", {"form": form, "invitation": invitation})
