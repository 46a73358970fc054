"""Input of survivors. It begins with their consent, shows what changed, and ends with their withdrawal.

1. An input comes by the anonymous channel; its words stand there. Staff may enter one that was said in person.
2. Consent is for victim support alone, until the survivor allows more. Nobody else can raise it.
3. Each input shows what changed because of it, or why nothing did. Thanks are no answer.
4. A withdrawal erases the words at once. That something changed stays, without a word of the survivor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import InputWithdrawn, UnknownInput
from tutela.victims.models import InputChange, InputConsent, InputEffect, PlatformMeeting, SurvivorInput

SUBJECT, PREFIX = "survivor_input", "Z"
READ, WORK = "support.read", "support.work"
# How far a consent goes.
_ORDER = (InputConsent.HERE, InputConsent.PLATFORM, InputConsent.QUOTED)


@dataclass(frozen=True)
class InputView:
    """An input with its words, as far as they are here, and what changed."""

    row: SurvivorInput
    text: str
    conversation: str
    changes: list[InputChange]

    @property
    def answered(self) -> bool:
        """Whether somebody said what changed."""
        return bool(self.changes)


def take_message(actor: Actor, conversation_id: UUID, text: str) -> None:
    """Open the input of a conversation; later messages belong to it. In the transaction of the message."""
    if SurvivorInput.objects.filter(conversation_id=conversation_id).exists():
        return
    at = clock.this_hour()
    row = SurvivorInput(
        id=uuid7_of_hour(),
        created_at=at,
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        conversation_id=conversation_id,
        language=inbox.language_of(conversation_id) or "en",
        received_at=at,
    )
    if not insert_ignore(row):
        raise NumberTaken
    record_of_hour(actor, "survivor_input.received", SUBJECT, row.pk, number=row.number)


def enter(actor: Actor, text: str, consent: str, language: str) -> UUID:
    """Enter an input that was said in person, with the survivor's consent; returns its ID. Raises `Invalid`."""
    actor.require(WORK)
    said = step_rows.checked(text)
    if consent not in InputConsent.values:
        raise Invalid("Choose what the survivor consents to.", field="consent")

    def work() -> UUID:
        with acting(actor):
            row = SurvivorInput(
                id=uuid7(),
                organisation_id=actor.organisation_id,
                number=case_number(PREFIX),
                consent=consent,
                text=said,
                language=language or "en",
                received_at=clock.now(),
            )
            subject_keys.seal_words(actor, SUBJECT, row.pk, row, "text")
            if not insert_ignore(row):
                raise NumberTaken
            record(actor, "survivor_input.received", SUBJECT, row.pk, number=row.number)
            return row.pk

    return redrawn(work)


def choose_consent(actor: Actor, row: SurvivorInput, consent: str) -> None:
    """Store the survivor's own choice. Raises `Invalid`. Call inside `acting(actor)`, as the survivor."""
    if consent not in InputConsent.values:
        raise Invalid("Choose what we may do with it.", field="consent")
    row.consent = consent
    row.save(update_fields=["consent"])
    record_of_hour(actor, "survivor_input.consent", SUBJECT, row.pk, consent=consent)


