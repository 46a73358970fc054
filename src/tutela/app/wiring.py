"""Reactions within one organisation, one line each. Between organisations nothing is wired: the outbox carries it."""

from tutela.app import overview
from tutela.detection import overview as detection
from tutela.detection import retention as candidates
from tutela.detection import sending
from tutela.indicators import register
from tutela.law import retention
from tutela.organisations import outbox
from tutela.reports import withdrawal


def connect() -> None:
    """Subscribe every reaction. Called once, when the applications are ready."""
    outbox.on_answer("report", sending.take_answer)
    retention.register("candidate.rejected", candidates.erase_rejected)
    retention.register("candidate.expired", candidates.erase_expired)
    retention.register("preserved", candidates.erase_preserved)
    overview.CONTRIBUTORS.append(overview.plain(detection.overview))
    register.on_revoked(withdrawal.indicator_revoked)
