"""Items of the host that matched requested hashes: each is a candidate for the host's reviewer, and nothing more.

1. A match comes from the host's own Edge, with the list that the host built from requested hashes. It is taken out of
   the message before a candidate for a report could exist (`detection.candidates.requested_matches`).
2. What was withdrawn, has expired, or is lawful by an earlier review matches nothing, whatever an Edge still holds.
3. Only what anybody can see is meant: intake drops a match in private communication, and of a service that is only
   being tried out.
4. The same item again is one row while it is open. After a removal it is a new row: it came back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import case_number, uuid7
from tutela.events.record import record
from tutela.exchange.report.candidate import Candidate, CandidateMatch
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.victims.errors import UnknownFoundItem
from tutela.victims.models import FoundItem, FoundStage, RequestedItem, RequestedState

SUBJECT, CLOCK, PREFIX = "found_item", "removal_item", "G"
READ, REVIEW = "removal_items.read", "removal_items.review"


@dataclass(frozen=True)
class FoundFacts:
    """What the Edge said about an item: reference, service, rule and distance."""

    item: str = field(repr=False)
    service: str
    media_type: str
    rule: str
    distance: int | None
    exact: bool


def take(actor: Actor, message: Candidate, matches: Sequence[CandidateMatch]) -> UUID | None:
    """Store an item that matched; returns its ID, None if nothing is looked for any more. Inside `acting(actor)`."""
    wanted = [one.entry_id for one in matches]
    looked_for = RequestedItem.objects.filter(state=RequestedState.ACTIVE, expires_at__gt=clock.now())
    # Locked: a withdrawal comes before the item, or ends it.
    requested = looked_for.filter(entry_ids__overlap=wanted).select_for_update().order_by("pk").first()
    if requested is None:
        return None
    best = min(
        (one for one in matches if one.entry_id in requested.entry_ids),
        key=lambda one: (one.weak, one.by_window, one.distance or 0),
    )
    return _store(actor, requested, message, best)


def find(found_id: UUID) -> FoundItem:
    """An item. Raises `UnknownFoundItem`. Call inside `acting(actor)`."""
    row = FoundItem.objects.select_related("requested__membership").filter(pk=found_id).first()
    if row is None:
        raise UnknownFoundItem
    return row


def locked(found_id: UUID) -> FoundItem:
    """An item, locked until the transaction ends. Raises `UnknownFoundItem`. Call inside `acting(actor)`."""
    row = FoundItem.objects.select_for_update().filter(pk=found_id).first()
    if row is None:
        raise UnknownFoundItem
    return row


def facts_of(row: FoundItem) -> FoundFacts | None:
    """What the Edge said; None once it is erased. Call inside `acting(actor)`."""
    try:
        body = subject_keys.unseal(SUBJECT, row.pk, bytes(row.sealed), _purpose(row.pk))
    except Erased:
        return None
    return FoundFacts(**json.loads(body))


def _store(actor: Actor, requested: RequestedItem, message: Candidate, best: CandidateMatch) -> UUID | None:
    key = hashlib.sha256(f"{requested.pk}:{message.item}".encode()).hexdigest()
    known = FoundItem.objects.filter(requested=requested, item_key=key, stage__in=(FoundStage.OPEN, FoundStage.KEPT))
    if (before := known.values_list("pk", flat=True).first()) is not None:
        return before
    now = clock.now()
    row = FoundItem(
        id=uuid7(),
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        requested=requested,
        item_key=key,
        seen_at=message.at,
        due_at=KINDS[CLOCK].length.after(now),
        again=FoundItem.objects.filter(requested=requested, stage=FoundStage.REMOVED).exists(),
    )
    facts = {
        "item": message.item,
        "service": message.service or "",
        "media_type": message.media_type or "",
        "rule": best.rule,
        "distance": best.distance,
        "exact": best.rule.startswith("exact"),
    }
    row.sealed = subject_keys.seal(actor, SUBJECT, row.pk, json.dumps(facts).encode(), _purpose(row.pk))
    if not insert_ignore(row):
        return None
    clocks.start(actor, CLOCK, SUBJECT, row.pk)
    record(actor, "found_item.received", SUBJECT, row.pk, again=row.again)
    return row.pk


def _purpose(found_id: UUID) -> str:
    return f"found:{found_id}"
