"""Pages of API keys."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.people import (
    api_keys,
)
from tutela.organisations.vocabulary.roles_and_permissions import scopes_of
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.forms import (
    ApiKeyForm,
)
from tutela.organisations.web.page_access import action, page


@page("organisation.manage", write="organisation.manage")
@confirmed()
def key_new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a key; it is shown this once."""
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
@confirmed(final=True)
def key_change(request: HttpRequest, actor: Actor, key: UUID) -> HttpResponse:
    """Rotate or revoke a key."""
    if request.POST.get("action") == "rotate":
        _row, text = api_keys.rotate_key(actor, key)
        return _shown_once(request, text)
    api_keys.revoke_key(actor, key)
    messages.success(request, _("The key no longer works."))
    return redirect("/desk/organisation/#keys")


def _shown_once(request: HttpRequest, text: str) -> HttpResponse:
    hint = _("Copy the key now. Only its hash is kept.")
    return render(request, "organisations/shown_once.html", {"what": _("API key"), "secret": text, "hint": hint})
