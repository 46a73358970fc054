"""The certified set: a value for every hash of an active indicator, whose root stands in the public log.

Whoever is told an item's value and its proof can check, against any published release, whether the item is in it. The
values themselves say nothing about the items. Proofs of absence are given out for the lawful reference pictures at
every release, to everybody; and for a single hash to those who may ask, because the answer is an oracle.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from tutela.accountability import public_log
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.recording import record
from tutela.indicators import films, hashes
from tutela.indicators.errors import NotLoggedYet
from tutela.indicators.lawful import canaries
from tutela.indicators.models import FilmValues, HashValue, IndicatorFilm, IndicatorHash, Release
from tutela.indicators.queries import with_state
from tutela.organisations import signing
from tutela.tlog.absence import Absence, item_bytes
from tutela.tlog.certified import CertifiedSet
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import VALUE_BYTES, Secret

AT_ONCE = 5000


def values(centre: Actor) -> tuple[CertifiedSet, Secret]:
    """The set of all that is active now, and the secret of its values. Call inside `acting(centre)`."""
    secret = signing.current_values_secret(centre.organisation_id)
    key = signing.key_id_of(secret.public)
    for rows in _without_value(key):
        HashValue.objects.bulk_create(
            HashValue(
                organisation_id=centre.organisation_id, hash=row, key_id=key,
                value=secret.value(item_bytes(*hashes.plain(row))),
            )
            for row in rows
        )  # fmt: skip
    active = with_state().filter(state="active").values("id")
    _value_films(centre, secret, key, active)
    known = HashValue.objects.filter(key_id=key, hash__indicator_id__in=active).values_list("value", flat=True)
    of_films = FilmValues.objects.filter(key_id=key, film__indicator_id__in=active).values_list("values", flat=True)
    found = chain(
        (bytes(value) for value in known.iterator(chunk_size=AT_ONCE)),
        (one for row in of_films.iterator(chunk_size=100) for one in _parted(bytes(row))),
    )
    return CertifiedSet.of(found), secret


def canary_absences(made: CertifiedSet, secret: Secret, list_id: str, version: int) -> bytes:
    """As JSON: every lawful reference picture, and a proof for each digest that it is not in the set.

    Raises `Refused` where one of them is: then there must be no release.
    """
    pictures = []
    for one in canaries():
        proofs = [absence(made, secret, list_id, version, kind, one[kind]) for kind in hashes.HEX]
        about = {name: one[name] for name in ("name", "source", "author", "licence")}
        pictures.append({**about, "proofs": [proof.to_json() for proof in proofs]})
    return json.dumps({"list": list_id, "version": version, "pictures": pictures}, ensure_ascii=False).encode()


def absence(made: CertifiedSet, secret: Secret, list_id: str, version: int, kind: str, value: str) -> Absence:
    """The proof for one hash, not bound to the log yet. Raises `Refused` where it is in the set, or is no hash."""
    item = item_bytes(kind, value)
    place = made.place(secret.value(item))
    if place.there == secret.value(item):
        raise Refused(f"{kind} {value} is in the set")
    return Absence(kind, value, secret.public, secret.prove(item), place, list_id, version)


def prove_absent(actor: Actor, centre: Actor, kind: str, value: str) -> Absence:
    """That a hash is not in the newest release, with the log's proof. Recorded with who asked.

    Raises `Invalid` where it is in it or is no hash, `NotLoggedYet` between a change and its release in the log.
    """
    actor.require("absence.prove")
    with acting(actor):
        record(actor, "absence.asked", "release", "newest", digest=kind[:8])
    with acting(centre):
        release = Release.objects.order_by("-version").first()
        made, secret = values(centre)
    if release is None or bytes(release.values_root or b"") != made.root:
        raise NotLoggedYet
    try:
        found = absence(made, secret, release.list_id, release.version, kind, value.strip().lower())
    except Refused as error:
        raise Invalid("There is nothing to prove: {reason}.", field="value", reason=error) from None
    entry = log_entry(release)
    return replace(found, entry=entry.data, log_proof=entry.proof)


def log_entry(release: Release) -> public_log.Entry:
    """The public log's entry of a release, with its proof. Raises `NotLoggedYet`."""
    entry = public_log.entry_of(release.event_id) if release.event_id else None
    if entry is None:
        raise NotLoggedYet
    return entry


def _value_films(centre: Actor, secret: Secret, key: str, active: Any) -> None:
    """A picture that has the hash of a video's frame is in the list, too."""
    done = FilmValues.objects.filter(key_id=key).values("film_id")
    rows = IndicatorFilm.objects.filter(indicator_id__in=active).exclude(pk__in=done)
    for row in rows.iterator(chunk_size=100):
        looks = sorted({one.pdq for one in films.opened(row).frames})
        FilmValues.objects.create(
            organisation_id=centre.organisation_id, film=row, key_id=key,
            values=b"".join(secret.value(item_bytes("pdq", one.hex())) for one in looks),
        )  # fmt: skip


def _parted(values: bytes) -> Iterator[bytes]:
    yield from (values[at : at + VALUE_BYTES] for at in range(0, len(values), VALUE_BYTES))


def _without_value(key: str) -> Iterator[list[Any]]:
    done = HashValue.objects.filter(key_id=key).values("hash_id")
    while rows := list(IndicatorHash.objects.exclude(id__in=done).exclude(kind=hashes.FRAMES)[:AT_ONCE]):
        yield rows
