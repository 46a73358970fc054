"""Reports that came back: saying what their users were given back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tutela.detection import dossier, reinstating
from tutela.detection.forms.reinstating import GivenBackForm, TakeBackForm
from tutela.detection.pages import tell
from tutela.detection.pages.drafts import shown
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web import about, action


@action("detection.report")
@about(dossier.exists)
def reinstated(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    form = GivenBackForm(request.POST)
    if form.is_valid():
        try:
            reinstating.say(actor, draft, **form.cleaned_data)
            messages.success(request, _("Noted."))
            return redirect("draft", draft)
        except NotFound:
            raise
        except TutelaError as error:
            tell(form, error)
    return shown(request, actor, draft, 422, back_form=form)


@action("detection.report")
@about(dossier.exists)
def undo(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    form = TakeBackForm(request.POST)
    if form.is_valid():
        try:
            reinstating.take_back(actor, draft, **form.cleaned_data)
            messages.success(request, _("Taken back. It waits again."))
            return redirect("draft", draft)
        except NotFound:
            raise
        except TutelaError as error:
            tell(form, error)
    return shown(request, actor, draft, 422, undo_form=form)
