"""Future sightings: an own item is seen again after the answer, and the person learns of it only by their own choice.

1. A person of the desk records a sighting, from what the Centre says. It stays in the file in every case.
2. Only who chose to be told, and whose identity is proved, is told, in the conversation. No choice means no notice.
3. During a hold nothing is told. Once it ends, the job tells what was recorded meanwhile.
4. Who chooses later to be told learns of what was seen since the answer. A notice has no facts: who wants them asks.
5. Somebody who acts for another has no such choice, and is told nothing.
6. Who asked by letter has no conversation: the desk writes a letter, and records that it was sent.
"""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from tutela.casework.anonymous import inbox
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.errors import NoLetterDue
from tutela.victims.information import answers, identity, items, rows
from tutela.victims.information.items import FactInput
from tutela.victims.information.rows import WORK
from tutela.victims.models import (
    Asker,
    InformationRequest,
    InformationStage,
    InformationStep,
    InformationStepKind,
    Notify,
)

S = InformationStepKind
MOST_AT_ONCE = 500


def add(actor: Actor, request_id: UUID, given: FactInput) -> None:
    """Record that an own item was seen again. Raises `NotOwnItem`, `RequestNotAnswered`, `Invalid`."""
    actor.require(WORK)
    said = items.checked(given)
    with acting(actor):
        row = rows.locked_answered(request_id)
        items.store(actor, row, said)
        rows.step(actor, row, S.SIGHTING, str(said.place))
        _tell(actor, row)


def tell_waiting(actor: Actor) -> int:
    """Tell everybody who wants it and whom a hold or a missing choice kept from it; returns how many. For a job."""
    with acting(actor):
        waiting = untold().filter(conversation_id__isnull=False).order_by("pk").values_list("pk", flat=True)
        # Those whom a hold or an identity that is not proved keeps back take no place either.
        due = (_tell(actor, rows.locked_answered(one)) for one in list(waiting) if _tellable(one))
        return sum(islice(filter(None, due), MOST_AT_ONCE))


def untold() -> QuerySet[InformationRequest]:
    """Answered requests of people in the pictures who chose to be told of a sighting, and were not. In `acting`."""
    newest = InformationStep.objects.filter(request=OuterRef("pk"), kind__in=(S.SIGHTING, S.TOLD))
    wanted = InformationRequest.objects.filter(
        asker=Asker.SELF,
        notify=Notify.NOTIFY,
        stage=InformationStage.CLOSED,
        withdrawn_at=None,
        erased_at=None,
    )
    found = wanted.annotate(newest=Subquery(newest.order_by("-created_at", "-pk").values("kind")[:1]))
    return found.filter(newest=S.SIGHTING)


def letter_due(row: InformationRequest) -> bool:
    """Whether the desk has to write to the person that an item was seen again. Call inside `acting(actor)`."""
    return row.conversation_id is None and _due(row)


def record_letter(actor: Actor, request_id: UUID) -> None:
    """Record that the person was told by letter. Raises `NoLetterDue`, `RequestNotAnswered`."""
    actor.require(WORK)
    with acting(actor):
        row = rows.locked_answered(request_id)
        if not letter_due(row):
            raise NoLetterDue
        rows.step(actor, row, S.TOLD)


def _tell(actor: Actor, row: InformationRequest) -> bool:
    """Tell the person of sightings that they were not told of, by rules 2 to 5; returns whether they were told."""
    conversation = row.conversation_id
    if conversation is None or not _due(row) or not inbox.tell(actor, conversation, notice(row)):
        return False
    rows.step(actor, row, S.TOLD)
    return True


def _tellable(request_id: UUID) -> bool:
    return _may_tell(rows.find(request_id))


def _due(row: InformationRequest) -> bool:
    return untold().filter(pk=row.pk).exists() and _may_tell(row)


def _may_tell(row: InformationRequest) -> bool:
    """Rules 2 and 3."""
    return not answers.held(row) and identity.proved(row)


def notice(row: InformationRequest) -> str:
    """What the person reads."""
    with speaking(row.language):
        return _(
            "You asked us to tell you: a picture of you was seen again. Write here if you want to know more. "
            "You can choose here that we never tell you again."
        )
