"""Setup checklist: what an administrator should set up first, computed from the organisation's own data.

A step is done when the data shows it, so that no box is ticked by hand. The list ends when all steps are done. A person
can hide the list and show it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.app.runtime.health import backup_age
from tutela.detection.settings import list_entitlements, services
from tutela.events.actor import Actor
from tutela.events.record import newest, record
from tutela.events.transaction import acting
from tutela.indicators.partner_lists import subscriptions
from tutela.organisations.keys import signing
from tutela.organisations.people import api_keys, directory, invitations, members
from tutela.organisations.vocabulary.countries import UNION
from tutela.organisations.vocabulary.roles_and_permissions import scopes_of

DISMISSED, SHOWN = "setup_list.dismissed", "setup_list.shown"
LEAST_ADMINISTRATORS = 2


@dataclass(frozen=True)
class SetupStep:
    """One step: what to do, where, and whether it is done."""

    label: str | Promise
    url: str
    done: bool


def inspects_node(actor: Actor) -> bool:
    """Whether an actor administers the organisation that looks after this node."""
    founder = directory.founder()
    return actor.can("node.inspect") and founder is not None and founder.id == actor.organisation_id


def checklist(actor: Actor) -> list[SetupStep]:
    """Return the steps of an administrator; none if all are done, if the person hid them, or for other people."""
    if not actor.can("organisation.manage") or hidden(actor):
        return []
    steps = [*_organisation(actor), *_node(actor), *_desk(actor)]
    return [] if all(step.done for step in steps) else steps


def hidden(actor: Actor) -> bool:
    """Whether the person hid the list and did not show it again."""
    with acting(actor):
        gone, back = (newest(actor, kind, subject=actor.person_id) for kind in (DISMISSED, SHOWN))
    return gone is not None and (back is None or back <= gone)


def show(actor: Actor, *, shown: bool) -> None:
    """Hide the list for the actor, or show it again. Records nothing if it is so already."""
    actor.require("organisation.manage")
    if hidden(actor) == (not shown):
        return
    with acting(actor):
        if shown:
            record(actor, "setup_list.shown", "person", actor.person_id)
        else:
            record(actor, "setup_list.dismissed", "person", actor.person_id)


def _organisation(actor: Actor) -> Iterator[SetupStep]:
    """Steps of every organisation."""
    people = [one for one in members.members(actor) if one.active]
    administrators = [one for one in people if "administrator" in one.roles]
    invited = [one for one in invitations.open_invitations(actor) if "administrator" in one.roles]
    second = len(administrators) + len(invited) >= LEAST_ADMINISTRATORS
    yield SetupStep(_("Invite a second administrator"), "/desk/organisation/invite/", second)
    secured = all(one.second_factor for one in people)
    yield SetupStep(_("Second factor or security key for everybody"), "/desk/organisation/#people", secured)
    contacts = bool(directory.contacts(actor.organisation_id))
    yield SetupStep(_("Add a contact point"), "/desk/organisation/contacts/new/", contacts)
    if scopes_of(actor.organisation_kind, actor.permissions):
        yield SetupStep(_("Create an API key"), "/desk/organisation/keys/new/", bool(_scopes(actor)))
    current = any(key.state == "current" for key in signing.public_keys(actor.organisation_id))
    yield SetupStep(_("Signing keys are present"), "/desk/organisation/#signing", current)
    yield SetupStep(_("Choose your time zone"), "/desk/you/", bool(actor.time_zone))


def _node(actor: Actor) -> Iterator[SetupStep]:
    """Steps of the organisation that looks after the node, and of who records the state of the law."""
    if inspects_node(actor):
        age = backup_age()
        fresh = age.at is not None and not age.overdue
        yield SetupStep(_("Write a backup"), "/desk/organisation/doctor/", fresh)
    if actor.can("law.edit"):
        with acting(actor):
            read = newest(actor, "law.reading") is not None
        yield SetupStep(_("Check the state of the law and record it"), "/desk/law/", read)


def _desk(actor: Actor) -> Iterator[SetupStep]:
    """Steps of a provider's desk, and of a Centre's."""
    if actor.can("detection.settings") and "provider" in settings.DESKS:
        yield SetupStep(_("Set up a service"), "/desk/lists/", bool(services.list_services(actor)))
        yield SetupStep(_("Set up a list to match with"), "/desk/lists/", _has_list(actor))
    if actor.can("organisation.verify") and "centre" in settings.DESKS:
        known = {one.country for one in directory.list_organisations(kind="authority") if one.verified}
        label = _("Enter and verify an authority for each Member State")
        yield SetupStep(label, "/desk/directory/?kind=authority", set(UNION) <= known)


def _has_list(actor: Actor) -> bool:
    edge = "releases:read" in _scopes(actor)
    return edge or bool(list_entitlements.list_entitlements(actor)) or bool(subscriptions.list_subscriptions(actor))


def _scopes(actor: Actor) -> set[str]:
    """The scopes of the API keys that work today."""
    now = clock.now()
    keys = [key for key in api_keys.keys(actor) if key.revoked_at is None]
    return {scope for key in keys if key.expires_at is None or key.expires_at > now for scope in key.scopes}
