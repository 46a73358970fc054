"""A hotline finds that a reported address is lawful after it sent notices: a reversal to each host that got one.

Subscribed to the changes of takedown cases in `app/wiring.py`; in the transaction of the assessment.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.exchange.redress.reversal import ErrorKind
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.redress.ledger import entries
from tutela.redress.models import HopKind, HopState, Reversal
from tutela.redress.reversals import begin, hops
from tutela.redress.reversals.begin import Mistake
from tutela.takedown.notices import sent_notices


def take_change(actor: Actor, case_id: UUID, kind: ActionKind) -> None:
    """Begin a reversal for each host that got a notice about a case that is lawful after all."""
    if kind is not ActionKind.NOT_ILLEGAL:
        return
    for sent in sent_notices.sent_about(case_id):
        if Reversal.objects.filter(notice_number=sent.number, sender_id=None).exists():
            continue
        row = begin.begin(actor, Mistake(ErrorKind.WRONG_ADDRESS, notice_number=sent.number))
        begin.tell_host(actor, row, sent)
        facts = entries.ErrorFacts(provider_id=sent.recipient_id, source_id=actor.organisation_id)
        entries.enter(actor, row, facts)
        hop = hops.add(actor, row, HopKind.STATISTICS)
        if hop is not None:
            hops.step(actor, hop, HopState.CORRECTED)
