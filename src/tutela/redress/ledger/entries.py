"""Entries of the ledger of errors, and reviews of sources. Call inside `acting(actor)`.

1. A reversal that begins by a decision here, or that is accepted here, is one entry. Another run adds none.
2. Several complaints about one measure are one mistake. The first reversal is the error; the others repeat it and add
   to its costs. A measure is known by its report, its notice, or the account with kind and time of the measure.
3. After three errors from one source since its last review a new review opens, with a deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.casework.search.keys import key_of
from tutela.casework.search.values import Value, ValueKind
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.organisations.people import directory
from tutela.redress.models import ErrorEntry, ErrorStage, Reversal, SourceReview

REVIEW = "source_review"
REVERSALS_TO_REVIEW = 3


@dataclass(frozen=True)
class ErrorFacts:
    """Where an error comes from."""

    stage: str = ErrorStage.AFTER_REVIEW
    technology: str = ""
    list_id: str = ""
    provider_id: UUID | None = None
    source_id: UUID | None = None
    happened_at: datetime | None = None


def enter(actor: Actor, row: Reversal, facts: ErrorFacts) -> bool:
    """Enter an error once; returns whether it is new. Opens a review of its source where rule 3 says so."""
    made = ErrorEntry(
        organisation_id=actor.organisation_id,
        reversal=row,
        measure_key=_measure_key(actor, row),
        stage=facts.stage,
        technology=facts.technology,
        list_id=facts.list_id,
        provider_id=facts.provider_id,
        source_id=facts.source_id,
        error=row.error,
        happened_at=facts.happened_at or clock.now(),
    )
    if ErrorEntry.objects.filter(reversal=row).exists():
        return False
    if not insert_ignore(made):
        made.repeats = ErrorEntry.objects.get(measure_key=made.measure_key, repeats=None)
        made.save(force_insert=True)
    repeats = made.repeats_id is not None
    record(actor, "error.entered", "reversal", row.pk, error=row.error, stage=str(facts.stage), repeats=repeats)
    if facts.source_id is not None and not repeats:
        _review(actor, facts.source_id)
    return True


def _measure_key(actor: Actor, row: Reversal) -> bytes:
    """Rule 2."""
    complaint = row.complaint
    if row.report_ids:
        named = f"report:{min(row.report_ids)}"
    elif row.notice_number:
        named = f"notice:{row.notice_number}"
    elif complaint is not None and complaint.account_key is not None and complaint.measure_at is not None:
        account = bytes(complaint.account_key).hex()
        named = f"measure:{account}:{complaint.measure}:{complaint.measure_at.isoformat()}"
    else:
        named = f"reversal:{row.root_id}"
    return key_of(actor.organisation_id, Value(ValueKind.FILE_REFERENCE, named))


def _review(actor: Actor, source_id: UUID) -> None:
    reviews = SourceReview.objects.filter(source_id=source_id)
    counted = sum(reviews.values_list("reversals", flat=True))
    new = ErrorEntry.objects.filter(source_id=source_id, repeats=None).count() - counted
    if new < REVERSALS_TO_REVIEW:
        return
    made = SourceReview(
        organisation_id=actor.organisation_id,
        source_id=source_id,
        source_name=directory.entry(source_id).name[:200],
        reversals=new,
        turn=reviews.count() + 1,
        due_at=KINDS[REVIEW].length.after(clock.now()),
    )
    if insert_ignore(made):
        clocks.start(actor, REVIEW, "source_review", made.pk)
        record(actor, "source_review.opened", "source_review", made.pk, source=source_id, reversals=new)
