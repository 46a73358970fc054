"""Conditions for an answer to a parent or another representative.

1. A person of the desk heard the child alone, and recorded the child's own wish, by age and maturity.
2. A person excluded that the one who asks has an interest against the child.
3. The newest record of each counts. Without both, the only answer is the neutral one, and it says nothing of this.
4. Who said to be the person in the pictures and is not becomes a parent or another representative, by a finding of a
   person with its ground. It never goes back, and rules 1 to 3 apply from then on.

A parent is treated as any other representative: who abuses a child is often the one who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import ConflictNotExcluded, WishNotRecorded
from tutela.victims.information import rows
from tutela.victims.information.rows import SUBJECT, WORK
from tutela.victims.models import (
    AgeBand,
    Asker,
    ChildWish,
    ChildWishKind,
    ConflictCheck,
    InformationRequest,
    InformationStepKind,
)


@dataclass(frozen=True)
class WishInput:
    """The child's own wish as a person heard it."""

    wish: str
    age_band: str
    maturity: str
    heard_alone: bool


def record_wish(actor: Actor, request_id: UUID, given: WishInput) -> None:
    """Record the child's wish. Raises `Invalid`, `RequestAnswered`."""
    actor.require(WORK)
    maturity = step_rows.checked(given.maturity, "maturity")
    if given.wish not in ChildWishKind.values or given.age_band not in AgeBand.values:
        raise Invalid("Choose the wish and the age band.", field="wish")
    with acting(actor):
        row = rows.locked_open(request_id)
        made = ChildWish(
            organisation_id=actor.organisation_id,
            request=row,
            wish=given.wish,
            age_band=given.age_band,
            maturity=maturity,
            heard_alone=given.heard_alone,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "maturity")
        made.save(force_insert=True)
        rows.step(actor, row, InformationStepKind.WISH)


def record_conflict(actor: Actor, request_id: UUID, ground: str, *, excluded: bool) -> None:
    """Record whether a conflict of interest is excluded, and on what that rests. Raises `Invalid`."""
    actor.require(WORK)
    said = step_rows.checked(ground, "ground")
    with acting(actor):
        row = rows.locked_open(request_id)
        made = ConflictCheck(
            organisation_id=actor.organisation_id,
            request=row,
            excluded=excluded,
            ground=said,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "ground")
        made.save(force_insert=True)
        rows.step(actor, row, InformationStepKind.CONFLICT)


def record_asker(actor: Actor, request_id: UUID, asker: str, ground: str) -> None:
    """Record that who asks is not the person in the pictures. Raises `Invalid`, `UnknownInformationRequest`.

    Also after an answer: nothing more is told then.
    """
    actor.require(WORK)
    said = step_rows.checked(ground, "ground")
    with acting(actor):
        row = rows.locked(request_id)
        if row.asker != Asker.SELF or asker not in (Asker.PARENT, Asker.REPRESENTATIVE):
            raise Invalid("Choose a parent or another representative.", field="asker")
        row.asker = asker
        row.save(update_fields=["asker"])
        rows.step(actor, row, InformationStepKind.ASKER, said)


def require(row: InformationRequest) -> None:
    """Raise `WishNotRecorded` or `ConflictNotExcluded` where a representative may not be answered."""
    if row.asker == Asker.SELF:
        return
    wish = row.wishes.last()
    if wish is None or wish.wish != ChildWishKind.WANTS or not wish.heard_alone:
        raise WishNotRecorded
    checked = row.conflict_checks.last()
    if checked is None or not checked.excluded:
        raise ConflictNotExcluded
