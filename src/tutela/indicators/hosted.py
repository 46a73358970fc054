"""The hosted match service: for those who may not hold a list. Digests alone go in; yes or no comes out, always alike.

1. At most a hundred digests at once, each counted against a day's budget (`budgets`).
2. The answer has the same length and needs the same questions whatever matches; it names no distance, only the entry.
3. What was asked is kept nowhere; how many, and how many were listed, is an event.
4. What is answered with is what signatures stand behind: a row that says it is active is not enough (`lapsing`).

The private look-up does the same so that the node does not learn what was asked, nor whether it matched: the client
gets its digest's value by a blinded question (RFC 9497), and looks it up in a set that it has fetched (`lookup_sets`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import budgets, enqueue, hashes, lapsing, lookup_sets
from tutela.indicators.errors import SetNotReady
from tutela.indicators.models import Grant, IndicatorHash
from tutela.indicators.queries import with_state
from tutela.indicators.releases import LIST_ID
from tutela.organisations import signing
from tutela.organisations.errors import NoSigningKey
from tutela.tlog import voprf
from tutela.tlog.absence import item_bytes
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

KINDS = lookup_sets.KINDS
MOST_AT_ONCE = 100
NOTHING = UUID(int=0)
USE = "lookup"


def match(centre: Actor, sender: Actor, given: Sequence[tuple[str, str]]) -> list[UUID]:
    """The entry that has each digest, `NOTHING` where none has. Raises `Invalid`, `NoGrant`, `BudgetSpent`."""
    if not 0 < len(given) <= MOST_AT_ONCE:
        raise Invalid("Ask for 1 to {most} digests at once.", field="digests", most=MOST_AT_ONCE)
    wanted = [_blind(kind, value) for kind, value in given]
    budgets.take(centre, sender, len(given))
    with acting(centre):
        active = with_state().filter(state="active").values("id")
        rows = IndicatorHash.objects.filter(blind__in=wanted, kind__in=KINDS, indicator_id__in=active)
        hits = [(bytes(row.blind), row.indicator_id) for row in rows]
    good = lapsing.vouched(centre, {indicator for _blind, indicator in hits})
    known = {blind: indicator for blind, indicator in hits if indicator in good}
    found = [known.get(one, NOTHING) for one in wanted]
    with acting(centre):
        listed = sum(one != NOTHING for one in found)
        budgets.matched(centre, sender, listed)
        record(
            centre, "match.asked", "list", LIST_ID, recipient=sender.organisation_id, digests=len(given), listed=listed
        )
    return found


def evaluate(centre: Actor, sender: Actor, points: Sequence[str]) -> tuple[list[str], str, str]:
    """Blinded points times the secret, the proof, and the public key. Raises `Invalid`, `NoGrant`, `BudgetSpent`."""
    try:
        given = [bytes.fromhex(one) for one in points]
    except ValueError:
        raise Invalid("A point is 64 hexadecimal digits.", field="points") from None
    if not 0 < len(given) <= MOST_AT_ONCE:
        raise Invalid("Ask for 1 to {most} points at once.", field="points", most=MOST_AT_ONCE)
    budgets.take(centre, sender, len(given), blinded=True)
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
        budgets.granted(sender)
        secret = _secret(centre)
        found, late, large = (
            lookup_sets.newest(centre, secret),
            lookup_sets.behind(lookup_sets.MANY),
            lookup_sets.large(),
        )
    if found is None and not large:
        lookup_sets.whole(centre, secret)
    if late or (found is None and large):
        enqueue.prepare_lookup()
    else:
        lookup_sets.follow(centre, secret)
    with acting(centre):
        if (found := lookup_sets.newest(centre, secret)) is None:
            raise SetNotReady
        file, tag = found
        if known != tag:
            record(centre, "lookup.set_fetched", "list", LIST_ID, recipient=sender.organisation_id, set=tag)
    return None if known == tag else file, tag


def prepare(centre: Actor) -> None:
    """Bring the set up to date before somebody asks for it, where anybody may. For the job that publishes."""
    with acting(centre):
        now = clock.now()
        asked = Grant.objects.filter(list_id=budgets.MATCH_ID, ended_at=None, valid_to__gt=now).exists()
        secret = _secret(centre) if asked else None
        found = lookup_sets.newest(centre, secret) if secret else None
    if secret is None:
        lookup_sets.forget(centre)
        return
    if found is None:
        lookup_sets.whole(centre, secret)
    while lookup_sets.follow(centre, secret):
        pass


def _secret(centre: Actor) -> Secret:
    """The secret of look-ups, another than that of the certified set; made when first needed."""
    try:
        return signing.current_lookup_secret(centre.organisation_id)
    except NoSigningKey:
        lock(f"signing:{centre.organisation_id}:{USE}")
        signing.create_key(centre, USE)
        return signing.current_lookup_secret(centre.organisation_id)


def _blind(kind: str, value: str) -> bytes:
    plain = value.strip().lower()
    try:
        if kind not in KINDS:
            raise Refused(kind)
        item_bytes(kind, plain)
    except Refused:
        raise Invalid(
            "Give md5, sha1 or sha256 as hexadecimal digits; nothing else is looked up here.", field="digests"
        ) from None
    return hashes.blind(kind, plain)
