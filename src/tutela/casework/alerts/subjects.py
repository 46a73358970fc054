"""Kinds of subject that alerts are about: each is registered once, with who may answer, its texts, page and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tutela.casework.alerts.schedule import AlertState
from tutela.casework.models import AlertReason
from tutela.law.clock_kinds import KINDS


@dataclass(frozen=True)
class AlertTexts:
    """What a message says: its headline with %(count)s; a line with %(number)s, %(due)s and %(why)s.

    `handed_on` is the line of what has left the desk; `counted` that of what has no number, with %(count)s and %(due)s.
    """

    headline: object
    line: object
    handed_on: object = ""
    counted: object = ""


@dataclass(frozen=True)
class SubjectKind:
    """A kind of subject. `pending`, `lock` and `muted` are called inside `acting(actor)`."""

    name: str
    # What a subject of this kind is called in events.
    event_subject: str
    # Permissions to see what calls, and to answer.
    read: str
    answer: str
    # The clock of `law` that runs from the first alert on.
    clock: str
    # Where people see what calls.
    page: str
    texts: AlertTexts
    # Every subject that calls by itself, in no order.
    pending: Callable[[], Iterable[AlertState]]
    # Whether the subject is there to be answered for; locked until the transaction ends.
    lock: Callable[[UUID], bool]
    # Reasons in addition to those of `AlertReason`, with their labels.
    reasons: Mapping[str, object] = field(default_factory=dict)
    # Subjects whose first alert is told by another subject's, for instance by one that stands for many.
    muted: Callable[[], QuerySet[Any, Any]] | None = None
    # What a subject that stands for many counts, as events say it.
    counts: str = ""

    def facts(self, state: AlertState) -> dict[str, int]:
        """Facts of an alert's event, in addition to its reason."""
        return {self.counts: state.many} if self.counts else {}

    def reason_label(self, reason: str) -> str:
        """Why an alert is raised, as people read it."""
        found = AlertReason(reason).label if reason in AlertReason.values else self.reasons.get(reason, reason)
        return str(found)


_KINDS: dict[str, SubjectKind] = {}


def register(kind: SubjectKind) -> None:
    """Let alerts be about a kind of subject. Called once for each, when the applications are ready."""
    if kind.clock not in KINDS:
        raise ValueError(f"Alerts about {kind.name} name an unknown deadline kind: {kind.clock}.")
    if _KINDS.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"Alerts about {kind.name} are registered twice.")


def subject_kind(name: str) -> SubjectKind:
    """A kind that was registered; raises `KeyError`."""
    return _KINDS[name]
