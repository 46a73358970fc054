"""Survivors' views inside the network: offered with consent, heard, answered by a change or a reason, withdrawable.

A curator enters a view without a name. A withdrawn view loses its text at once; its steps stay, without their texts
on any page.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.knowledge.permissions import CURATE, READ, VOICE
from tutela.prevention.models import SurvivorView, ViewConsent, ViewState, ViewStep

_FOLLOWS: dict[str, frozenset[str]] = {
    ViewState.HEARD: frozenset({ViewState.OFFERED}),
    ViewState.CHANGED: frozenset({ViewState.HEARD}),
    ViewState.NOT_CHANGED: frozenset({ViewState.HEARD}),
    ViewState.WITHDRAWN: frozenset({ViewState.OFFERED, ViewState.HEARD, ViewState.CHANGED, ViewState.NOT_CHANGED}),
}


def offer(actor: Actor, text: str, consent: str) -> UUID:
    """Enter a view, without a name. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    if not text.strip():
        raise Invalid("Enter the view, without names.", field="text")
    if consent not in ViewConsent.values:
        raise Invalid("Choose where the view may be read.", field="consent")
    with acting(actor):
        row = SurvivorView(organisation_id=actor.organisation_id, text=text.strip(), consent=consent)
        row.save(force_insert=True)
        record(actor, "voice.offered", VOICE, row.pk, consent=consent)
        return UUID(str(row.pk))


def step(actor: Actor, view_id: UUID, state: str, text: str = "") -> None:
    """Record what became of a view. Raises `NotFound`, `Conflict`, `Invalid`."""
    actor.require(CURATE)
    if state not in _FOLLOWS:
        raise Invalid("Choose what happened.", field="state")
    if state in (ViewState.CHANGED, ViewState.NOT_CHANGED) and not text.strip():
        raise Invalid("Enter what changed, or why nothing did.", field="text")
    with acting(actor):
        row = SurvivorView.objects.select_for_update().filter(pk=view_id).first()
        if row is None:
            raise NotFound
        if row.state not in _FOLLOWS[state]:
            raise Conflict
        withdrawn = state == ViewState.WITHDRAWN
        ViewStep(
            organisation_id=actor.organisation_id,
            view=row,
            state=state,
            text="" if withdrawn else text.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        row.state, row.text = state, "" if withdrawn else row.text
        row.save(update_fields=["state", "text"])
        record(actor, "voice.step", VOICE, row.pk, state=state)


def list_views(actor: Actor) -> list[SurvivorView]:
    """Views with their steps, the newest first; withdrawn ones are left out."""
    actor.require(READ)
    with acting(actor):
        rows = SurvivorView.objects.exclude(state=ViewState.WITHDRAWN).prefetch_related("steps")
        return list(rows.order_by("-created_at", "pk"))


def public_views() -> list[SurvivorView]:
    """Views that may be read publicly, with what became of them. Call inside `acting`."""
    rows = SurvivorView.objects.filter(consent=ViewConsent.PUBLIC).exclude(state=ViewState.WITHDRAWN)
    return list(rows.prefetch_related("steps").order_by("-created_at", "pk"))
