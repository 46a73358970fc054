"""Retraction by a provider: stored, shown and answered; it closes nothing by itself.

- With a stolen provider key somebody could otherwise empty the desk. A report that police already have may not vanish
  on its sender's statement alone. So urgency, alerts, deadlines and referrals stay until a person has decided.
- A retraction is answered by a decision on the report: mostly unfounded, as filed by mistake; or, after a referral,
  undone everywhere. Otherwise it is declined: the report stays valid, and the provider is told.
- Duplicates follow a decision on the report: its page says how many of them were retracted and how many not.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.feedback import FeedbackKind
from tutela.exchange.report.retraction import MOST_REASON_CHARACTERS
from tutela.exchange.report.retraction import Retraction as Wire
from tutela.organisations.keys import subject_keys
from tutela.reports.errors import NothingToRetract, RetractedBefore, RetractionAnswered
from tutela.reports.models import CLOSED, Assessment, Decision, Report, Retraction, RetractionDeclined
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import provider_feedback


@dataclass(frozen=True)
class RetractionState:
    """A retraction as the desk shows it, its words opened."""

    said: Retraction
    declined: RetractionDeclined | None
    waits: bool
    # It repeats another report, and follows what is decided of that.
    follows: bool


@dataclass(frozen=True)
class Repeats:
    """Counts of the duplicates of a report: retracted and not retracted."""

    retracted: int
    standing: int


def take(centre: Actor, sender: Actor, message: Wire) -> None:
    """Store a provider's retraction of its own report; a repeated message changes nothing.

    Raises `NotFound` for a report it never filed, `NothingToRetract` once the contents are erased, `RetractedBefore`.
    """
    with acting(centre):
        rows = Report.objects.select_for_update().filter(provider_id=sender.organisation_id)
        row = rows.filter(report_id=message.report_id).first()
        if row is None:
            raise NotFound
        if row.erased_at is not None:
            raise NothingToRetract
        if (earlier := Retraction.objects.filter(report=row).first()) is not None:
            subject_keys.open_words(SUBJECT, row.report_id, [earlier])
            if earlier.reason != message.reason:
                raise RetractedBefore
            return
        made = Retraction(organisation_id=centre.organisation_id, report=row, reason=message.reason)
        subject_keys.seal_words(centre, SUBJECT, row.report_id, made)
        made.save()
        record(centre, "report.retracted", "report", row.report_id, number=row.number)


def decline(actor: Actor, report_id: UUID, reason: str) -> None:
    """Decline a retraction: the report stays. The provider learns the reason, after any hold.

    Raises `Invalid` without a reason, `NotFound`, `RetractionAnswered`.
    """
    actor.require("reports.assess")
    reason = typed(reason)[:MOST_REASON_CHARACTERS]
    if not reason:
        raise Invalid("Enter why the report is kept.", field="reason")
    with acting(actor):
        row = Report.objects.select_for_update().filter(report_id=report_id).first()
        said = Retraction.objects.filter(report=row).first() if row else None
        if row is None or said is None:
            raise NotFound
        if not pending_retractions().filter(pk=said.pk).exists():
            raise RetractionAnswered
        made = RetractionDeclined(
            organisation_id=actor.organisation_id,
            retraction=said,
            reason=reason,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.report_id, made)
        made.save()
        provider_feedback.tell(actor, row, FeedbackKind.STANDS, reason, cause=made.pk)
        record(actor, "report.retraction_declined", "report", row.report_id, number=row.number)


def pending_retractions() -> QuerySet[Retraction]:
    """Retractions that nobody has answered. Call inside `acting(actor)`.

    A later decision answers a retraction, since its author has seen it (`assess`); a question does not. That of a
    duplicate is answered when the original is closed, or by itself.
    """
    decided = Assessment.objects.exclude(decision=Decision.ASK).filter(created_at__gte=OuterRef("created_at"))
    open_ones = Retraction.objects.filter(declined=None, report__erased_at=None)
    alone = (
        Q(report__duplicate_of=None) & ~Q(report__state__in=CLOSED) & ~Exists(decided.filter(report=OuterRef("report")))
    )
    repeating = Q(report__duplicate_of__isnull=False) & ~Q(report__duplicate_of__state__in=CLOSED)
    return open_ones.filter(alone | repeating)


def retraction_of(row: Report) -> RetractionState | None:
    """Return a report's retraction for its page; None without one. Call inside `acting(actor)`."""
    said = Retraction.objects.filter(report=row).select_related("declined").first()
    if said is None:
        return None
    declined = getattr(said, "declined", None)
    subject_keys.open_words(SUBJECT, row.report_id, [said, *([declined] if declined else [])])
    return RetractionState(
        said, declined, pending_retractions().filter(pk=said.pk).exists(), row.duplicate_of_id is not None
    )


def of_repeats(row: Report) -> Repeats:
    """Counts of retractions among the duplicates of a report. Call inside `acting(actor)`."""
    retracted = Retraction.objects.filter(report__duplicate_of=row).count()
    return Repeats(retracted, row.duplicates.count() - retracted)


def answer_to(row: Report) -> dict[str, str]:
    """State of a retraction for its provider: when it came, and whether it is pending; during a hold it is.

    Call inside `acting(actor)`.
    """
    said = Retraction.objects.filter(report=row).first()
    if said is None:
        return {}
    waits = provider_feedback.held(row) is not None or pending_retractions().filter(pk=said.pk).exists()
    return {"retracted_at": said.created_at.isoformat(), "retraction": "waits" if waits else "answered"}
