"""From an indicator's rows to its standing, as `life` understands it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tutela.indicators.life import Standing, State
from tutela.indicators.models import Dispute, DisputeDecision, Feedback, Suspension


def of(row: Any) -> Standing:
    """The standing of a row that `with_state` has annotated."""
    suspensions = list(Suspension.objects.filter(indicator=row.pk).select_related("end").order_by("round"))
    last = suspensions[-1] if suspensions else None
    suspended = row.state == State.SUSPENDED.value
    present = (last.round + (0 if suspended else 1)) if last else 1
    certified = row.certifications.filter(round=present).values_list("organisation_id", "country")
    doubts = Dispute.objects.filter(indicator=row.pk, decision__isnull=True).values_list("organisation_id", flat=True)
    return Standing(
        State(row.state), row.classification, present, frozenset((str(one), country) for one, country in certified),
        frozenset(map(str, doubts)), _reports(row, suspensions),
    )  # fmt: skip


def _reports(row: Any, suspensions: list[Suspension]) -> frozenset[str]:
    """Providers whose newest word, since the Centre decided last, is that it was a false positive."""
    decided = [s.end.created_at for s in suspensions if getattr(s, "end", None) is not None]
    decided += DisputeDecision.objects.filter(dispute__indicator=row.pk).values_list("created_at", flat=True)
    since: datetime | None = max(decided, default=None)
    rows = Feedback.objects.filter(indicator=row.pk).order_by("created_at")
    newest = {one.sender_id: one.verdict for one in (rows.filter(created_at__gt=since) if since else rows)}
    return frozenset(str(sender) for sender, verdict in newest.items() if verdict == "false")
