"""Public ways to the support desk: information requests, support, survivors' voice; and what their pages show.

The page of a representative says the same in every state: who asks about a child learns nothing from it, not even that
something was decided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.errors import FormExpired, UnknownConversation
from tutela.casework.anonymous.kinds import ConversationKind, anonymous_actor
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.victims.errors import UnknownInformationRequest
from tutela.victims.information import answers
from tutela.victims.information import intake as information
from tutela.victims.models import (
    Asker,
    InformationRequest,
    InformationStage,
    InputConsent,
    Notify,
    SupportCase,
    SupportStage,
    SurvivorInput,
    VaultIdentity,
    WantedGender,
)
from tutela.victims.public_form import victim_support
from tutela.victims.support import begin
from tutela.victims.survivor_voice import inputs
from tutela.victims.vault import identities

OWN_PICTURES, FOR_ANOTHER = "ask-about-pictures", "ask-for-another"
SUPPORT, VOICE = "support", "survivors-voice"
CODES = (OWN_PICTURES, FOR_ANOTHER, SUPPORT, VOICE)
NOTIFY_FORM, WISH_FORM, CONSENT_FORM = "information.notify", "support.wish", "voice.consent"
FORMS = (NOTIFY_FORM, WISH_FORM, CONSENT_FORM)


def information_context(conversation_id: UUID, issuer: ticket.Issuer) -> Mapping[str, object]:
    """What the person in the pictures reads above the messages. A representative's page has no state."""
    row = InformationRequest.objects.filter(conversation_id=conversation_id).first()
    own = row is not None and row.asker == Asker.SELF
    return {
        "information": row if own else None,
        "answered": bool(own and row and answers.text_of(row)),
        "notify_choices": Notify.choices,
        "notify_ticket": issuer.issue(NOTIFY_FORM),
    }


def support_context(conversation_id: UUID, issuer: ticket.Issuer) -> Mapping[str, object]:
    """Every opening of the person's identity, and with whom they want to speak."""
    row = SupportCase.objects.filter(conversation_id=conversation_id).first()
    return {
        "support": row,
        "openings": identities.openings_of(row) if row else [],
        "gender_choices": WantedGender.choices,
        "wish_ticket": issuer.issue(WISH_FORM),
    }


def voice_context(conversation_id: UUID, issuer: ticket.Issuer) -> Mapping[str, object]:
    """What changed because of what the survivor said, and how far they consent."""
    row, changes = inputs.of_conversation(conversation_id)
    return {
        "voice": row,
        "changes": changes,
        "consent_choices": InputConsent.choices,
        "consent_ticket": issuer.issue(CONSENT_FORM),
    }


def kept_information() -> QuerySet[InformationRequest, UUID | None]:
    """Conversations of requests to answer, and of people who wait to be told of sightings. Call inside `acting`."""
    waiting = Q(stage=InformationStage.OPEN) | Q(notify=Notify.NOTIFY)
    found = InformationRequest.objects.filter(waiting, erased_at=None, withdrawn_at=None, conversation_id__isnull=False)
    return found.values_list("conversation_id", flat=True)


def kept_support() -> QuerySet[SupportCase, UUID | None]:
    """Conversations of open cases, and of closed ones as long as somebody could open their identity. In `acting`."""
    stored = VaultIdentity.objects.filter(case=OuterRef("pk")).exclude(ciphertext="")
    found = SupportCase.objects.filter(~Q(stage=SupportStage.CLOSED) | Exists(stored), conversation_id__isnull=False)
    return found.values_list("conversation_id", flat=True)


def kept_voices() -> QuerySet[SurvivorInput, UUID | None]:
    """Conversations of inputs that were not withdrawn: who cannot read one could not withdraw it. Inside `acting`."""
    found = SurvivorInput.objects.filter(withdrawn_at=None, conversation_id__isnull=False)
    return found.values_list("conversation_id", flat=True)


