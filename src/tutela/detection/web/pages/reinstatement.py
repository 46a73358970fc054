"""Pages for returned reports: record the reinstatement of users and notify them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.detection.models.user_notices import Audience
from tutela.detection.notices import reinstatement, reinstatement_notice, text
from tutela.detection.outcomes import report_list
from tutela.detection.web.forms.reinstatement import GivenBackForm, TakeBackForm
from tutela.detection.web.pages import attempt, tell, text_file
from tutela.detection.web.pages.drafts import shown
from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.organisations.web.page_access import about, action, page


@action("detection.report")
@about(report_list.exists)
def reinstated(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    form = GivenBackForm(request.POST)
    if form.is_valid():
        try:
            reinstatement.say(actor, draft, **form.cleaned_data)
            messages.success(request, _("Recorded."))
            return redirect("draft", draft)
        except NotFound:
            raise
        except TutelaError as error:
            tell(form, error)
    return shown(request, actor, draft, 422, back_form=form)


@action("detection.report")
@about(report_list.exists)
def undo(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    form = TakeBackForm(request.POST)
    if form.is_valid():
        try:
            reinstatement.take_back(actor, draft, **form.cleaned_data)
            messages.success(request, _("Withdrawn. The outcome for this user is pending again."))
            return redirect("draft", draft)
        except NotFound:
            raise
        except TutelaError as error:
            tell(form, error)
    return shown(request, actor, draft, 422, undo_form=form)


@page("detection.read")
def message(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    found = _asked(request, actor, draft)
    if found is None:
        return redirect("draft", draft)
    context = {"found": found, "audiences": Audience.choices, "languages": text.languages().values()}
    return render(request, "detection/reinstatement/notice.html", context)


@page("detection.read")
def as_text(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    """The text alone, as a file: its SHA-256 is the one that is recorded when it was sent."""
    found = _asked(request, actor, draft)
    if found is None:
        return redirect("draft", draft)
    name = f"{found.number}-reinstated-{found.audience}-{found.language.code}.txt"
    return text_file(name, found.text, found.language.code)


@action("detection.report")
@about(report_list.exists)
def told(request: HttpRequest, actor: Actor, draft: UUID) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("audience", "language", "way")}

    def record() -> bool:
        reinstatement_notice.tell(actor, draft, **given)
        return True

    if attempt(request, record):
        messages.success(request, _("Recorded: the user was notified."))
        return redirect("draft_reinstated_message", draft)
    return redirect("draft", draft)


def _asked(request: HttpRequest, actor: Actor, draft: UUID) -> reinstatement_notice.Message | None:
    wanted = request.GET.get("audience", ""), request.GET.get("language", "")
    return attempt(request, lambda: reinstatement_notice.load_message(actor, draft, *wanted))
