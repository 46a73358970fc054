"""Change feed: activated, changed and ended indicators in order of visibility, for polling clients.

1. Each change of an indicator puts its id in a queue, by a trigger, in the same transaction.
2. The first request stamps all queued ids with their feed time, one request at a time. The time is taken after the
   queue was read. A later commit gets a later time, so a window in the past is final.
3. A page starts after the last entry of the previous page, by time and id. An entry that changes during paging appears
   in a later window, and no other entry is skipped.
4. An indicator that was active once and is not any more is a tombstone for as long as the register exists.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.hash_sharing.entries import SharedEntry
from tutela.indicators.access.grants import current_grant
from tutela.indicators.errors import NoGrant
from tutela.indicators.feed import hash_sharing_entries
from tutela.indicators.feed.errors import WindowInFuture
from tutela.indicators.integrity import active_entries, invalidation
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import FeedEntry, Taken
from tutela.indicators.releases import downloads

PAGE = 1000
# The clocks of the database and the node differ by at most this; the SQL statement uses the same value.
_APART = timedelta(seconds=5)
_OVERLOOKED = """
SELECT DISTINCT c.indicator_id FROM (
    SELECT indicator_id, created_at FROM indicators_revocation WHERE indicator_id = ANY(%(ids)s::uuid[])
    UNION ALL SELECT indicator_id, created_at FROM indicators_suspension WHERE indicator_id = ANY(%(ids)s::uuid[])) c
  LEFT JOIN indicators_feedentry e ON e.indicator_id = c.indicator_id
  WHERE (e.stamp IS NULL OR e.stamp < c.created_at - interval '5 s')
    AND EXISTS (SELECT 1 FROM indicators_activation a WHERE a.indicator_id = c.indicator_id)
    AND NOT EXISTS (SELECT 1 FROM indicators_feedwaiting w WHERE w.indicator_id = c.indicator_id)"""


@dataclass(frozen=True)
class Position:
    """Start of a page: after this time and id."""

    stamp: datetime
    indicator: UUID


@dataclass(frozen=True)
class Window:
    """Requested window `[since, until)`, read from `after` on. `start` counts from 1; `most` is the first count's
    total.
    """

    since: datetime
    until: datetime
    after: Position | None = None
    start: int = 1
    most: int | None = None


@dataclass(frozen=True)
class ChangePage:
    """A page, and the window from which the next one is read."""

    entries: list[SharedEntry]
    following: Window | None


def granted(centre: Actor, sender: Actor, list_id: str) -> bool:
    """Whether an organisation may read a list today."""
    with acting(centre):
        return sender.verified and current_grant(list_id, sender.organisation_id) is not None


def page(centre: Actor, sender: Actor, list_id: str, window: Window) -> ChangePage:
    """A page of the feed for an organisation with a grant; on record. Raises `NoGrant`, `WindowInFuture`, `Invalid`."""
    now = clock.now()
    if window.since > window.until:
        raise Invalid("The time window ends before it begins. Correct its start or its end.", field="to")
    if window.until > now:
        raise WindowInFuture
    with acting(centre):
        if not sender.verified or current_grant(list_id, sender.organisation_id) is None:
            raise NoGrant
        # Before anything is read: what is revoked meanwhile is told to this reader too.
        downloads.note(centre, sender.organisation_id, list_id, Taken.FEED)
        stamp_waiting(centre)
        rows = FeedEntry.objects.filter(stamp__gte=window.since, stamp__lt=window.until)
        most = window.most if window.most is not None else rows.count()
        if window.after is not None:
            later = Q(stamp__gt=window.after.stamp) | Q(stamp=window.after.stamp, indicator__gt=window.after.indicator)
            rows = rows.filter(later)
        chosen = list(rows.order_by("stamp", "indicator")[: PAGE + 1].values_list("stamp", "indicator_id"))
        active = active_entries.active_of(indicator for _stamp, indicator in chosen[:PAGE])
    # What became active since stands in the queue, and is in a later window as what it is then.
    good = invalidation.answerable(centre, active)
    with acting(centre):
        found = hash_sharing_entries.entries_of(with_state(), chosen[:PAGE], good)
        record(
            centre,
            "feed.read",
            "list",
            list_id,
            recipient=sender.organisation_id,
            since=window.since.isoformat(),
            until=window.until.isoformat(),
            start=window.start,
            entries=len(found),
        )
    if len(chosen) <= PAGE:
        return ChangePage(found, None)
    last = Position(*chosen[PAGE - 1])
    return ChangePage(found, Window(window.since, window.until, last, window.start + PAGE, most))


def stamp_waiting(centre: Actor) -> int:
    """Give what changed its time in the feed; returns how many. Call inside `acting(centre)`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM indicators_feedwaiting)")
        if not _first(cursor):
            return 0
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('tutela.feed'))")
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS feed_taken (indicator_id uuid) ON COMMIT DELETE ROWS")
        cursor.execute(
            "INSERT INTO feed_taken SELECT DISTINCT indicator_id FROM indicators_feed_take() AS taken (indicator_id)"
        )
        # Only now: what is committed from here on gets a later time (2). And time never runs back in the feed.
        cursor.execute("SELECT max(stamp) FROM indicators_feedentry")
        last = _first(cursor)
        now = max(clock.now(), last) if last else clock.now()
        cursor.execute(
            "INSERT INTO indicators_feedentry (id, organisation_id, created_at, indicator_id, stamp)"
            " SELECT gen_random_uuid(), %s, %s, indicator_id, %s FROM feed_taken"
            " ON CONFLICT (indicator_id) DO UPDATE SET stamp = excluded.stamp",
            [centre.organisation_id, now, now],
        )
        count: int = cursor.rowcount
        cursor.execute("TRUNCATE feed_taken")
    return count


def overlooked(ended: Collection[UUID]) -> list[UUID]:
    """Return those of some ended entries whose end has no time in the feed and is not queued for one."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERLOOKED, {"ids": list(ended)})
        return [row[0] for row in cursor.fetchall()]


def ahead() -> int:
    """Count entries stamped in the future; readers see them at that time.

    Call inside `acting(centre)`. A new stamp would not help, because feed time never runs backwards.
    """
    return FeedEntry.objects.filter(stamp__gt=clock.now() + _APART).count()


def _first(cursor: Any) -> Any:
    row = cursor.fetchone()
    return row[0] if row else None
