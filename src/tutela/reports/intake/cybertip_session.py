"""Start of a CyberTipline call: the caller, the Centre, and the account's open report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.exchange.cybertip import Code
from tutela.organisations.people import directory
from tutela.reports.models import CyberTip, TipState

AFTER_OPENING = timedelta(hours=24)
AFTER_CHANGE = timedelta(hours=1)
# Of one provider: more than any client works on at once, and what a client that never finishes leaves in an hour.
MOST_OPEN = 5000
TOO_MANY_OPEN = "this account has {most} open reports; finish or retract some, then open this report again"


class CybertipRefusal(Exception):
    """The interface's refusal: its code, and what is wrong with which element."""

    def __init__(self, code: Code, said: str = "") -> None:
        self.code, self.said = code, said
        super().__init__(said or code.words)


@dataclass(frozen=True)
class Desk:
    """The submitting organisation and the Centre it submits to."""

    sender: Actor
    centre: directory.DirectoryEntry

    @property
    def actor(self) -> Actor:
        return directory.acting_for(self.centre, self.sender.reference, self.sender.name)


def open_tip(desk: Desk, number: int, *, locked: bool = True) -> CyberTip:
    """The account's own open report. Raises `CybertipRefusal`. Call inside `acting(desk.actor)`."""
    rows = CyberTip.objects.select_for_update() if locked else CyberTip.objects
    tip = rows.filter(number=number, provider_id=desk.sender.organisation_id).first()
    if tip is None or (tip.state == TipState.OPEN and _expired(tip)):
        raise CybertipRefusal(Code.NO_SUCH_REPORT)
    if tip.state == TipState.FINISHED:
        raise CybertipRefusal(Code.ALREADY_FINISHED)
    if tip.state == TipState.RETRACTED:
        raise CybertipRefusal(Code.ALREADY_RETRACTED)
    return tip


def has_room(provider_id: UUID) -> bool:
    """Whether a provider may open another report. Call inside `acting(desk.actor)`."""
    return CyberTip.objects.filter(provider_id=provider_id, state=TipState.OPEN)[:MOST_OPEN].count() < MOST_OPEN


def _expired(tip: CyberTip) -> bool:
    return clock.now() >= max(tip.created_at + AFTER_OPENING, tip.modified_at + AFTER_CHANGE)
