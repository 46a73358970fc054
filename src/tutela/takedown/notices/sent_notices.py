"""Who got notices: every host that was sent a notice about a case, by whatever channel; and whose notice a number is.

Call inside `acting(actor)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela.takedown.models import Notice, StepKind


@dataclass(frozen=True)
class SentNotice:
    """A notice that left. `recipient_id`: the provider of the directory; None for a host by e-mail or by hand."""

    number: str
    recipient_id: UUID | None
    host: str


def sent_about(case_id: UUID) -> list[SentNotice]:
    """The newest notice to each host of a case."""
    rows = Notice.objects.filter(case=case_id, steps__kind=StepKind.SENT).distinct().order_by("created_at", "pk")
    newest = {(row.recipient_id, row.provider): row for row in rows}
    return [_sent(row) for row in newest.values()]


def sent_with(number: str) -> SentNotice | None:
    """The notice with this number, if it left."""
    row = Notice.objects.filter(number=number.strip().upper(), steps__kind=StepKind.SENT).first()
    return _sent(row) if row is not None else None


def sent_to(number: str, provider_id: UUID) -> bool:
    """Whether the notice with this number was sent to this provider."""
    return Notice.objects.filter(number=number, recipient_id=provider_id).exists()


def _sent(row: Notice) -> SentNotice:
    return SentNotice(row.number, row.recipient_id, row.provider or "Host")
