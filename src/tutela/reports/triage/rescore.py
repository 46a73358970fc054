"""Rescore relevance: pending reports gain or lose points when their indicators change status.

Urgency and completeness stay the same: they do not depend on the register.
"""

from __future__ import annotations

from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.errors import Erased
from tutela.reports import enqueue
from tutela.reports.bundles import series
from tutela.reports.models import ORDER, Item, Report, State
from tutela.reports.report_encryption import unseal
from tutela.reports.scoring import register_claims
from tutela.reports.scoring import scores as scoring_scores
from tutela.reports.scoring.history import history_of

# So many rows a transaction: the desk waits for none of them long.
CHUNK = 100
PENDING_STATES = (State.OPEN, State.ASKED)


def enqueue_rescore(indicator: UUID) -> None:
    """Enqueue rescoring of all open reports that name an indicator, after commit."""
    enqueue.rescore(indicator)


def for_indicator(actor: Actor, indicator: UUID) -> int:
    """Score every waiting report that names this indicator; returns how many changed."""
    with acting(actor):
        waiting = Report.objects.filter(entries__contains=[indicator], state__in=PENDING_STATES, duplicate_of=None)
        ids = list(waiting.order_by(*ORDER).values_list("pk", flat=True))
    changed = 0
    for start in range(0, len(ids), CHUNK):
        with acting(actor):
            rows = Report.objects.select_for_update().filter(
                pk__in=ids[start : start + CHUNK], state__in=PENDING_STATES
            )
            changed += sum(_rescore(actor, row) for row in rows.order_by("pk"))
    return changed


def _rescore(actor: Actor, row: Report) -> bool:
    try:
        body = Wire.from_bytes(unseal(row.report_id, "report", row.report_id, bytes(row.sealed_body)))
    except Erased:
        return False
    items = list(Item.objects.filter(sightings__report=row).distinct())
    rests = register_claims.claims_of(body)
    series.found_later(actor, row, body, rests.series)
    scores = scoring_scores.score(body, history_of(row, items), clock.now(), rests.active)
    reasons = [r.stored() for r in scores.relevance.reasons]
    if row.reasons["relevance"] == reasons and row.certified == rests.certified:
        return False
    row.relevance, row.relevance_order = scores.relevance.value, scores.relevance_order
    row.reasons = {**row.reasons, "relevance": reasons, "relevance_rules": scoring_scores.VERSION}
    row.certified = rests.certified
    row.save(update_fields=["relevance", "relevance_order", "reasons", "certified"])
    record(actor, "report.rescored", "report", row.report_id, relevance=row.relevance)
    return True