def add_change(actor: Actor, input_id: UUID, effect: str, text: str, meeting_id: UUID | None = None) -> None:
    """Record what changed because of an input, or why nothing did, and tell the survivor.

    Raises `Invalid` where consent does not go so far, `InputWithdrawn`, `UnknownInput`.
    """
    actor.require(WORK)
    said = step_rows.checked(text)
    if effect not in InputEffect.values:
        raise Invalid("Choose what became of it.", field="effect")
    with acting(actor):
        row = _open(input_id)
        meeting = PlatformMeeting.objects.filter(pk=meeting_id).first() if meeting_id else None
        if (effect == InputEffect.TAKEN_ALONG) != (meeting is not None):
            raise Invalid("Choose the meeting to which it was brought, and only then.", field="meeting")
        if meeting is not None and not allows(row, InputConsent.PLATFORM):
            raise Invalid("The survivor has not consented to this.", field="effect")
        made = InputChange(
            organisation_id=actor.organisation_id,
            input=row,
            effect=effect,
            text=said,
            meeting=meeting,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
        made.save(force_insert=True)
        record(actor, "survivor_input.changed", SUBJECT, row.pk, effect=effect)


def withdraw(actor: Actor, conversation_id: UUID) -> None:
    """The survivor withdrew the conversation: nothing of the words is left. In that transaction."""
    row = SurvivorInput.objects.select_for_update().filter(conversation_id=conversation_id).first()
    if row is not None and row.withdrawn_at is None:
        _withdraw(row, clock.this_hour())
        record_of_hour(actor, "survivor_input.withdrawn", SUBJECT, row.pk)


def withdraw_at_desk(actor: Actor, input_id: UUID) -> None:
    """Withdraw an input because its survivor told the desk so. Raises `UnknownInput`, `InputWithdrawn`."""
    actor.require(WORK)
    with acting(actor):
        row = _open(input_id)
        _withdraw(row, clock.now())
        if row.conversation_id is not None:
            # Whatever its state: what was said stands in a closed conversation too.
            inbox.erase_words(actor, row.conversation_id)
            inbox.tell(actor, row.conversation_id, _withdrawn(row))
        record(actor, "survivor_input.withdrawn", SUBJECT, row.pk)


def allows(row: SurvivorInput, consent: InputConsent) -> bool:
    """Whether the survivor consents to this."""
    return row.withdrawn_at is None and _ORDER.index(InputConsent(row.consent)) >= _ORDER.index(consent)


def list_inputs(actor: Actor) -> list[InputView]:
    """Every input, the newest first. The view is recorded."""
    actor.require(READ)
    with acting(actor):
        found = list(SurvivorInput.objects.order_by("-received_at", "-id").prefetch_related("changes__meeting")[:500])
        record(actor, "survivor_input.listed", SUBJECT, "list", rows=len(found))
        numbers = inbox.numbers_of([one.conversation_id for one in found if one.conversation_id])
        return [_view(one, numbers) for one in found]


def of_conversation(conversation_id: UUID) -> tuple[SurvivorInput | None, list[InputChange]]:
    """The input of a conversation and what changed, for its survivor. Call inside `acting(actor)`."""
    row = SurvivorInput.objects.filter(conversation_id=conversation_id, withdrawn_at=None).first()
    return (row, _changes(row)) if row else (None, [])


def exists(actor: Actor, input_id: UUID) -> bool:
    """Whether the actor's organisation has this input."""
    with acting(actor):
        return SurvivorInput.objects.filter(pk=input_id).exists()


def unanswered() -> int:
    """Inputs of which nobody said what changed. Call inside `acting(actor)`."""
    return SurvivorInput.objects.filter(withdrawn_at=None, changes=None).count()


def _withdraw(row: SurvivorInput, at: Any) -> None:
    subject_keys.erase(SUBJECT, row.pk)
    row.withdrawn_at, row.text = at, ""
    row.save(update_fields=["withdrawn_at", "text"])


def _withdrawn(row: SurvivorInput) -> str:
    """What the survivor reads in place of their words."""
    with speaking(row.language):
        return _("As you asked, we erased everything that you wrote here.")


def _open(input_id: UUID) -> SurvivorInput:
    row = SurvivorInput.objects.select_for_update().filter(pk=input_id).first()
    if row is None:
        raise UnknownInput
    if row.withdrawn_at is not None:
        raise InputWithdrawn
    return row


def _changes(row: SurvivorInput) -> list[InputChange]:
    found = list(row.changes.all())
    subject_keys.open_words(SUBJECT, row.pk, found, "text")
    return found


def _view(row: SurvivorInput, numbers: dict[UUID, str]) -> InputView:
    subject_keys.open_words(SUBJECT, row.pk, [row], "text")
    number = numbers.get(row.conversation_id, "") if row.conversation_id else ""
    return InputView(row, row.text, number, _changes(row))
