"""Daily quotas of clients of the hosted match service, and detection of hash probing.

A client without a list must not be able to rebuild one by querying. Every digest counts against a daily quota. A share
of matches that no upload stream reaches raises an alert on the Centre's desk. A blinded query reveals only that it was
made; it has the same quota.
"""

from __future__ import annotations

from uuid import NAMESPACE_OID, UUID, uuid5

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.indicators.access.errors import BudgetSpent
from tutela.indicators.access.grants import current_grant
from tutela.indicators.errors import NoGrant
from tutela.indicators.models import EdgeAlert, Grant, MatchUse

# The grant of matching alone: it opens no list.
MATCH_ID = "eu-register-match"
# So many digests a day where the grant names no other number.
PER_DAY = 100_000
# Of so many digests at least, one in so many was listed: no stream of uploads is like that.
LEAST_ASKED, ONE_IN = 50, 5


def take(centre: Actor, sender: Actor, count: int, *, blinded: bool = False) -> MatchUse:
    """Count a query before it is answered. Raises `NoGrant`, and `BudgetSpent` with an alert."""
    with acting(centre):
        use = _use(centre, sender)
        spent = use.asked + use.blinded + count > budget_of(granted(sender))
        if spent:
            values = {"digests": use.asked, "points": use.blinded}
            _sound(centre, sender, use, "budget_spent", AlertDetail.BUDGET, values)
        else:
            use.blinded += count if blinded else 0
            use.asked += 0 if blinded else count
            use.save(update_fields=["asked", "blinded"])
    if spent:
        raise BudgetSpent
    return use


def granted(sender: Actor) -> Grant:
    """The grant of matching. Raises `NoGrant`. Call inside `acting(centre)`."""
    found = current_grant(MATCH_ID, sender.organisation_id) if sender.verified else None
    if found is None:
        raise NoGrant
    return found


def budget_of(grant: Grant) -> int:
    """Digests a day."""
    return grant.per_day or PER_DAY


def matched(centre: Actor, sender: Actor, count: int) -> None:
    """Count matches; too large a share raises an alert, once a day.

    Call inside `acting(centre)`.
    """
    use = _use(centre, sender)
    use.matched += count
    use.save(update_fields=["matched"])
    if use.asked >= LEAST_ASKED and use.matched * ONE_IN >= use.asked:
        values = {"matched": use.matched, "asked": use.asked}
        _sound(centre, sender, use, "enumeration", AlertDetail.ENUMERATION, values)


def _use(centre: Actor, sender: Actor) -> MatchUse:
    day = clock.now().date()
    insert_ignore(MatchUse(organisation_id=centre.organisation_id, recipient_id=sender.organisation_id, day=day))
    return MatchUse.objects.select_for_update().get(recipient_id=sender.organisation_id, day=day)


def _sound(centre: Actor, sender: Actor, use: MatchUse, code: str, detail: AlertDetail, values: dict[str, int]) -> None:
    """Raise an alert on the Centre's desk, once per client, day and code."""
    row = EdgeAlert(
        organisation_id=centre.organisation_id,
        sender_id=sender.organisation_id,
        alert_id=_id(use, code),
        list_id=MATCH_ID,
        code=code,
        detail=detail.value,
        values=values,
        version=0,
        sequence=0,
        log_size=0,
        evidence="",
        at=clock.now(),
    )
    if insert_ignore(row):
        record(centre, "match.alert", "alert", row.pk, sender=sender.organisation_id, code=code)


def _id(use: MatchUse, code: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"{use.recipient_id} {use.day} {code}")
