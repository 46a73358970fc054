"""Reviews of claims: a person read the sources again and says until when the entry of the register stands."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid5

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.observatory.claims import register
from tutela.observatory.claims.register import Claim
from tutela.observatory.errors import UnknownClaim
from tutela.observatory.models import ClaimReview
from tutela.organisations.people import directory

REVIEW = "returns.receive"
SUBJECT = "claim"
LONGEST = timedelta(days=2 * 366)
# Claims have identifiers of their own; alerts name their subjects by UUIDs.
_SPACE = UUID("6f0c1c36-6b0f-5b5e-9a53-2f0d3c6c1f11")


def claim_uuid(claim: str) -> UUID:
    """The UUID by which alerts name a claim."""
    return uuid5(_SPACE, claim)


def overdue(today: date) -> list[tuple[Claim, date]]:
    """Claims whose review is overdue, with its day, the longest overdue first. Call inside `acting(actor)`."""
    reviewed = _days()
    due = [(one, reviewed.get(one.id, one.review_by)) for one in register.claims().values()]
    return sorted(((one, day) for one, day in due if day < today), key=lambda pair: (pair[1], pair[0].id))


def centres_days() -> dict[str, date]:
    """By claim the day until which the Centre's newest review stands; empty without a Centre."""
    centre = directory.the_centre()
    if centre is None:
        return {}
    with acting(directory.acting_for(centre, "public:anonymous", "Public figures")):
        return _days()


def _days() -> dict[str, date]:
    return dict(ClaimReview.objects.order_by("created_at", "pk").values_list("claim", "review_by"))


def review(actor: Actor, claim: str, review_by: date, note: str) -> None:
    """Record that the sources of a claim were read again. Raises `UnknownClaim`, `Invalid`."""
    actor.require(REVIEW)
    if claim not in register.claims():
        raise UnknownClaim
    today, said = clock.now().date(), typed(note)
    if not today < review_by <= today + LONGEST:
        raise Invalid("Choose a day within the next two years.", field="review_by")
    if not said:
        raise Invalid("Enter what you read.", field="note")
    with acting(actor):
        row = ClaimReview(
            organisation_id=actor.organisation_id,
            claim=claim,
            review_by=review_by,
            note=said[:500],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.save(force_insert=True)
        record(actor, "claim.reviewed", SUBJECT, claim_uuid(claim), claim=claim, review_by=review_by)
