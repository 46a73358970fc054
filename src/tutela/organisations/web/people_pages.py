"""Pages of people: invitations, roles, and joining by a link."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.organisations.people import (
    invitations,
    password_links,
    recovery,
    roles,
)
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.forms import (
    InvitationForm,
    PasswordForm,
)
from tutela.organisations.web.page_access import action, fresh_where_guarded, page, public


@page("organisation.manage", write="organisation.manage")
@confirmed()
@fresh_where_guarded
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Invite somebody; the link is shown this once."""
    form = InvitationForm(actor.organisation_kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            token = invitations.invite(actor, **form.cleaned_data)
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            link = request.build_absolute_uri(f"/join/{token}/")
            hint = _("Send the link to the person. The link works for 7 days.")
            shown = {"what": _("Invitation link"), "secret": link, "hint": hint}
            return render(request, "organisations/shown_once.html", shown)
    return render(request, "pages/form.html", {"form": form, "title": _("Invite a person")})


@action("organisation.manage")
@confirmed()
def withdraw(request: HttpRequest, actor: Actor, invitation: UUID) -> HttpResponse:
    """Make an invitation's link worthless."""
    invitations.withdraw_invitation(actor, invitation)
    messages.success(request, _("The invitation no longer works."))
    return redirect("/desk/organisation/")


@action("organisation.manage")
@confirmed()
@fresh_where_guarded
def person(request: HttpRequest, actor: Actor, person: UUID) -> HttpResponse:
    """Change a person's roles or status; one button, one change."""
    action, _sep, value = request.POST.get("action", "").partition(":")
    try:
        if action == "password":
            return _password_link(request, actor, person)
        if action == "grant":
            roles.grant_role(actor, person, value)
        elif action == "end":
            roles.end_role(actor, person, value)
        elif action == "recover":
            recovery.recover(actor, person, request.POST.get("reason", ""))
        elif action == "unlock":
            recovery.unlock(actor, person)
        elif action == "status":
            roles.set_person_status(actor, person, value, request.POST.get("reason", ""))
        else:
            roles.refuse_change(actor, person)
        messages.success(request, _("Changed. The change takes effect at the person's next request."))
    except NotFound:
        raise
    except TutelaError as error:
        messages.error(request, str(error))
    return redirect("/desk/organisation/#people")


def _password_link(request: HttpRequest, actor: Actor, person: UUID) -> HttpResponse:
    """Make a link for a new password; the link is shown this once."""
    token = password_links.issue(actor, person, request.POST.get("reason", ""))
    hint = _("Give the link to the person, by a way on which you know the person. The link works once, for 1 hour.")
    link = request.build_absolute_uri(f"/new-password/{token}/")
    return render(request, "organisations/shown_once.html", {"what": _("Password link"), "secret": link, "hint": hint})


@public(writes=True)
def new_password(request: HttpRequest, token: str) -> HttpResponseBase:
    """Choose a password with an administrator's link; signing in follows as usual."""
    password_links.person_of(token)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password_links.use(token, form.cleaned_data["password"])
        messages.success(request, _("Your new password is set. Sign in with it."))
        return redirect("account_login")
    return render(request, "organisations/new_password.html", {"form": form})


@public(writes=True)
def join(request: HttpRequest, token: str) -> HttpResponseBase:
    """Accept an invitation: choose a password, then a second factor."""
    invitation = invitations.invitation_by_token(token)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = invitations.accept_invitation(token, form.cleaned_data["password"])
        except Invalid as error:
            form.add_error(None, str(error))
        else:
            login(request, made)
            return redirect("mfa_activate_totp")
    return render(request, "organisations/join.html", {"form": form, "invitation": invitation})
