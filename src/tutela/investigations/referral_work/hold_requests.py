"""State of an authority's hold requests. The Centre may refuse a request.

- A request replaces the one before only if the Centre does not refuse it. The same applies to the end of a hold.
- All requests together last at most 18 months from the first that was not refused (CSAR 48(6)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.errors import Invalid
from tutela.investigations.models import HoldRequest, Referral
from tutela.law.clock_kinds import add_months
from tutela.law.holds import LONGEST_MONTHS
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox_status

MESSAGES = ("hold", "hold_end")


@dataclass(frozen=True)
class Holding:
    """The hold that stands, whether its Centre has still to answer, and the newest request where that was refused."""

    standing: HoldRequest | None = None
    waits: bool = False
    refused: HoldRequest | None = None
    why: str = ""


def holding_of(row: Referral) -> Holding:
    """Hold on a referral, as far as this authority knows. Call inside `acting(actor)`."""
    answers = outbox_status.answers_about(row.referral_id, MESSAGES)
    newest, refused, why = True, None, ""
    for one in row.hold_requests.order_by("-created_at", "-id"):
        state, reason = answers.get(f"{row.referral_id}:{key(one)}", ("sent", ""))
        if state == "refused":
            refused, why = (one, reason) if newest else (refused, why)
            newest = False
            continue
        ended = one.until is None or one.until <= clock.now()
        subject_keys.open_words("referral", row.referral_id, [one])
        return Holding(refused=refused, why=why) if ended else Holding(one, state == "waiting", refused, why)
    return Holding(refused=refused, why=why)


def stands(referral_id: UUID) -> bool:
    """Whether a hold that this authority asked for stands about a referral. Call inside `acting(actor)`."""
    row = Referral.objects.filter(referral_id=referral_id).first()
    return row is not None and holding_of(row).standing is not None


def key(request: HoldRequest) -> str:
    """Return the part of the message key that follows the referral id."""
    return f"h-{request.pk}"


def check_longest(row: Referral, until: datetime) -> None:
    """Raise `Invalid` for a moment that has passed, or is later than all requests together may last."""
    now = clock.now()
    longest = add_months(min([*(one.created_at for one in _counting(row)), now]), LONGEST_MONTHS)
    if not now < until <= longest:
        raise Invalid(
            "A hold must end in the future and before {until}. The limit is 18 months from your first request.",
            field="until",
            until=longest.strftime("%Y-%m-%d %H:%M UTC"),
        )


def _counting(row: Referral) -> Iterator[HoldRequest]:
    answers = outbox_status.answers_about(row.referral_id, MESSAGES)
    for one in row.hold_requests.filter(until__isnull=False):
        if answers.get(f"{row.referral_id}:{key(one)}", ("sent", ""))[0] != "refused":
            yield one
