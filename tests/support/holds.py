"""Open holds of the register, as tests look for them."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.message.translatable_text import filled
from tutela.exchange.register.reason_codes import HoldReason
from tutela.indicators.models import Hold
from tutela.indicators.safeguards import holds


def open_of(actor: Actor, *subjects: UUID) -> list[Hold]:
    """What holds these organisations, indicators or imports, and waits for the Centre."""
    with acting(actor):
        return list(holds.open_holds().filter(subject_id__in=subjects).order_by("created_at"))


def text(hold: Hold) -> str:
    """The reasons of a hold in English."""
    return "; ".join(filled(HoldReason.text_of(one["code"]), one["values"]) for one in hold.reasons)
