"""Hourly check of the list queues: missing changes are added again, with an alert.

Triggers write these queues in the transaction of the change, and functions empty them. An attacker with the runtime
role may call these functions, so no list relies on its queue alone:

1. A head and a version of the register's list read ended indicators from their own rows (`builder`), at once.
2. The newest version is compared with the active indicators, in both directions.
3. Indicators that ended in the last weeks are looked up in the private look-up set and in the feed.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import batched
from uuid import UUID

from django.db import connection

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.indicators.feed import change_feed
from tutela.indicators.hosted_matching import private_lookup_set
from tutela.indicators.integrity import active_entries, edge_alerts
from tutela.indicators.releases import history, publish, version_contents
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.tlog.vrf import Secret

# By then a list was made of all rows again.
_SINCE = publish.MANIFEST_RENEWED
_WAIT = {
    "list": "SELECT indicators_release_wait(%s::uuid[])",
    "private look-up": "SELECT indicators_lookup_wait(%s::uuid[])",
    "feed": "SELECT indicators_feed_wait(%s::uuid[])",
}
_DETAIL = {
    "list": AlertDetail.OVERLOOKED_LIST,
    "private look-up": AlertDetail.OVERLOOKED_PRIVATE,
    "feed": AlertDetail.OVERLOOKED_FEED,
}


def restore_missing(centre: Actor) -> int:
    """Add missing changes to the queues; return how many. The caller then publishes a new version."""
    with acting(centre):
        # Test entries are in the list alone.
        ended = {one for one in active_entries.ended_since(clock.now() - _SINCE) if not is_test(one)}
        missed = {"list": _released(), "feed": change_feed.overlooked(ended)}
        secret = _secret(centre)
    if secret is not None:
        some = (
            private_lookup_set.overlooked(centre, secret, part)
            for part in batched(sorted(ended), private_lookup_set.MANY)
        )
        missed["private look-up"] = [one for part in some for one in part]
    with acting(centre):
        for queue, ids in missed.items():
            _put_back(centre, queue, ids)
        if early := change_feed.ahead():
            edge_alerts.sound(centre, "feed_ahead", AlertDetail.FEED_AHEAD, count=early)
    return sum(map(len, missed.values()))


def _released() -> Collection[UUID]:
    newest = next(iter(history.history(1)), None)
    if newest is None:
        return ()
    try:
        return version_contents.overlooked(history.manifest(newest))
    except (OSError, CannotUnwrap):
        # The next version is made of all rows.
        return ()


def _put_back(centre: Actor, queue: str, ids: Collection[UUID]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_WAIT[queue], [sorted(ids)])
        edge_alerts.sound(centre, "overlooked", _DETAIL[queue], count=len(ids))


def _secret(centre: Actor) -> Secret | None:
    try:
        return signing.current_lookup_secret(centre.organisation_id)
    except NoSigningKey:
        return None
