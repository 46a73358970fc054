"""Colleagues who may decide a kind of case, for assignments and mentions."""

from __future__ import annotations

from dataclasses import dataclass

from tutela.casework.assignment.subjects import WorkSubject
from tutela.events.actor import Actor
from tutela.organisations.people import members
from tutela.organisations.vocabulary.roles_and_permissions import permissions_of


@dataclass(frozen=True)
class Colleague:
    """Person of the own organisation, by the reference that events store."""

    reference: str
    name: str
    decides: bool


def colleagues(actor: Actor, subject: WorkSubject) -> list[Colleague]:
    """Active people of the actor's organisation who may read this kind of case, by name, the actor included."""
    found = []
    for one in members.members(actor):
        may = permissions_of(actor.organisation_kind, frozenset(one.roles), verified=actor.verified)
        if one.active and subject.read in may:
            found.append(Colleague(f"person:{one.id}", one.name, bool(may.intersection(subject.decide))))
    return found
