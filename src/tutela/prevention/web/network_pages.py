"""Curators' desk: the network's members, its groups and what they announce, survivors' views, research map, relief."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.organisations.web.confirmation import confirmed
from tutela.organisations.web.page_access import action, page
from tutela.organisations.web.steps import by_form
from tutela.prevention.knowledge import programmes, studies
from tutela.prevention.knowledge.permissions import CURATE, READ
from tutela.prevention.models import ItemKind, Practice
from tutela.prevention.network import groups, members, relief, research_map, voices
from tutela.prevention.web import network_forms
from tutela.prevention.web.network_forms import Rows


@page(READ)
def list_members(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Members by practice, and from outside of the Union."""
    practice = request.GET.get("practice", "")
    practice = practice if practice in Practice.values else ""
    third = request.GET.get("third") == "1"
    people = _people(actor)
    context = {
        "rows": members.list_members(actor, practice=practice, third=third),
        "practice": practice,
        "third": third,
        "practices": Practice.choices,
        "form": network_forms.MemberForm(_programmes(actor)),
        "interests": network_forms.MemberInterestsForm(people, auto_id="interests_%s"),
        "leaving": network_forms.LeaveForm(people, auto_id="leave_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/network/members.html", context)


@action(CURATE)
def enter_member(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a member."""
    form = network_forms.MemberForm(_programmes(actor), request.POST)
    return by_form(request, redirect("network"), form, lambda: members.enter(actor, form.given()), _("Entered."))


@action(CURATE)
def state_interests(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record a member's conflicts of interest."""
    form = network_forms.MemberInterestsForm(_people(actor), request.POST)

    def work() -> None:
        members.state_interests(actor, form.said()["member"], form.cleaned_data["text"])

    return by_form(request, redirect("network"), form, work, _("The statement is recorded."))


@action(CURATE)
def leave(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record that a member left."""
    form = network_forms.LeaveForm(_people(actor), request.POST)
    work = lambda: members.leave(actor, form.said()["member"], form.cleaned_data["reason"])  # noqa: E731
    return by_form(request, redirect("network"), form, work, _("The member has left."))


@page(READ)
def list_groups(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Working groups, with calls, deliverables and events."""
    context = {
        "rows": groups.list_groups(actor),
        "items": groups.items(actor),
        "form": network_forms.GroupForm(),
        "step": network_forms.GroupStepForm(_groups(actor) | _people(actor), auto_id="step_%s"),
        "item": network_forms.ItemForm(_groups(actor), auto_id="item_%s"),
        "delivery": network_forms.DeliveryForm(_due(actor), auto_id="delivery_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/network/groups.html", context)


@action(CURATE)
def found_group(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Found a working group."""
    form = network_forms.GroupForm(request.POST)
    work = lambda: groups.found(actor, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("network_groups"), form, work, _("The group is founded."))


@action(CURATE)
def step_group(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record that a member joined or left a group."""
    form = network_forms.GroupStepForm(_groups(actor) | _people(actor), request.POST)

    def work() -> None:
        said = form.said()
        groups.step(actor, said["group"], said["member"], joined=said["step"] == "joined")

    return by_form(request, redirect("network_groups"), form, work, _("The step is recorded."))


@action(CURATE)
@confirmed()
def announce(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Announce a call, a deliverable or an event."""
    form = network_forms.ItemForm(_groups(actor), request.POST)
    work = lambda: groups.announce(actor, form.given())  # noqa: E731
    return by_form(request, redirect("network_groups"), form, work, _("It is announced."))


@action(CURATE)
def deliver(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record a delivered output."""
    form = network_forms.DeliveryForm(_due(actor), request.POST)

    def work() -> None:
        said = form.said()
        groups.deliver(actor, said.pop("item"), **said)

    return by_form(request, redirect("network_groups"), form, work, _("The output is delivered."))


@page(READ)
def list_views(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Survivors' views, with what became of them."""
    context = {
        "rows": voices.list_views(actor),
        "form": network_forms.ViewForm(),
        "step": network_forms.ViewStepForm(_views(actor), auto_id="step_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/network/views.html", context)


@action(CURATE)
def offer_view(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a survivor's view."""
    form = network_forms.ViewForm(request.POST)
    work = lambda: voices.offer(actor, **form.cleaned_data)  # noqa: E731
    return by_form(request, redirect("network_views"), form, work, _("The view is entered."))


@action(CURATE)
def step_view(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Record what became of a view."""
    form = network_forms.ViewStepForm(_views(actor), request.POST)

    def work() -> None:
        said = form.said()
        voices.step(actor, said["view"], said["state"], said["text"])

    return by_form(request, redirect("network_views"), form, work, _("The step is recorded."))


@page(READ)
def show_map(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Research map, and returns on police work."""
    context = {
        "kinds": research_map.show(actor),
        "lines": relief.lines(actor),
        "form": network_forms.FactorForm(_studies(actor)),
        "relief": network_forms.ReliefForm(_programme(actor), auto_id="relief_%s"),
        "may_curate": actor.can(CURATE),
    }
    return render(request, "prevention/desk/network/map.html", context)


@action(CURATE)
def enter_factor(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Enter a place of the research map."""
    form = network_forms.FactorForm(_studies(actor), request.POST)
    work = lambda: research_map.enter(actor, **form.said())  # noqa: E731
    return by_form(request, redirect("network_map"), form, work, _("Entered."))


@action(CURATE)
def add_relief(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Add a return on police work."""
    form = network_forms.ReliefForm(_programme(actor), request.POST)
    work = lambda: relief.add(actor, form.given())  # noqa: E731
    return by_form(request, redirect("network_map"), form, work, _("The return is recorded."))


def _people(actor: Actor) -> dict[str, Rows]:
    return {"member": [(UUID(str(one.member.pk)), one.member.name) for one in members.list_members(actor)]}


def _groups(actor: Actor) -> dict[str, Rows]:
    return {"group": [(UUID(str(one.group.pk)), one.group.title) for one in groups.list_groups(actor)]}


def _due(actor: Actor) -> dict[str, Rows]:
    """Deliverables that are not delivered, and who may have taken part."""
    rows = [one for one in groups.items(actor) if one.kind == ItemKind.DELIVERABLE and not hasattr(one, "delivery")]
    return {"item": [(UUID(str(one.pk)), one.title) for one in rows], "present": _people(actor)["member"]}


def _views(actor: Actor) -> dict[str, Rows]:
    return {"view": [(UUID(str(one.pk)), one.text[:80]) for one in voices.list_views(actor)]}


def _programmes(actor: Actor) -> dict[str, Rows]:
    return {"programmes": [(one.programme_id, one.name) for one in programmes.newest(actor)]}


def _programme(actor: Actor) -> dict[str, Rows]:
    return {"programme": _programmes(actor)["programmes"]}


def _studies(actor: Actor) -> dict[str, Rows]:
    return {"cited": [(one.study_id, one.title) for one in studies.newest(actor)]}
