"""Registry of the kinds of case that people work on together: each domain registers its kinds, once.

Casework knows no table of a domain. It asks the domain which cases the actor may see, and what they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings

from tutela.casework.assignment.errors import CaseErased
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound


@dataclass(frozen=True)
class Case:
    """Case that an actor may see: number or name, page, and whether its contents are erased."""

    title: str
    url: str
    erased: bool = False


@dataclass(frozen=True)
class NextCase:
    """Metadata of a case that is offered next. Nothing of its contents."""

    subject_id: UUID
    title: str
    url: str
    urgent: bool = False
    received_at: datetime | None = None
    # Codes of its kinds, which the page shows in words.
    kinds: Sequence[str] | str = ()
    # Labels and values, as text of the page.
    facts: tuple[tuple[object, object], ...] = ()


@dataclass(frozen=True)
class WorkSubject:
    """Kind of case. `find` and `following` are called inside `acting(actor)`."""

    kind: str
    # Name of the kind for people, and subject kind in events.
    label: object
    event_subject: str
    # Permission to read, permissions of which one is needed to decide, and the permission to disclose notes.
    # People with the first permission to decide are offered the next case.
    read: str
    decide: tuple[str, ...]
    disclose: str
    # The cases among these IDs that the actor's organisation has.
    find: Callable[[Actor, Collection[UUID]], dict[UUID, Case]]
    # List of cases, as URL name.
    queue: str
    # Desk of the pages; empty: every node has them.
    desk: str = ""
    # The next case to decide, without these; None: the kind has no queue of decisions.
    following: Callable[[Actor, Collection[UUID]], NextCase | None] | None = None
    # Whether a break is advised to the actor now.
    break_due: Callable[[Actor], bool] = field(default=lambda actor: False)

    def offers_next(self, actor: Actor) -> bool:
        """Whether the actor is offered a next case: a person with the first of the permissions to decide."""
        return self.following is not None and actor.person_id is not None and actor.can(self.decide[0])

    def decides(self, actor: Actor) -> bool:
        """Whether the actor is a person who may decide cases of this kind."""
        return actor.person_id is not None and any(actor.can(one) for one in self.decide)


_SUBJECTS: dict[str, WorkSubject] = {}


def register(*found: WorkSubject) -> None:
    """Register the kinds of case of a domain, once, when the applications are ready. Raises `ValueError`."""
    for one in found:
        if _SUBJECTS.setdefault(one.kind, one) is not one:
            raise ValueError(f"Two kinds of case are called {one.kind}.")


def subject_of(actor: Actor, kind: str) -> WorkSubject:
    """The kind of case, if this node has its desk and the actor may read it. Raises `NotFound`."""
    found = _SUBJECTS.get(kind)
    if found is None or not _readable(actor, found):
        raise NotFound
    return found


def case_of(actor: Actor, kind: str, subject_id: UUID) -> Case:
    """A case that the actor may see. Raises `NotFound`. Call inside `acting(actor)`."""
    found = subject_of(actor, kind).find(actor, [subject_id]).get(subject_id)
    if found is None:
        raise NotFound
    return found


def decidable(actor: Actor, kind: str, subject_id: UUID) -> Case:
    """A case that the actor may decide. Raises `NotFound`, `Forbidden`. Call inside `acting(actor)`."""
    case = case_of(actor, kind, subject_id)
    if not subject_of(actor, kind).decides(actor):
        raise Forbidden
    return case


def require_writable(actor: Actor, kind: str, subject_id: UUID) -> None:
    """Raise `CaseErased`, `NotFound` or `Forbidden` unless the actor may decide the case and its contents exist.

    Call inside `acting(actor)`.
    """
    if decidable(actor, kind, subject_id).erased:
        raise CaseErased


def every() -> list[WorkSubject]:
    """Every kind of case that a domain has registered."""
    return list(_SUBJECTS.values())


def titles(kind: str) -> Callable[[Actor, Collection[str]], dict[str, str]]:
    """How cases of a kind are called, by the ids of their events. The function is called inside `acting(actor)`."""

    def named(actor: Actor, ids: Collection[str]) -> dict[str, str]:
        found = _SUBJECTS[kind].find(actor, [UUID(one) for one in ids])
        return {str(pk): f"{_SUBJECTS[kind].label} {one.title}" for pk, one in found.items()}

    return named


def kinds_for(actor: Actor) -> list[str]:
    """The kinds of case that the actor may read on this node."""
    return [one.kind for one in _SUBJECTS.values() if _readable(actor, one)]


def _readable(actor: Actor, one: WorkSubject) -> bool:
    return actor.can(one.read) and (not one.desk or one.desk in settings.DESKS)
