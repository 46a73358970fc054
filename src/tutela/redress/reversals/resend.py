"""Send reversals to recipients whose key came later, and to a Centre once it has the report."""

from __future__ import annotations

from uuid import UUID

from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.redress.models import Hop, HopKind, HopState
from tutela.redress.reversals import begin, hops


def send_waiting(actor: Actor) -> int:
    """Send what waits; returns how many messages left. For a job."""
    with acting(actor):
        rows = Hop.objects.filter(kind__in=hops.OTHER_SIDE, state=HopState.WAITING, reversal__ended_at=None)
        found = list(rows.order_by("created_at").values_list("pk", "reversal"))
    return sum(_sent(actor, hop, reversal) for hop, reversal in found)


def _sent(actor: Actor, hop_id: UUID, reversal_id: UUID) -> bool:
    with acting(actor):
        row = hops.locked(reversal_id)
        hop = Hop.objects.get(pk=hop_id)
        if hop.state != HopState.WAITING or not _arrived(hop):
            return False
        return begin.send(actor, row, hop)


def _arrived(hop: Hop) -> bool:
    """Whether a Centre has the reports about which it is told."""
    if hop.kind != HopKind.CENTRE:
        return True
    reports = [measure_facts.by_id(UUID(one)) for one in hop.about.get("report_ids", ())]
    return all(one is not None and one.received for one in reports)
