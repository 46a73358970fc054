"""Bell in the head of every page: the number of unanswered alerts. Alerts are counted without reading a subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tutela.casework.alerts.schedule import AlertState, histories, latest_plausible_time
from tutela.casework.models import Alert, AlertAnswer


@dataclass(frozen=True)
class Bell:
    """Number of subjects with an unanswered alert, and the time of the newest alert."""

    unanswered: int
    newest: datetime | None

    @property
    def token(self) -> str:
        """Token of this state; a changed state has another token."""
        return f"{self.unanswered}-{self.newest.isoformat() if self.newest else ''}"

    def newer_than(self, token: str) -> bool:
        """Whether an alert was raised after the state with this token was shown.

        A token from a wrong clock that was ahead mutes nothing.
        """
        heard = token.partition("-")[2]
        return self.newest is not None and (
            self.newest.isoformat() > heard or heard > latest_plausible_time().isoformat()
        )


def together(*bells: Bell) -> Bell:
    """Add several bells up."""
    return Bell(sum(one.unanswered for one in bells), max((one.newest for one in bells if one.newest), default=None))


def of_rows(kind: str, rows: QuerySet[Any], key: str) -> Bell:
    """Bell of some rows; `key` is the column with the alerts' subject ID. Call inside `acting(actor)`."""
    own = {"subject_kind": kind, "subject_id": OuterRef(key)}
    raised = Alert.objects.filter(**own).order_by().values("subject_id").annotate(n=Count("pk")).values("n")
    last = (
        Alert.objects.filter(**own, created_at__lte=latest_plausible_time())
        .order_by("-created_at")
        .values("created_at")[:1]
    )
    answered = AlertAnswer.objects.filter(**own).order_by("-answers").values("answers")[:1]
    counted = rows.annotate(raised=Subquery(raised), answered=Coalesce(Subquery(answered), 0), last=Subquery(last))
    part = counted.filter(raised__gt=F("answered")).aggregate(n=Count("pk"), newest=Max("last"))
    return Bell(part["n"], part["newest"])


def of_states(states: Iterable[AlertState]) -> Bell:
    """Bell of subjects whose alerts were read."""
    found = [one.history for one in states if one.unanswered]
    return Bell(len(found), max((one.newest for one in found if one.newest), default=None))


def of_subjects(kind: str, ids: Collection[UUID]) -> Bell:
    """Bell of a few subjects. An empty collection needs no query. Call inside `acting(actor)`."""
    found = [one for one in histories(kind, ids).values() if one.unanswered] if ids else []
    return Bell(len(found), max((one.newest for one in found if one.newest), default=None))
