"""Undoing: everybody who was told something that no longer holds is told so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.ids import uuid7
from tutela.events.recording import record
from tutela.exchange.withdrawal import Withdrawal
from tutela.exchange.writing import typed
from tutela.indicators import releases
from tutela.organisations import outbox
from tutela.reports.models import Referral, Report


def indicator_revoked(actor: Actor, indicator: UUID, reason: str) -> None:
    """Tell every provider that has the list, and every authority that got a report resting on it.

    Subscribed to the register's revocations in `app/wiring.py`; runs in that transaction.
    """
    rows = list(Report.objects.filter(entries__contains=[indicator]).order_by("created_at")[:10_000])
    by_provider: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        by_provider[row.provider_id].append(row.report_id)
    for recipient in {*by_provider, *(f.recipient_id for f in releases.recipients())}:
        _send(actor, recipient, "withdrawals", indicator, by_provider.get(recipient, []), reason)
    tell_authorities(actor, rows, reason, indicator=indicator)
    record(actor, "withdrawal.sent", "indicator", indicator, reports=len(rows))


def tell_authorities(actor: Actor, rows: Iterable[Report], reason: str, *, indicator: UUID | None) -> None:
    """Tell each authority that got any of these reports. Call inside `acting(actor)`."""
    by_authority: dict[UUID, list[UUID]] = defaultdict(list)
    for referral in Referral.objects.filter(report__in=list(rows)).select_related("report"):
        by_authority[referral.authority_id].append(referral.report.report_id)
    for authority, reports in by_authority.items():
        _send(actor, authority, "referral-withdrawals", indicator, reports, reason)


def _send(
    actor: Actor, recipient: UUID, resource: str, indicator: UUID | None, reports: list[UUID], reason: str
) -> None:
    message = Withdrawal(
        indicator=indicator,
        report_ids=tuple(reports[:10_000]),
        reason=typed(reason),
        at=clock.now(),
        centre=actor.organisation_name,
    )
    key = f"withdrawal:{indicator or uuid7()}"
    subject = indicator or (reports[0] if reports else recipient)
    outbox.send(
        actor, recipient, "withdrawal", f"/api/v1/organisations/{recipient}/{resource}", message.to_bytes().decode(),
        key=key, subject_id=subject,
    )  # fmt: skip
