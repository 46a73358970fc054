"""Survivors' voices at the desk: what they said by consent, what changed, and the Victims' Rights Platform."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.organisations.web.steps import by_form, done
from tutela.victims.survivor_voice import inputs, liaison
from tutela.victims.survivor_voice.inputs import READ, WORK
from tutela.victims.web.support_forms import ChangeForm, EnterVoiceForm, MeetingForm


@page(READ)
def voices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Inputs with what changed because of each, and meetings with the platform."""
    meetings = liaison.meetings(actor)
    context = {
        "inputs": [(one, ChangeForm(meetings, auto_id=f"change_{one.row.pk}_%s")) for one in inputs.list_inputs(actor)],
        "meetings": meetings,
        "enter_form": EnterVoiceForm(initial={"language": actor.language}, auto_id="enter_%s"),
        "meeting_form": MeetingForm(initial={"held_on": clock.now().date()}, auto_id="meeting_%s"),
    }
    return render(request, "victims/voices/list.html", context)


@action(WORK)
def enter(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter what a survivor said in person."""
    form = EnterVoiceForm(request.POST)

    def work() -> None:
        said = form.cleaned_data
        inputs.enter(actor, said["text"], said["consent"], said["language"])

    return by_form(request, redirect("survivor_voices"), form, work, _("The input is entered."))


@action(WORK)
@about(inputs.exists)
def add_change(request: HttpRequest, actor: Actor, survivor_input: UUID) -> HttpResponseBase:
    """Record what changed because of an input."""
    form = ChangeForm(liaison.meetings(actor), request.POST)

    def work() -> None:
        said = form.cleaned_data
        inputs.add_change(actor, survivor_input, said["effect"], said["text"], form.meeting_id())

    return by_form(request, redirect("survivor_voices"), form, work, _("Recorded. The survivor can read it."))


@action(WORK)
@confirmed()
@about(inputs.exists)
def withdraw(request: HttpRequest, actor: Actor, survivor_input: UUID) -> HttpResponseBase:
    """Withdraw an input because its survivor told the desk so."""
    work = lambda: inputs.withdraw_at_desk(actor, survivor_input)  # noqa: E731
    return done(request, redirect("survivor_voices"), work, _("The input is withdrawn, and its words are erased."))


@action(WORK)
def add_meeting(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record a meeting with the platform."""
    form = MeetingForm(request.POST)

    def work() -> None:
        said = form.cleaned_data
        liaison.add_meeting(actor, said["held_on"], said["title"], said["outcome"])

    return by_form(request, redirect("survivor_voices"), form, work, _("The meeting is recorded."))
