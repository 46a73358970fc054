"""Kinds of subject that alerts are about, each registered once: who may answer, its texts, page and deadline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from tutela.casework.alerts import bell as bells
from tutela.casework.alerts.bell import Bell
from tutela.casework.alerts.schedule import AlertState
from tutela.casework.models import AlertReason
from tutela.events.actor import Actor
from tutela.law.clock_kinds import KINDS


@dataclass(frozen=True)
class AlertTexts:
    """Texts of a message: headline with %(count)s; line with %(number)s, %(due)s and %(why)s.

    `handed_on` is the line of a subject that has left the desk. `counted` is the line of a subject without a number,
    with %(count)s and %(due)s.
    """

    headline: object
    line: object
    handed_on: object = ""
    counted: object = ""


@dataclass(frozen=True)
class SubjectKind:
    """Kind of subject. `pending`, `lock`, `muted` and `bell` are called inside `acting(actor)`."""

    name: str
    # Subject kind in events.
    event_subject: str
    # Permissions to read alerts, and to answer them.
    read: str
    answer: str
    # Clock of `law` that starts with the first alert.
    clock: str
    # Desk of the page that lists the alerts, empty if every node has it, and that page.
    desk: str
    page: str
    texts: AlertTexts
    # Subjects with an alert, in no order.
    pending: Callable[[], Iterable[AlertState]]
    # Whether the subject exists; locks its row until the transaction ends.
    lock: Callable[[UUID], bool]
    # Reasons in addition to those of `AlertReason`, with their labels.
    reasons: Mapping[str, object] = field(default_factory=dict)
    # Subjects whose first alert is covered by another subject, such as one that stands for many.
    muted: Callable[[], QuerySet[Any, Any]] | None = None
    # Name of the count in events, for a subject that stands for many.
    counts: str = ""
    # Unanswered alerts, where they can be counted without reading each subject.
    bell: Callable[[], Bell] | None = None

    def unanswered(self) -> Bell:
        """Count the unanswered alerts. Call inside `acting(actor)`."""
        return self.bell() if self.bell else bells.of_states(self.pending())

    def facts(self, state: AlertState) -> dict[str, int]:
        """Facts of an alert's event, in addition to its reason."""
        return {self.counts: state.many} if self.counts else {}

    def reason_label(self, reason: str) -> str:
        """Reason of an alert in the reader's language."""
        found = AlertReason(reason).label if reason in AlertReason.values else self.reasons.get(reason, reason)
        return str(found)


_KINDS: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Register a kind of subject, once, when the applications are ready. Raises `ValueError`."""
    if kind.clock not in KINDS:
        raise ValueError(f"Alerts about {kind.name} name an unknown deadline kind: {kind.clock}.")
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Alerts about {kind.name} are registered twice.")


def subject_kind(name: str) -> SubjectKind:
    """Return a registered kind; raises `KeyError`."""
    return _KINDS[name]


def kinds_of(actor: Actor) -> Collection[SubjectKind]:
    """The kinds whose alerts the actor may read at a desk of this node."""
    return [one for one in _KINDS.values() if actor.can(one.read) and (not one.desk or one.desk in settings.DESKS)]


def answer_permissions() -> frozenset[str]:
    """Permissions to answer alerts of any kind; who has one may be on call."""
    return frozenset(one.answer for one in _KINDS.values())
