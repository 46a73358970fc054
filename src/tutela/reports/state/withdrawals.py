"""Withdrawals: notify every recipient of information that is no longer valid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import batched
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.indicators.releases import downloads
from tutela.law import holds
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox, outbox_status
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES, Kind
from tutela.reports.models import FeedbackHeld, FeedbackSent, Referral, Report
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state.status import referrals_not_undone

# A message names at most so many reports; more of them are more messages.
MOST_REPORTS = 10_000
# The kind under which a withdrawal waits while a hold forbids to name a report to its provider.
HELD = "withdrawal"
# Who has a desk for withdrawals, and where. A hotline or an auditor sees the register itself.
RESOURCES = {
    Kind.PROVIDER: "withdrawals",
    **dict.fromkeys(AUTHORITIES, "referral-withdrawals"),
}


def indicator_revoked(actor: Actor, indicator: UUID, reason: str) -> None:
    """Tell everybody who has the list or got a report resting on it, each with the reports that it knows.

    Subscribed to the register's revocations in `app/wiring.py`; runs in that transaction.
    """
    concerned = Report.objects.filter(entries__contains=[indicator])
    # A report with a hold is one whose provider was told of a hold; asking for each of thousands would take seconds.
    held_once = set(FeedbackSent.objects.filter(kind="hold", report__in=concerned).values_list("report", flat=True))
    known: dict[UUID, dict[UUID, None]] = defaultdict(dict)
    count = 0
    for row in concerned.select_related("duplicate_of").order_by("created_at").iterator(chunk_size=2000):
        of_provider, count = known[row.provider_id], count + 1
        if row.pk in held_once and _held(row):
            _keep(actor, row, indicator, reason)
        else:
            of_provider[row.report_id] = None
    referred = Referral.objects.filter(report__in=concerned).order_by("created_at")
    for authority, report in referred.values_list("authority_id", "report__report_id"):
        known[authority][report] = None
    for recipient in {*known, *(f.recipient_id for f in downloads.recipients())}:
        _send(actor, recipient, indicator, known.get(recipient, {}), reason)
    record(actor, "withdrawal.sent", "indicator", indicator, reports=count)


def tell_authorities(actor: Actor, row: Report, reason: str) -> None:
    """Tell each authority that holds a package of a report, also one it returned. Call inside `acting(actor)`."""
    for authority in set(referrals_not_undone().filter(report=row).values_list("authority_id", flat=True)):
        _send(actor, authority, None, [row.report_id], reason)


def tell_of_report(actor: Actor, row: Report, indicator: UUID, reason: str) -> None:
    """Tell a provider of one report what had to wait for the end of a hold. Call inside `acting(actor)`."""
    sent, new = FeedbackSent.objects.get_or_create(
        organisation_id=actor.organisation_id, report=row, kind=HELD, cause=indicator
    )
    if new:
        _post(actor, row.provider_id, "withdrawals", indicator, [row.report_id], reason, f"withdrawal:{sent.pk}")


def _held(row: Report) -> bool:
    return holds.held("report", (row.duplicate_of or row).report_id) is not None


def _keep(actor: Actor, row: Report, indicator: UUID, reason: str) -> None:
    """Keep the notice about a report until the hold ends; the provider is notified of the indicator now."""
    kept = FeedbackHeld(organisation_id=actor.organisation_id, report=row, kind=HELD, cause=indicator, reason=reason)
    subject_keys.seal_words(actor, SUBJECT, row.report_id, kept)
    insert_ignore(kept)


def _send(actor: Actor, recipient: UUID, indicator: UUID | None, reports: Iterable[UUID], reason: str) -> None:
    resource = RESOURCES.get(Kind(directory.entry(recipient).kind))
    if resource is None:
        return
    reports = list(reports)
    # A referral that is still on its way arrives first, and is not left standing by a message that overtook it.
    to_authority = resource == RESOURCES[Kind.AUTHORITY]
    under_way = outbox_status.under_way(actor, recipient, reports) if to_authority else set()
    for report in under_way:
        key = f"withdrawal:{indicator.hex if indicator else uuid7().hex}:{report.hex}"
        _post(actor, recipient, resource, indicator, [report], reason, key, about=report)
    rest = [one for one in reports if one not in under_way]
    if under_way and not rest:
        return
    # Without a report the indicator alone is named; with too many for one message there are several.
    for number, chunk in enumerate(list(batched(rest, MOST_REPORTS)) or [()]):
        key = f"withdrawal:{indicator or uuid7()}:{number}"
        _post(actor, recipient, resource, indicator, list(chunk), reason, key)


def _post(  # noqa: PLR0913 - each is a part of the message
    actor: Actor,
    recipient: UUID,
    resource: str,
    indicator: UUID | None,
    reports: list[UUID],
    reason: str,
    key: str,
    about: UUID | None = None,
) -> None:
    if recipient == actor.organisation_id:
        return  # the Centre itself brought the report here
    message = Withdrawal(
        indicator=indicator,
        report_ids=tuple(reports),
        reason=typed(ReasonCode.text_of(reason)),
        reason_code=reason if reason in ReasonCode else None,
        at=clock.now(),
        centre=actor.organisation_name,
    )
    outbox.send(
        actor,
        recipient,
        "withdrawal",
        f"/api/v1/organisations/{recipient}/{resource}",
        message.to_bytes().decode(),
        key=key,
        subject_id=about or indicator or reports[0],
        urgent=True,
    )
