"""Hosted match service for clients that may not hold a list: digests in, yes or no out.

1. At most a hundred digests per request, each counted against a daily quota (`quotas`).
2. The answer has the same length and runs the same queries in every case. The answer contains no distance, only the
   indicator.
3. Queried digests are not stored. The number of queries and of matches is an event.
4. Only indicators with valid certifications are answered with; a row marked active is not enough (`invalidation`). Test
   entries are never answered with.

The private look-up gives the same answer without the node learning the digest or the result. The client gets its
digest's value by a blinded query (RFC 9497), and looks it up in a set that it has fetched (`private_lookup_set`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators import enqueue
from tutela.indicators.access import quotas
from tutela.indicators.hashes import blind_index
from tutela.indicators.hosted_matching import private_lookup_set
from tutela.indicators.hosted_matching.errors import SetNotReady
from tutela.indicators.integrity import invalidation
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import Grant, IndicatorHash
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

KINDS = private_lookup_set.KINDS
MOST_AT_ONCE = 100
NO_INDICATOR = UUID(int=0)
KEY_USE = "lookup"


def match(centre: Actor, sender: Actor, given: Sequence[tuple[str, str]]) -> list[UUID]:
    """The entry that has each digest, `NO_INDICATOR` where none has. Raises `Invalid`, `NoGrant`, `BudgetSpent`."""
    if not 0 < len(given) <= MOST_AT_ONCE:
        raise Invalid("Send 1 to {most} digests per request.", field="digests", most=MOST_AT_ONCE)
    wanted = [_blind(kind, value) for kind, value in given]
    quotas.take(centre, sender, len(given))
    with acting(centre):
        active = with_state().filter(state="active").values("id")
        rows = IndicatorHash.objects.filter(blind__in=wanted, kind__in=KINDS, indicator_id__in=active)
        hits = [(bytes(row.blind), row.indicator_id) for row in rows if not is_test(row.indicator_id)]
    good = invalidation.answerable(centre, {indicator for _blind, indicator in hits})
    known = {blind: indicator for blind, indicator in hits if indicator in good}
    found = [known.get(one, NO_INDICATOR) for one in wanted]
    with acting(centre):
        listed = sum(one != NO_INDICATOR for one in found)
        quotas.matched(centre, sender, listed)
        record(
            centre, "match.asked", "list", LIST_ID, recipient=sender.organisation_id, digests=len(given), listed=listed
        )
    return found


def evaluate(centre: Actor, sender: Actor, points: Sequence[str]) -> tuple[list[str], str, str]:
    """Blinded points times the secret, the proof, and the public key. Raises `Invalid`, `NoGrant`, `BudgetSpent`."""
    try:
        given = [bytes.fromhex(one) for one in points]
    except ValueError:
        raise Invalid("A point must be 64 hexadecimal digits.", field="points") from None
    if not 0 < len(given) <= MOST_AT_ONCE:
        raise Invalid("Send 1 to {most} points per request.", field="points", most=MOST_AT_ONCE)
    quotas.take(centre, sender, len(given), blinded=True)
    with acting(centre):
        secret = _secret(centre)
        try:
            made, proof = voprf.evaluate(secret, given)
        except Refused as error:
            raise Invalid("{reason}", field="points", reason=error) from None
        record(centre, "lookup.asked", "list", LIST_ID, recipient=sender.organisation_id, points=len(given))
    return [one.hex() for one in made], proof.hex(), secret.public.hex()


def values(centre: Actor, sender: Actor, known: str = "") -> tuple[Path | None, str]:
    """The file of the set of values of everything active, and its tag; no file where the caller has that tag.

    What changed just now is in it; many changes at once, and a first set of many, are made by the job.
    Raises `NoGrant`, `SetNotReady`.
    """
    with acting(centre):
        quotas.granted(sender)
        secret = _secret(centre)
        found, late, large = (
            private_lookup_set.newest(centre, secret),
            private_lookup_set.behind(private_lookup_set.MANY),
            private_lookup_set.large(),
        )
    if found is None and not large:
        private_lookup_set.whole(centre, secret)
    if late or (found is None and large):
        enqueue.prepare_lookup()
    else:
        private_lookup_set.follow(centre, secret)
    with acting(centre):
        if (found := private_lookup_set.newest(centre, secret)) is None:
            raise SetNotReady
        file, tag = found
        if known != tag:
            record(centre, "lookup.set_fetched", "list", LIST_ID, recipient=sender.organisation_id, set=tag)
    return None if known == tag else file, tag


def prepare(centre: Actor) -> None:
    """Bring the set up to date before somebody asks for it, where anybody may. For the job that publishes."""
    with acting(centre):
        now = clock.now()
        asked = Grant.objects.filter(list_id=quotas.MATCH_ID, ended_at=None, valid_to__gt=now).exists()
        secret = _secret(centre) if asked else None
        found = private_lookup_set.newest(centre, secret) if secret else None
    if secret is None:
        private_lookup_set.forget(centre)
        return
    if found is None:
        private_lookup_set.whole(centre, secret)
    while private_lookup_set.follow(centre, secret):
        pass


def _secret(centre: Actor) -> Secret:
    """The secret of look-ups, another than that of the certified set; made when first needed."""
    try:
        return signing.current_lookup_secret(centre.organisation_id)
    except NoSigningKey:
        lock(f"signing:{centre.organisation_id}:{KEY_USE}")
        signing.create_key(centre, KEY_USE)
        return signing.current_lookup_secret(centre.organisation_id)


def _blind(kind: str, value: str) -> bytes:
    plain = value.strip().lower()
    try:
        if kind not in KINDS:
            raise Refused(kind)
        item_bytes(kind, plain)
    except Refused:
        raise Invalid(
            "Send md5, sha1 or sha256 as hexadecimal digits. No other hash can be looked up here.", field="digests"
        ) from None
    return blind_index.blind(kind, plain)
