"""From an indicator's rows to its standing, as `life` understands it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

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
    """Providers whose newest word, since the Centre decided last, is a false positive, and who found no more right.

    An entry that matches often also matches by chance: one false positive among many right ones is no report.
    """
    decided = [s.end.created_at for s in suspensions if getattr(s, "end", None) is not None]
    decided += DisputeDecision.objects.filter(dispute__indicator=row.pk).values_list("created_at", flat=True)
    since: datetime | None = max(decided, default=None)
    rows = Feedback.objects.filter(indicator=row.pk).order_by("created_at")
    words: dict[UUID, list[str]] = {}
    for one in rows.filter(created_at__gt=since) if since else rows:
        words.setdefault(one.sender_id, []).append(one.verdict)
    return frozenset(
        str(sender) for sender, said in words.items()
        if said[-1] == "false" and said.count("false") >= said.count("confirmed")
    )  # fmt: skip
