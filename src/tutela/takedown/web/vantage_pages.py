"""Vantage points: register one, give it a task list, take its answer."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import about, action, page
from tutela.takedown.rechecks import vantage_points
from tutela.takedown.rechecks.vantage_points import CHANGE, MOST_BYTES, READ, exists
from tutela.takedown.web.steps import done, refused


class PointForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    country = forms.ChoiceField(
        label=gettext_lazy("Country"), choices=sorted(COUNTRIES.items(), key=lambda one: str(one[1]))
    )
    public_key = forms.CharField(
        label=gettext_lazy("Key"), max_length=64, help_text=gettext_lazy("The key that tutela vantage init printed.")
    )


class AnswerFileForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Answer file"))


@page(READ, write=CHANGE)
def points(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The vantage points, and a form for a new one."""
    form = PointForm(request.POST or None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            vantage_points.add(actor, **form.cleaned_data)
            messages.success(request, _("The vantage point is registered."))
            return redirect("vantage_points")
        except TutelaError as error:
            form.add_error(getattr(error, "field", None) or None, str(error))
            status = error.status
    context = {
        "form": form,
        "points": vantage_points.list_points(actor),
        "node_key": vantage_points.node_key(actor),
        "may_change": actor.can(CHANGE),
    }
    return render(request, "takedown/vantage.html", context, status=status)


@action(CHANGE)
@confirmed()
@about(exists)
def remove(request: HttpRequest, actor: Actor, point: UUID) -> HttpResponseBase:
    work = lambda: vantage_points.remove(actor, point)  # noqa: E731
    return done(request, redirect("vantage_points"), work, _("The vantage point is removed."))


@action(CHANGE)
@about(exists)
def tasks(request: HttpRequest, actor: Actor, point: UUID) -> HttpResponseBase:
    """A new task list, as a file."""
    answer = HttpResponse(vantage_points.make_list(actor, point), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="tasks.json"'
    return answer


@action(CHANGE)
@about(exists)
def answers(request: HttpRequest, actor: Actor, point: UUID) -> HttpResponseBase:
    """Take an answer file."""
    form = AnswerFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, redirect("vantage_points"), form)

    def work() -> str:
        taken = vantage_points.take_results(actor, point, form.cleaned_data["file"].read(MOST_BYTES + 1))
        text = _("Rechecked: {rechecked}. Not taken, because not looked at, too old or gone: {left_out}.")
        return text.format(rechecked=taken.rechecked, left_out=taken.left_out)

    return done(request, redirect("vantage_points"), work)
