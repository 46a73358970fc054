"""Reviews of sources of errors: list, and result."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.redress.errors import ReviewClosed
from tutela.redress.ledger.entries import REVIEW
from tutela.redress.models import SourceReview, SourceReviewEnd

SUBJECT = "source_review"
ANSWER = "reversals.answer"
RESULTS: dict[str, object] = dict(SourceReviewEnd._meta.get_field("result").flatchoices)
MOST_CHARACTERS = 2000


def list_reviews(actor: Actor) -> list[SourceReview]:
    """Reviews, open ones first. Call inside `acting(actor)`."""
    rows = list(SourceReview.objects.select_related("end").order_by("-created_at")[:200])
    for one in rows:
        end = getattr(one, "end", None)
        subject_keys.open_words(SUBJECT, one.pk, [end], "text")
    return sorted(rows, key=lambda one: hasattr(one, "end"))


def exists(actor: Actor, review_id: UUID) -> bool:
    """Whether the actor's organisation has this review."""
    with acting(actor):
        return SourceReview.objects.filter(pk=review_id).exists()


def close(actor: Actor, review_id: UUID, result: str, text: str) -> None:
    """Record the result of a review. Raises `Invalid`, `ReviewClosed`, `NotFound`."""
    actor.require(ANSWER)
    if result not in RESULTS:
        raise Invalid("Choose the result of the review.", field="result")
    if not text.strip():
        raise Invalid("Enter what was reviewed and why this is the result.", field="text")
    with acting(actor):
        row = SourceReview.objects.select_for_update().filter(pk=review_id).first()
        if row is None:
            raise NotFound
        made = SourceReviewEnd(
            organisation_id=actor.organisation_id,
            review=row,
            result=result,
            text=text.strip()[:MOST_CHARACTERS],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, row.pk, made, "text")
        if not insert_ignore(made):
            raise ReviewClosed
        clocks.stop_if_running(actor, REVIEW, SUBJECT, row.pk)
        record(actor, "source_review.closed", SUBJECT, row.pk, result=result)
