"""Retention of indicators: uncertified and revoked ones, and legal holds of the Centre.

1. A proposal that no other organisation certified within its rule's time is revoked and erased.
2. A revoked indicator is erased at the end of its rule's time. An item judged not to be CSAM is erased later, because
   until then it blocks similar proposals (`rejected_items`).
3. An erasure covers hashes, their values in the certified set, and frames. The erasure also covers facts with their
   salt of every event about the indicator, by each organisation of its own. Entries of the public log stay, as
   commitments that can no longer be opened. Each erasure is itself an entry.
4. A legal hold of the Centre stops all erasure until its date. Active indicators are never erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from tutela import clock
from tutela.casework.assignment import erasure
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import erasable_of, erase_facts, record, record_many
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import ReasonCode
from tutela.indicators.hashes import rejected_items
from tutela.indicators.lifecycle import transitions
from tutela.indicators.models import (
    Activation,
    Certification,
    Erasure,
    FactsToErase,
    Indicator,
    IndicatorNow,
    LegalHold,
    LegalHoldEnd,
    Revocation,
    SuspensionEnd,
)

# A run erases this many per rule and the next run continues, so that no run outlasts a transaction's limit.
MOST_AT_ONCE = 2_000
LONGEST_RETENTION = timedelta(days=5 * 366)


def hold(actor: Actor, indicator_id: UUID, *, until: datetime | None, reason: str) -> UUID:
    """Keep an indicator until a date, whatever its rule.

    Centre only. Raises `Invalid`, `NotFound`.
    """
    actor.require("indicators.revoke")
    _needs_reason(reason)
    now = clock.now()
    if until is None or not now < until <= now + LONGEST_RETENTION:
        raise Invalid("Choose a day within the next five years.", field="until")
    with acting(actor):
        lock(f"indicator:{indicator_id}")
        row = Indicator.objects.filter(pk=indicator_id, erasure=None).first()
        if row is None:
            raise NotFound
        made = LegalHold.objects.create(
            organisation_id=actor.organisation_id,
            indicator=row,
            until=until,
            reason=reason.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(actor, "indicator.hold_placed", "indicator", row.pk, number=row.number, until=until.isoformat())
    return made.pk


def end_hold(actor: Actor, hold_id: UUID, reason: str) -> UUID:
    """End a legal hold before its day; returns the indicator. Raises `Invalid`, `NotFound`."""
    actor.require("indicators.revoke")
    _needs_reason(reason)
    with acting(actor):
        row = standing_holds().select_related("indicator").filter(pk=hold_id).first()
        if row is None:
            raise NotFound
        made = LegalHoldEnd(
            organisation_id=actor.organisation_id,
            hold=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(made):
            raise NotFound
        record(actor, "indicator.hold_ended", "indicator", row.indicator_id, number=row.indicator.number)
        return UUID(str(row.indicator_id))


def end_of(day: str) -> datetime | None:
    """Return the last moment of a day from a form; None if it is not a date."""
    try:
        return datetime.combine(date.fromisoformat(day[:10]), time.max, UTC)
    except ValueError:
        return None


def standing_holds() -> QuerySet[LegalHold]:
    """Legal holds that stand now. Call inside `acting(actor)`."""
    return LegalHold.objects.filter(end=None, until__gt=clock.now())


def erase_uncertified(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Rule 1, for proposals about which nothing happened since. Call inside `acting(actor)`."""
    later = {"created_at__gt": before}
    rows = IndicatorNow.objects.filter(state="proposed", proposed_at__lte=before).exclude(
        Exists(Certification.objects.filter(indicator=OuterRef("indicator"), **later))
    )
    # A round that the Centre began has its own time.
    rows = rows.exclude(Exists(SuspensionEnd.objects.filter(suspension__indicator=OuterRef("indicator"), **later)))
    yield from _erase(actor, _free(rows.order_by("proposed_at")), "indicator.uncertified", _revoke)


def erase_revoked(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Rule 2, but for what was judged not to be CSAM."""
    rows = Revocation.objects.filter(created_at__lte=before).exclude(
        indicator__in=rejected_items.judged().values("indicator")
    )
    yield from _erase(actor, _free(rows.order_by("created_at")), "indicator.revoked")


def erase_refuted(actor: Actor, before: datetime) -> Iterator[tuple[str, str]]:
    """Rule 2 for what was."""
    rows = Revocation.objects.filter(created_at__lte=before, indicator__in=rejected_items.judged().values("indicator"))
    yield from _erase(actor, _free(rows.order_by("created_at")), rejected_items.ERASED)


def erase_events(actor: Actor, _before: datetime) -> Iterator[tuple[str, str]]:
    """Rule 3: what the organisation's own events say of erased indicators. Call inside `acting(actor)`."""
    for row in list(FactsToErase.objects.filter(organisation_id=actor.organisation_id).order_by("pk")[:MOST_AT_ONCE]):
        for event in erasable_of("indicator", row.indicator_id, actor.organisation_id):
            erase_facts(actor, event, "The indicator was erased")
        erasure.erase("indicator", row.indicator_id)
        row.delete()
        yield "indicator", str(row.indicator_id)


def _free(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Without what was erased already, or is held."""
    held = standing_holds().filter(indicator=OuterRef("indicator"))
    return rows.filter(indicator__erasure=None).exclude(Exists(held))


def _erase(actor: Actor, rows: QuerySet[Any], rule: str, first: Any = None) -> Iterator[tuple[str, str]]:
    """The Centre erases, for the whole register."""
    if actor.organisation_kind != "centre" or not actor.verified:
        return
    ids = sorted(rows.values_list("indicator_id", flat=True)[:MOST_AT_ONCE])
    # What is certified or held meanwhile has ended when this is taken, and is seen now.
    lock(*(f"indicator:{one}" for one in ids))
    ids = sorted(rows.filter(indicator__in=ids).values_list("indicator_id", flat=True))
    if not ids:
        return
    if first is not None:
        first(actor, ids)
    Erasure.objects.bulk_create(
        Erasure(organisation_id=actor.organisation_id, indicator_id=one, rule=rule, by=actor.reference) for one in ids
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_erase(%s)", [ids])
    record_many(actor, "indicator.erased", "indicator", ((one, {"rule": rule}) for one in ids))
    for one in ids:
        yield "indicator", str(one)


def _revoke(actor: Actor, ids: Iterable[UUID]) -> None:
    known = set(Activation.objects.filter(indicator__in=ids).values_list("indicator_id", flat=True))
    for row in Indicator.objects.filter(pk__in=known):
        transitions.revoke(actor, row, ReasonCode.NOT_CERTIFIED, cause="retention")
    # Nobody ever got these.
    unknown = [one for one in ids if one not in known]
    Revocation.objects.bulk_create(
        Revocation(
            organisation_id=actor.organisation_id,
            indicator_id=one,
            reason=ReasonCode.NOT_CERTIFIED.value,
            by=actor.reference,
        )
        for one in unknown
    )
    record_many(actor, "indicator.revoked", "indicator", ((one, {"cause": "retention"}) for one in unknown))


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
