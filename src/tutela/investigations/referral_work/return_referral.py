"""Return a referral that belongs to another authority, with a reason. The Centre forwards it."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.outcome import Returned as Wire
from tutela.investigations.errors import AlreadyAcknowledged, AlreadyReturned
from tutela.investigations.models import Acknowledgement, Referral, Returned
from tutela.investigations.referral_work.answers import locked_referral, post
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.organisations.vocabulary.countries import COUNTRIES


def give_back(actor: Actor, referral_id: UUID, *, reason: str, country: str = "") -> None:
    """Say that a referral is not ours, and whose it may be; what supplements it goes with it.

    Raises `Invalid` naming the field, `AlreadyAcknowledged`, `AlreadyReturned`.
    """
    actor.require("investigations.answer")
    reason = typed(reason)[:2000]
    if not reason:
        raise Invalid("Enter a reason. The Centre uses it to decide who receives the referral.", field="reason")
    if country and country not in COUNTRIES:
        raise Invalid("The country must be two capital letters of ISO 3166-1, such as DE.", field="country")
    if country and country == actor.country and actor.organisation_kind == "authority":
        raise Invalid("This is your own country. Choose another country.", field="country")
    with acting(actor):
        row = locked_referral(referral_id)
        if row.supplement_to is not None:
            raise Invalid(
                "This supplement follows the referral that it supplements. Return that referral instead.",
                field="referral",
            )
        if Acknowledgement.objects.filter(referral=row).exists():
            raise AlreadyAcknowledged
        if Returned.objects.filter(referral=row).exists():
            raise AlreadyReturned
        later = Referral.objects.filter(supplement_to=referral_id, acknowledged=False, given_back=False)
        for one in (row, *later.select_for_update().order_by("pk")):
            _note(actor, one, reason, country)
        message = Wire(
            referral_id=referral_id,
            reason=reason,
            country=country or None,
            at=clock.now(),
            authority=actor.organisation_name,
        )
        post(actor, row, "return", "/api/v1/referral-returns", message.to_bytes().decode(), "return")


def _note(actor: Actor, row: Referral, reason: str, country: str) -> None:
    made = Returned(
        organisation_id=actor.organisation_id,
        referral=row,
        reason=reason,
        country=country,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    subject_keys.seal_words(actor, "referral", row.referral_id, made)
    made.save()
    clocks.stop_if_running(actor, "acknowledgement", "referral", row.referral_id)
    claim.decided(actor, "referral", row.referral_id)
    record(actor, "referral.returned", "referral", row.referral_id, number=row.number, country=country)
