"""The hosted match service: for those who may not hold a list. Digests alone go in; yes or no comes out, always alike.

1. At most a hundred digests at once, each counted against a day's budget (`budgets`).
2. The answer has the same length and needs the same questions whatever matches; it names no distance, only the entry.
3. What was asked is kept nowhere; how many, and how many were listed, is an event.

The private look-up does the same so that the node does not learn what was asked, nor whether it matched: the client
gets its digest's value by a blinded question (RFC 9497), and looks it up in a set of values that it has fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import budgets, hashes
from tutela.indicators.contents import AT_ONCE
from tutela.indicators.models import Grant, HashValue, IndicatorHash
from tutela.indicators.queries import with_state
from tutela.indicators.releases import LIST_ID
from tutela.organisations import signing
from tutela.organisations.errors import NoSigningKey
from tutela.tlog import voprf
from tutela.tlog.absence import item_bytes
from tutela.tlog.lookup import MAGIC, VALUE_BYTES
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

KINDS = ("md5", "sha1", "sha256")
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
        known = {bytes(row.blind): row.indicator_id for row in rows}
        found = [known.get(one, NOTHING) for one in wanted]
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


def values(centre: Actor, sender: Actor, known: str = "") -> tuple[bytes, str]:
    """The set of values of everything active, and its tag; nothing where the caller has that tag. Raises `NoGrant`."""
    with acting(centre):
        budgets.granted(sender)
        lock("lookup:set")
        secret = _secret(centre)
        tag = _tag(secret)
        if known == tag:
            return b"", tag
        data = _built(centre, secret, tag)
        record(centre, "lookup.set_fetched", "list", LIST_ID, recipient=sender.organisation_id, set=tag)
    return data, tag


def prepare(centre: Actor) -> None:
    """Build the set before somebody asks for it, where anybody may. For the job that publishes."""
    with acting(centre):
        now = clock.now()
        if Grant.objects.filter(list_id=budgets.MATCH_ID, ended_at=None, valid_to__gt=now).exists():
            lock("lookup:set")
            secret = _secret(centre)
            _built(centre, secret, _tag(secret))


def _tag(secret: Secret) -> str:
    return f"{_active_tag()}-{secret.public.hex()[:16]}"


def _built(centre: Actor, secret: Secret, tag: str) -> bytes:
    """The set as a file, kept until another takes its place. It says nothing to whoever cannot ask for values."""
    file = Path(settings.DATA_DIR) / "releases" / LIST_ID / "lookup.set"
    head = {"list": LIST_ID, "set": tag, "key": secret.public.hex(), "bytes": VALUE_BYTES}
    if file.exists() and (kept := file.read_bytes()).startswith(_header(head)):
        return kept
    key = signing.key_id_of(secret.public)
    known = HashValue.objects.filter(key_id=key).values("hash_id")
    while rows := list(IndicatorHash.objects.filter(kind__in=KINDS).exclude(id__in=known)[:AT_ONCE]):
        HashValue.objects.bulk_create(
            HashValue(
                organisation_id=centre.organisation_id, hash=row, key_id=key,
                value=voprf.value(secret, item_bytes(*hashes.plain(row)))[:32],
            )
            for row in rows
        )  # fmt: skip
    active = with_state().filter(state="active").values("id")
    found = HashValue.objects.filter(key_id=key, hash__indicator_id__in=active).values_list("value", flat=True)
    short = sorted(bytes(one)[:VALUE_BYTES] for one in found.iterator(chunk_size=AT_ONCE))
    data = _header(head) + b"".join(short)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.replace(file)
    return data


def _header(head: dict[str, object]) -> bytes:
    return MAGIC + json.dumps(head, sort_keys=True).encode() + b"\n"


def _active_tag() -> str:
    """What changes whenever something begins or ceases to count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM indicators_activation), (SELECT count(*) FROM indicators_suspension),"
            " (SELECT count(*) FROM indicators_revocation)"
        )
        return hashlib.sha256(str(cursor.fetchone()).encode()).hexdigest()[:12]


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
