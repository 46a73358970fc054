"""What the person of a conversation would read by an act of the organisation, for the preview of that act."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from tutela.casework.anonymous import conversations, inbox
from tutela.casework.models import Conversation, Direction
from tutela.events.actor import Actor
from tutela.events.record import Recorded
from tutela.organisations.web.previews import Words


def words_of(actor: Actor, events: list[Recorded]) -> list[Words]:
    """The newest text of each conversation that the running transaction answered. Call inside `acting(actor)`."""
    answered = {one.subject_id for one in events if one.kind == "conversation.answered"}
    rows = Conversation.objects.filter(pk__in=answered, organisation_id=actor.organisation_id).order_by("number")
    return [Words(row.number, _newest(row)) for row in rows]


def _newest(row: Conversation) -> str:
    newest = row.entries.filter(direction=Direction.STAFF).order_by("-position").first()
    return conversations.unseal(row.pk, newest.sealed) if newest else ""


def names_of(_actor: Actor, ids: Collection[str]) -> dict[str, str]:
    """Case numbers of conversations. Call inside `acting(actor)`."""
    return {str(pk): number for pk, number in inbox.numbers_of([UUID(one) for one in ids]).items()}
