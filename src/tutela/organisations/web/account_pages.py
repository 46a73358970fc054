"""Pages of a person's own account: profile, address, sessions, purpose."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.purposes import VOCABULARY
from tutela.organisations.people import (
    own_profile,
    recovery,
)
from tutela.organisations.web.forms import (
    AddressCodeForm,
    AddressForm,
    ProfileForm,
)
from tutela.organisations.web.page_access import action, fresh, page


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
            messages.success(request, _("Use the new address to sign in from now on."))
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
