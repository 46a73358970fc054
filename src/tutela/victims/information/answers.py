"""Answers to information requests: what is known of own items, or one neutral text in every other case.

1. An answer is given once identity is proved and its proof deleted, and a representative's conditions are met.
2. It says of each own item: provider, day, recipients, removed or not. It says nothing of any other item.
3. The neutral text is the same for: nothing known, a hold, no proof of identity, a child who does not want it, a
   conflict of interest. Whoever reads it cannot tell which.
4. During a hold the neutral text is the only answer. The reason stays in the file.
5. It goes into the conversation, in the language of the person. A request by letter is answered from the desk's page.
   What nobody can read is not given: the neutral answer then ends the request, and its event says that nobody was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.assignment import claim
from tutela.casework.public_languages.catalogue import SOURCE
from tutela.casework.public_languages.page_language import speaking
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks, holds
from tutela.organisations.keys import subject_keys
from tutela.victims import step_rows
from tutela.victims.errors import AnswerNotDelivered, HeldInformation, IdentityNotProved
from tutela.victims.information import identity, items, representation, rows
from tutela.victims.information.rows import CLOCK, SUBJECT, WORK
from tutela.victims.models import (
    InformationAnswer,
    InformationItem,
    InformationRequest,
    InformationStage,
    InformationStepKind,
)


def give(actor: Actor, request_id: UUID) -> None:
    """Answer with what is known of own items. Raises `IdentityNotProved`, `HeldInformation`, `AnswerNotDelivered`.

    Also raises what `representation.require` raises.
    """
    actor.require(WORK)
    with acting(actor):
        row = rows.locked_open(request_id)
        if not identity.proved(row):
            raise IdentityNotProved
        representation.require(row)
        if held(row):
            raise HeldInformation
        _answer(actor, row, letter(row, items.opened(row)), given=True)


def give_neutral(actor: Actor, request_id: UUID, reason: str) -> None:
    """Answer with the neutral text; the reason stays in the file. Raises `Invalid`, `RequestAnswered`."""
    actor.require(WORK)
    said = step_rows.checked(reason, "reason")
    with acting(actor):
        row = rows.locked_open(request_id)
        _answer(actor, row, neutral_letter(row), given=False, reason=said)


def held(row: InformationRequest) -> bool:
    """Whether an authority's hold on the request is in effect. Call inside `acting(actor)`."""
    return holds.held(SUBJECT, row.pk) is not None


def letter(row: InformationRequest, shown: Sequence[InformationItem]) -> str:
    """The letter with everything that is known of own items, which are given as `items.opened` returns them."""
    with speaking(row.language):
        own = [one for one in shown if one.own]
        said = [line for one in own for line in _item(one)]
        if not any(one.known for one in own):  # type: ignore[attr-defined]
            return neutral_letter(row)
        return "\n".join([_("This is the answer to your request."), *said, *_rights()])


def neutral_letter(row: InformationRequest) -> str:
    """Rule 3. It has no number and no day, so that two of them are the same."""
    with speaking(row.language):
        text = _("We cannot give you information in answer to this request. This does not say whether there is any.")
        return "\n".join([text, *_rights()])


def text_of(row: InformationRequest) -> str:
    """The answer as the person reads it; empty before there is one, and once it is erased."""
    made = InformationAnswer.objects.filter(request=row).first()
    if made is None:
        return ""
    subject_keys.open_words(SUBJECT, row.pk, [made], "text")
    return made.text if row.erased_at is None else ""


def language_of(row: InformationRequest, text: str) -> str:
    """The language in which an answer is written: the person's, or English where it had no translation then."""
    with speaking(SOURCE):
        english = _rights()[-1]
    return SOURCE if text.endswith(english) else row.language


def _item(item: InformationItem) -> list[str]:
    said = []
    for fact in item.known:  # type: ignore[attr-defined]
        day = fact.reported_on.isoformat()
        said.append(
            _("Picture {n}: {provider} reported it on {day}.").format(n=item.place, provider=fact.provider, day=day)
        )
        if fact.forwarded_to:
            said.append(_("It was forwarded to: {recipients}.").format(recipients=fact.forwarded_to))
        else:
            said.append(_("It was not forwarded."))
        said.append(_("Removal: {removed}.").format(removed=fact.get_removed_display()))
    return said or [_("Picture {n}: nothing is known.").format(n=item.place)]


def _rights() -> list[str]:
    return [
        _("You can ask us to correct or erase your data."),
        _("You can complain to the data protection authority, and you can go to a court."),
    ]


def _answer(actor: Actor, row: InformationRequest, text: str, *, given: bool, reason: str = "") -> None:
    made = InformationAnswer(
        organisation_id=actor.organisation_id,
        request=row,
        given=given,
        text=text,
        reason=reason,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
    subject_keys.seal_words(actor, SUBJECT, row.pk, made, "reason")
    made.save(force_insert=True)
    row.stage, row.closed_at = InformationStage.CLOSED, clock.now()
    row.save(update_fields=["stage", "closed_at"])
    told = row.conversation_id is None or inbox.tell(actor, row.conversation_id, text)
    if given and not told:
        raise AnswerNotDelivered
    clocks.stop_if_running(actor, CLOCK, SUBJECT, row.pk)
    claim.decided(actor, SUBJECT, row.pk)
    rows.step(actor, row, InformationStepKind.ANSWERED)
    record(actor, "information_request.answered", SUBJECT, row.pk, given=given, told=told)