def choose_notify(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, choice: str) -> None:
    """Choose whether to be told of future sightings. Only the person in the pictures can. Raises `TutelaError`."""

    def work(actor: Actor, conversation: UUID) -> None:
        row = InformationRequest.objects.select_for_update().filter(conversation_id=conversation).first()
        if row is None or row.asker != Asker.SELF or row.over:
            raise UnknownConversation
        information.choose_notify(actor, row, choice, hourly=True)

    _change(kind, given, proof, reader, work)


def choose_wish(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, gender: str) -> None:
    """Choose with whom to speak. Raises `TutelaError`."""

    def work(actor: Actor, conversation: UUID) -> None:
        row = SupportCase.objects.select_for_update().filter(conversation_id=conversation).first()
        if row is None or row.stage == SupportStage.CLOSED:
            raise UnknownConversation
        begin.choose(actor, row, gender=gender, hourly=True)

    _change(kind, given, proof, reader, work)


def choose_consent(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, consent: str) -> None:
    """Choose what may be done with the words. Raises `TutelaError`."""

    def work(actor: Actor, conversation: UUID) -> None:
        row = SurvivorInput.objects.select_for_update().filter(conversation_id=conversation).first()
        if row is None or row.withdrawn_at is not None:
            raise UnknownConversation
        inputs.choose_consent(actor, row, consent)

    _change(kind, given, proof, reader, work)


def answer_of(kind: ConversationKind, reader: str) -> InformationRequest:
    """The person's own answered request of an open conversation, its answer readable as `text_shown`.

    Raises `NotFound`, also for whoever acts for another, in every state.
    """
    reading = conversations.read(kind, reader)
    with acting(anonymous_actor(kind)):
        row = InformationRequest.objects.filter(conversation_id=reading.id).first()
        own = row is not None and row.asker == Asker.SELF
        text = answers.text_of(row) if row is not None and own else ""
        if row is None or not text:
            raise UnknownInformationRequest
        row.text_shown = text  # type: ignore[attr-defined]
        return row


def _change(
    kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, work: Callable[[Actor, UUID], None]
) -> None:
    """Admit a form of an open conversation and change something of its case, once."""
    conversation, actor = conversations.admitted(kind, given, proof, reader), anonymous_actor(kind)
    with acting(actor):
        if not ticket.spend(given):
            raise FormExpired
        work(actor, conversation)


INFORMATION = ConversationKind(
    OWN_PICTURES,
    _("Ask what happened with pictures of you"),
    _("Write which pictures you mean: the address (link), the service, or a fingerprint."),
    victim_support,
    on_message=information.take_own,
    help=_("Do not send pictures. Write your name only if you want to."),
    notice="victims/notice.html",
    withdrawable=True,
    on_withdraw=information.withdraw,
    kept=kept_information,
    progress="victims/public/information.html",
    progress_context=information_context,
)
REPRESENTED = ConversationKind(
    FOR_ANOTHER,
    _("Ask about pictures of somebody else"),
    _("Write for whom you act. We first ask the person in the pictures, alone."),
    victim_support,
    on_message=information.take_represented,
    help=_("Do not send pictures. Write no name of a child."),
    notice="victims/notice.html",
    withdrawable=True,
    on_withdraw=information.withdraw,
    kept=kept_information,
    progress="victims/public/information.html",
    progress_context=information_context,
)
HELP = ConversationKind(
    SUPPORT,
    _("Ask for support"),
    _("Write what you need. You decide what you tell. You need no permission of a parent."),
    victim_support,
    on_message=begin.take_message,
    help=_("Do not send pictures. Write your name only if you want to."),
    withdrawable=True,
    on_withdraw=begin.withdraw,
    kept=kept_support,
    progress="victims/public/support.html",
    progress_context=support_context,
)
SURVIVORS = ConversationKind(
    VOICE,
    _("Say what should change"),
    _("Write what helped and what did not. You can read here what changed, and withdraw it at any time."),
    victim_support,
    on_message=inputs.take_message,
    help=_("Do not send pictures. Write your name only if you want to."),
    withdrawable=True,
    on_withdraw=inputs.withdraw,
    kept=kept_voices,
    progress="victims/public/voice.html",
    progress_context=voice_context,
)
KINDS = (INFORMATION, REPRESENTED, HELP, SURVIVORS)
