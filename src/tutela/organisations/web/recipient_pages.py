"""Pages of the key to which evidence for the organisation is sealed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.people import encryption_recipients
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.forms import RecipientForm
from tutela.organisations.web.page_access import action, page


@page("organisation.manage", write="organisation.manage")
@confirmed()
def recipient_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter the key, which takes the place of the one before."""
    form = RecipientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            encryption_recipients.enter(actor, form.cleaned_data["recipient"])
        except TutelaError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("From now on, evidence for you is sealed to this key."))
            return redirect("/desk/organisation/#recipients")
    return render(request, "pages/form.html", {"form": form, "title": _("Key for sealed evidence")})


@action("organisation.manage")
@confirmed(final=True)
def recipient_revoke(request: HttpRequest, actor: Actor, recipient: UUID) -> HttpResponse:
    """Distrust a key."""
    encryption_recipients.revoke(actor, recipient)
    messages.success(request, _("Files are no longer sealed to this key."))
    return redirect("/desk/organisation/#recipients")
