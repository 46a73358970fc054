"""Erase the words of hand-overs: with the own case, or once a hand-over without one has ended long enough.

Steps and notes lose their text. Number, agency, need, states and times stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.casework.hand_overs.rows import SUBJECT
from tutela.casework.hand_overs.states import ENDED
from tutela.casework.models import AgencyHandOver, HandOverState, Way
from tutela.events.actor import Actor
from tutela.law import holds
from tutela.organisations.keys import subject_keys

# A run erases at most this many; the next run continues.
MOST_AT_ONCE = 2000


def erase_ended(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Ended hand-overs that belong to no own case, and that no hold keeps: those that were received above all."""
    refused = Q(way=Way.RECEIVED, state=HandOverState.REFUSED)
    due = AgencyHandOver.objects.filter(Q(state__in=ENDED) | refused, subject_id=None, changed_at__lte=before)
    kept = holds.in_effect(SUBJECT).values_list("subject_id", flat=True)
    waiting = due.filter(erased_at=None).exclude(pk__in=[UUID(one) for one in kept])
    for pk in list(waiting.order_by("changed_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        row = waiting.select_for_update().filter(pk=pk).first()
        if row is not None:
            _erase(row)
            yield SUBJECT, str(pk)


def erase_of_case(subject_kind: str, subject_id: UUID) -> None:
    """Erase the words of every hand-over of one own case, with its contents. Call inside `acting(actor)`."""
    found = AgencyHandOver.objects.select_for_update().filter(subject_kind=subject_kind, subject_id=subject_id)
    for row in found.filter(erased_at=None):
        _erase(row)


def _erase(row: AgencyHandOver) -> None:
    subject_keys.erase(SUBJECT, row.pk)
    erasure.erase(SUBJECT, row.pk)
    row.erased_at = clock.now()
    row.save(update_fields=["erased_at"])
