"""End a partner: its key ends, nothing is sent to it any more, and the cases that it has are for a person again."""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox
from tutela.organisations.people import api_keys
from tutela.takedown.models import WITH_PARTNER, Transfer
from tutela.takedown.partners import partner_list, report_status, send_case

MESSAGES = (send_case.KIND, report_status.KIND)


def end(actor: Actor, partner_id: UUID) -> None:
    """End a partner. What has not left never leaves. Ended twice is ended. Raises `UnknownPartner`."""
    actor.require(partner_list.MANAGE)
    with acting(actor):
        row = partner_list.locked(partner_id)
        if row.ended_at is not None:
            return
        row.ended_at = clock.now()
        row.save(update_fields=["ended_at"])
        api_keys.revoke_issued(actor, row.peer_id, partner_list.SCOPE)
        outbox.forget_peer(actor, row.peer_id, MESSAGES)
        waiting = Transfer.objects.filter(partner=row, state__in=WITH_PARTNER)
        for transfer in waiting.order_by("case_id").values_list("pk", flat=True):
            send_case.withdraw(actor, transfer, "The partner was ended.")
        record(actor, "partner.ended", partner_list.SUBJECT, row.pk)
