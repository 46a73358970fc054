"""Review of an item that matched a removal request: a reviewer opens it, and decides whether it is removed.

1. Opening counts in the reviewer's daily limit, together with all other items.
2. A decision needs an opening: nothing is removed unseen, and nothing by itself. What is lawful stays, such as a
   picture of the news that a stranger wants gone.
3. Removed: the reviewer removed the item in the host's own tool. Not removed: with a reason of the list.
4. A lawful picture is not looked for any more under this request.
5. Victim support is told the outcome, and nothing about the item. No report, no indicator and no draft follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.casework.exposure.openings import OpeningResult
from tutela.detection.candidates import viewing_budget
from tutela.detection.settings.media_links import Link
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.removal.scheme import KeptBecause, RemovalOutcome
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.victims.errors import DailyLimit, ItemDecided, ItemGone, NotAPerson, NotLookedAt
from tutela.victims.host_desk import found_items, requested_items
from tutela.victims.models import FoundDecision, FoundItem, FoundStage, RequestedItem, RequestedState

MOST_CHARACTERS = 2000


@dataclass(frozen=True)
class FoundJudgement:
    """A reviewer's decision: removed, or kept with a reason of the list."""

    outcome: str
    because: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ShownItem:
    """The item for a few minutes: a signed link, or its reference for the host's own tool."""

    row: FoundItem
    item: str
    media_type: str
    link: Link | None


def open_item(actor: Actor, found_id: UUID) -> None:
    """Count an opening. Raises `DailyLimit`, `ItemDecided`, `ItemGone`, `UnknownFoundItem`."""
    actor.require(found_items.REVIEW)
    if actor.person_id is None:
        raise NotAPerson
    with acting(actor):
        row = found_items.locked(found_id)
        _require_open(row)
        facts = found_items.facts_of(row)
        result = viewing_budget.open_other(actor, row.pk, facts.service if facts and facts.service else None)
        if result is OpeningResult.STOPPED:
            raise DailyLimit
        if result is OpeningResult.COUNTED:
            record(actor, "found_item.opened", found_items.SUBJECT, row.pk)


def shown(actor: Actor, found_id: UUID) -> ShownItem | None:
    """The item that the actor opened within the last minutes; None if they did not."""
    actor.require(found_items.REVIEW)
    with acting(actor):
        row = found_items.find(found_id)
        facts = found_items.facts_of(row)
        if facts is None or not viewing_budget.is_open(actor, row.pk):
            return None
        link = viewing_budget.item_link(actor, facts.service or None, facts.item)
        return ShownItem(row, facts.item, facts.media_type, link)


def decide(actor: Actor, found_id: UUID, given: FoundJudgement) -> None:
    """Decide about an item. Raises `NotLookedAt`, `ItemDecided`, `ItemGone`, `Invalid` naming the field."""
    actor.require(found_items.REVIEW)
    if actor.person_id is None:
        raise NotAPerson
    _check(given)
    with acting(actor):
        # In the order in which a withdrawal locks them.
        requested = RequestedItem.objects.select_for_update(of=("self",)).select_related("membership")
        asked = requested.get(pk=found_items.find(found_id).requested_id)
        row = found_items.locked(found_id)
        _require_open(row)
        if not viewing_budget.was_opened(actor, row.pk):
            raise NotLookedAt
        _store(actor, row, given)
        outcome = RemovalOutcome.REMOVED if given.outcome == FoundStage.REMOVED else RemovalOutcome.KEPT
        requested_items.answer(actor, asked, outcome, given.because)
        if given.because == KeptBecause.LAWFUL:
            asked.state = RequestedState.LAWFUL
            asked.save(update_fields=["state"])


def _require_open(row: FoundItem) -> None:
    if row.stage == FoundStage.GONE:
        raise ItemGone
    if row.stage != FoundStage.OPEN:
        raise ItemDecided(name=row.decision.by_name)


def _check(given: FoundJudgement) -> None:
    if given.outcome not in (FoundStage.REMOVED, FoundStage.KEPT):
        raise Invalid("Choose whether the item is removed.", field="outcome")
    if (given.outcome == FoundStage.KEPT) != (given.because in list(KeptBecause)):
        raise Invalid("Choose why the item is not removed, and only then.", field="because")
    if len(given.reason) > MOST_CHARACTERS:
        raise Invalid("Enter at most {most} characters.", field="reason", most=MOST_CHARACTERS)


def _store(actor: Actor, row: FoundItem, given: FoundJudgement) -> None:
    made = FoundDecision(
        organisation_id=actor.organisation_id,
        found=row,
        outcome=given.outcome,
        because=given.because,
        reason=given.reason.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, found_items.SUBJECT, row.pk, made)
    if not insert_ignore(made):
        raise ItemDecided(name=FoundDecision.objects.get(found=row).by_name)
    row.stage, row.decided_at = FoundStage(given.outcome), clock.now()
    row.save(update_fields=["stage", "decided_at"])
    clocks.stop_if_running(actor, found_items.CLOCK, found_items.SUBJECT, row.pk)
    claim.decided(actor, found_items.SUBJECT, row.pk)
    facts = {"outcome": given.outcome, "because": given.because}
    record(actor, "found_item.decided", found_items.SUBJECT, row.pk, **facts)
