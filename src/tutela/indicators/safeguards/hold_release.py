"""Release of holds: what waits for the Centre, and the one decision that ends a hold.

1. Whoever decides states the findings.
2. Accepted material continues; refused material is revoked. The decision takes a security key where the Centre asks for
   one.
3. A person and an organisation continue after any decision. Accepted disputes and false positives take their normal
   effect, refused ones stay readable (`hold_effects`).

Triggers refuse a decision by any organisation except the Centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.list_access import listed
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.approval import Act, ActSubject
from tutela.indicators.hashes import stored_hashes
from tutela.indicators.models import OF_MATERIAL, OF_PROPOSERS, Hold, HoldDecision, HoldKind
from tutela.indicators.safeguards import hold_effects, holds, rate_limits
from tutela.organisations.approvals import approve
from tutela.organisations.approvals.approve import NO_INPUT, Way
from tutela.organisations.people import directory

# So much material is shown, and so many indicators of each hold.
SHOWN, NAMED = 200, 20


@dataclass(frozen=True)
class HoldView:
    """A hold as the desk shows it: of whom, how many indicators it concerns, and the first of them (id and number)."""

    row: Hold
    organisation: directory.DirectoryEntry
    count: int
    entries: list[tuple[UUID, str]]


def list_holds(actor: Actor) -> list[HoldView]:
    """Return the pending holds, oldest first: organisations, then material.

    Records the access to each indicator that is named.
    """
    actor.require("alerts.read")
    with acting(actor):
        rows = holds.open_holds().order_by("created_at")
        of_material = rows.filter(kind__in=OF_MATERIAL)[:SHOWN]
        found = [_view(row) for row in (*rows.exclude(kind__in=OF_MATERIAL), *of_material)]
        if ids := [pk for one in found for pk, _number in one.entries]:
            listed(actor, "indicator", ids, page=1, state="held")
        return found


def open_count(actor: Actor) -> int:
    """The number of pending holds."""
    with acting(actor):
        return holds.open_holds().count()


def release(actor: Actor, hold_id: UUID, *, accepted: bool, reason: str, way: Way = NO_INPUT) -> int:
    """Accept or refuse what is held; returns how many indicators it concerns.

    Raises `Invalid`, `NotFound`, and as `approve.approve`.
    """
    actor.require("alerts.answer")
    reason = reason.strip()[:300]
    if not reason:
        raise Invalid("Enter your findings.", field="reason")
    with acting(actor):
        row = _locked(hold_id)
        if row.kind in OF_MATERIAL:
            approve.approve(actor, _act(row, accepted=accepted, reason=reason), way)
        decision = HoldDecision(
            organisation_id=actor.organisation_id,
            hold=row,
            accepted=accepted,
            reason=reason,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(decision):
            raise NotFound
        about = holds.indicators_of(row)
        count = (about if accepted else about.filter(revocation__isnull=True)).count()
        facts: dict[str, Any] = {"of": row.kind, "about": row.subject_id, "accepted": accepted, "count": count}
        record(actor, "register.released", "hold", row.pk, codes=row.codes, owner=row.organisation_id, **facts)
        hold_effects.begin(actor, row, accepted=accepted)
        if row.kind in OF_PROPOSERS:
            rate_limits.forget_refusals(row.subject_id)
    return count


def _locked(hold_id: UUID) -> Hold:
    """Lock a pending hold for its decision. Statements and imports in progress are part of the decision; later ones see
    it.
    """
    row = holds.open_holds().filter(pk=hold_id).first()
    if row is None:
        raise NotFound
    if row.kind in OF_MATERIAL:
        stored_hashes.exclude_imports()
    else:
        holds.open_on(HoldKind(row.kind), row.subject_id)
    return row


def _act(row: Hold, *, accepted: bool, reason: str) -> Act:
    subject, word = ActSubject(id=row.pk, name=row.codes), "released" if accepted else "refused"
    return Act(name="held", subjects=(subject,), reason=reason, chosen={"decision": word})


def _view(row: Hold) -> HoldView:
    about = holds.indicators_of(row)
    owner = row.subject_id if row.kind == HoldKind.FEEDBACK else row.organisation_id
    named = about.none() if row.kind == HoldKind.IMPORT else about
    first = list(named.order_by("number").values_list("pk", "number")[:NAMED])
    return HoldView(row, directory.entry(owner), about.count(), first)
