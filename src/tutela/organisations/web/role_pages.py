"""Page of roles: what each role of the organisation may see and do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tutela.events.actor import Actor
from tutela.organisations.people import directory, members
from tutela.organisations.vocabulary import role_descriptions
from tutela.organisations.vocabulary.roles_and_permissions import FOUNDING_ADMINISTRATION, roles_of
from tutela.organisations.web.page_access import page


@page("organisation.read")
def role_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Show each role of this kind of organisation in plain words, and who has it."""
    kind, people = actor.organisation_kind, [one for one in members.members(actor) if one.active]
    of_node = directory.founder() == directory.entry(actor.organisation_id)
    roles = [
        (
            role_descriptions.description(
                kind, role, FOUNDING_ADMINISTRATION if of_node and role == "administrator" else frozenset()
            ),
            [one.name for one in people if role in one.roles],
            role in {held for one in people if one.id == actor.person_id for held in one.roles},
        )
        for role in roles_of(kind)
    ]
    context = {"roles": roles, "everyone": role_descriptions.everyone()}
    return render(request, "organisations/roles.html", context)
