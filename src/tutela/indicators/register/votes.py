"""Opinions on an indicator: confirmations, and other classes.

A confirmation changes no state. A class takes effect once two organisations in two countries name the same one; of
several, the last named wins. The class then applies to the policy, the feed, exports and the law shown. Certifiers
signed the proposer's class, which stays recorded. An opinion equal to the organisation's last one is not stored again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.errors import OutsidePolicy
from tutela.indicators.lifecycle import policy, state_machine
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import (
    Vote,
)
from tutela.indicators.register.match_feedback import RecipientOpinion, recipients_of
from tutela.indicators.safeguards.opinion_limits import refuse_too_many
from tutela.law.classification import checked_code

# A database function returns the effective class, because a trigger needs the class too.
_CLASSES = """
SELECT said.indicator_id, indicators_class(said.indicator_id)
FROM (SELECT DISTINCT indicator_id FROM indicators_vote WHERE indicator_id = ANY(%s) AND kind = 'reclassify') said"""


@dataclass(frozen=True)
class OpinionTally:
    """Confirmations, the class that counts, and recipients by their newest word on matches."""

    confirmed: int
    classification: str
    right: int
    wrong: int
    recipients: tuple[RecipientOpinion, ...] = ()


def confirm(actor: Actor, indicator_id: UUID, note: str = "") -> None:
    """Say that one's own assessment agrees. Raises `NotFound`, `SaidTooOften`."""
    _vote(actor, indicator_id, "confirm", "", note)


def reclassify(actor: Actor, indicator_id: UUID, classification: str, reason: str) -> None:
    """Say that it belongs in another class, with a reason. As `confirm`; raises `Invalid`, `OutsidePolicy`."""
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    checked_code(classification)
    if not policy.rules().permits(classification):
        raise OutsidePolicy
    _vote(actor, indicator_id, "reclassify", classification, reason)


def tally(row: Any) -> OpinionTally:
    """Return the opinions on an indicator. Call inside `acting(actor)`."""
    said = Vote.objects.filter(indicator=row.pk, kind="confirm").order_by().values("organisation_id").distinct()
    recipients, words = recipients_of(row)
    return OpinionTally(said.count(), class_of(row), words.count("confirmed"), words.count("false"), recipients)


def class_of(row: Any) -> str:
    """The class that counts of an indicator. Call inside `acting(actor)`."""
    return classes([row.pk]).get(row.pk, str(row.classification))


def classes(ids: Collection[UUID]) -> dict[UUID, str]:
    """The classes that count of those about whose class anybody voted; of any other it is the proposer's.

    Call inside `acting(actor)`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLASSES, [list(ids)])
        return dict(cursor.fetchall())


def _vote(actor: Actor, indicator_id: UUID, kind: str, classification: str, reason: str) -> None:
    actor.require("indicators.certify")
    actor.require_verified()
    with acting(actor):
        row = with_state().filter(pk=indicator_id).exclude(state=state_machine.State.REVOKED.value).first()
        if row is None:
            raise NotFound
        lock(f"vote:{row.pk}:{actor.organisation_id}")
        said = {"classification": classification, "country": actor.country, "reason": reason.strip()[:300]}
        mine = Vote.objects.filter(indicator=row.pk, organisation_id=actor.organisation_id)
        last = mine.filter(kind=kind).order_by("-created_at", "-id").first()
        if last is not None and all(getattr(last, name) == value for name, value in said.items()):
            return
        refuse_too_many(mine)
        Vote.objects.create(
            organisation_id=actor.organisation_id, indicator_id=row.pk, kind=kind, by=actor.reference, **said
        )
        record(actor, "indicator.voted", "indicator", row.pk, number=row.number, vote=kind)
