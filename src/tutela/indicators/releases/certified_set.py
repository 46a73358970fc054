"""Certified set: a value for every hash of an active indicator, with its root in the public log.

With an item's value and its proof, anyone can check against any published release if the item is in it. The values
themselves reveal nothing about the items. Proofs of absence for the lawful reference images are published with every
release. A proof for a single hash is given only to authorised organisations, because the answer is an oracle.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from uuid import UUID

from tutela import clock
from tutela.accountability.public_log import log
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Invalid
from tutela.events.record import record, since
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.register.canaries import canaries
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.exchange.register.release import ReleaseManifest
from tutela.indicators.errors import NoSuchRelease
from tutela.indicators.hashes import blind_index, sealed_values, validation, video_frames
from tutela.indicators.integrity import active_entries, edge_alerts, verification
from tutela.indicators.models import IndicatorHash, Release
from tutela.indicators.release_files import version_files
from tutela.indicators.release_files.certified_set_files import ValueSet
from tutela.indicators.releases.errors import NotLoggedYet, ProofsSpent
from tutela.organisations.keys import signing
from tutela.tlog import presence_proof
from tutela.tlog.absence_proof import Absence, item_bytes
from tutela.tlog.certified_set import CertifiedSet, TreePlace
from tutela.tlog.certified_set_file import SetFileDamagedError
from tutela.tlog.presence_proof import Presence
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

# The arithmetic runs without the interpreter's lock.
_THREADS = 2
# An organisation asks for so many proofs of absence a day (UTC).
PROOFS_A_DAY = 100


class ProofSet(Protocol):
    """A certified set: its root, and where a value is or would be."""

    def __contains__(self, value: bytes) -> bool:
        """Whether the set has a value."""

    def __len__(self) -> int:
        """The number of values."""

    @property
    def root(self) -> bytes:
        """The root hash, which is logged."""

    def place(self, value: bytes) -> TreePlace:
        """The end of a value's path."""


def secret_of(centre: Actor) -> tuple[Secret, str]:
    """The secret of the values, and the name of its key."""
    secret = signing.current_values_secret(centre.organisation_id)
    return secret, signing.key_id_of(secret.public)


def complete(centre: Actor, found: active_entries.ActiveEntries, secret: Secret, key: str) -> list[bytes]:
    """The values of what was found; those that it lacks are computed, sealed and kept. Call inside `acting(centre)`."""
    if found.forged:
        edge_alerts.sound(centre, "forged_value", AlertDetail.FORGED_SET, count=found.forged)
    with ThreadPoolExecutor(_THREADS) as pool:
        items = [sealed_values.item(kind, raw) for _pk, kind, raw in found.lacking]
        fresh = list(pool.map(secret.value, items, chunksize=64))
    lacking = zip(found.lacking, fresh, strict=True)
    sealed_values.keep(
        centre, key, ((pk, value, sealed_values.seal(key, kind, raw, value)) for (pk, kind, raw), value in lacking)
    )
    opened = [video_frames.opened(row) for row in found.films]
    of_films = [video_frames.values(film, secret.value) for film in opened]
    lying = zip(found.films, opened, of_films, strict=True)
    sealed_values.keep(
        centre, key, ((row.pk, made, sealed_values.film_seal(key, film, made)) for row, film, made in lying), of="film"
    )
    return [*found.values, *fresh, *(one for row in of_films for one in video_frames.parted(row))]


def values(centre: Actor) -> tuple[CertifiedSet, Secret]:
    """The set of all that is active now, from the rows, and the secret of its values. Call inside `acting(centre)`."""
    secret, key = secret_of(centre)
    found = active_entries.parts(active_entries.active_ids(), key, verification.trust_store())
    return CertifiedSet.of(one for part in found for one in complete(centre, part, secret, key)), secret


def refuse_canaries(made: ProofSet, secret: Secret) -> None:
    """Raises `Refused` where a lawful reference picture is in the set: then there must be no release."""
    for kind, value, point in _canary_values(secret):
        if point in made:
            raise Refused(f"{kind} {value} is in the set")


@lru_cache(maxsize=2)
def _canary_values(secret: Secret) -> tuple[tuple[str, str, bytes], ...]:
    """Return the values of the lawful pictures, equal in every release."""
    given = [(kind, one[kind]) for one in canaries() for kind in validation.HEX]
    return tuple((kind, value, secret.value(item_bytes(kind, value))) for kind, value in given)


def canary_absences(centre: Actor, release: Release) -> bytes:
    """Return every lawful reference picture as JSON, with a proof for each digest that it is not in a release.

    Call inside `acting(centre)`. Raises `NotLoggedYet` if the files of the release are gone.
    """
    made, secret = set_of(centre, release)
    list_id, version = release.list_id, release.version
    pictures = []
    for one in canaries():
        proofs = [absence(made, secret, list_id, version, kind, one[kind]) for kind in validation.HEX]
        about = {name: one[name] for name in ("name", "source", "author", "licence")}
        pictures.append({**about, "proofs": [proof.to_json() for proof in proofs]})
    return json.dumps({"list": list_id, "version": version, "pictures": pictures}, ensure_ascii=False).encode()


def absence(made: ProofSet, secret: Secret, list_id: str, version: int, kind: str, value: str) -> Absence:
    """Return the proof for one hash, not bound to the log yet. Raises `Refused` if it is in the set, or is no hash."""
    item = item_bytes(kind, value)
    point = secret.value(item)
    place = made.place(point)
    if place.there == point:
        raise Refused(f"{kind} {value} is in the set")
    return Absence(kind, value, secret.public, secret.prove(item), place, list_id, version)


def prove_absent(actor: Actor, centre: Actor, kind: str, value: str, *, case: str) -> Absence:
    """Prove that a hash is not in the newest release, with the log's proof.

    The request is recorded with its author and case. Unlimited requests would allow testing of files: an organisation
    has `PROOFS_A_DAY`, refusals counted. Raises `Invalid` where it is in the release or is no hash, or no case is
    named; `ProofsSpent`; `NotLoggedYet` between a change and its release in the log.
    """
    actor.require("absence.prove")
    asked, case = value.strip().lower(), typed(case)[:100]
    if not case:
        raise Invalid("Enter the case, complaint or audit.", field="case")
    with acting(actor):
        lock(f"absence:{actor.organisation_id}")
        today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        if since(actor, "absence.asked", today) >= PROOFS_A_DAY:
            raise ProofsSpent
        record(actor, "absence.asked", "release", "newest", digest=kind[:8], case=case)
    with acting(centre):
        release = Release.objects.order_by("-version").first()
        if release is None:
            raise NotLoggedYet
        made, secret = set_of(centre, release)
        begun = _begun(kind, asked)
    try:
        found = absence(made, secret, release.list_id, release.version, kind, asked)
    except Refused as error:
        raise Invalid("A proof of absence is not possible: {reason}.", field="value", reason=error) from None
    if begun:
        raise NotLoggedYet
    entry = log_entry(release)
    return replace(found, entry=entry.data, log_proof=entry.proof)


def presences(centre: Actor, release: Release, chosen: Sequence[tuple[UUID, int]]) -> list[list[Presence]]:
    """Return proofs that parts of entries' hashes are in the set of a release, for holders of the list.

    Call inside `acting(centre)`. Raises `NoSuchRelease` if one is not, `NotLoggedYet`.
    """
    made, secret = set_of(centre, release)
    items = active_entries.items_of({entry for entry, _number in chosen})
    return [
        [_presence(made, secret, item_bytes(*one)) for one in presence_proof.part(items[entry], number)]
        for entry, number in chosen
    ]


def _presence(made: ProofSet, secret: Secret, item: bytes) -> Presence:
    place = made.place(point := secret.value(item))
    if place.there != point:
        raise NoSuchRelease
    return Presence(secret.prove(item), place)


def log_entry(release: Release) -> log.LogEntry:
    """The public log's entry of a release, with its proof. Raises `NotLoggedYet`."""
    entry = log.entry_of(release.event_id) if release.event_id else None
    if entry is None:
        raise NotLoggedYet
    return entry


def set_of(centre: Actor, release: Release) -> tuple[ProofSet, Secret]:
    """The set of a release: out of its files, or where those are lost out of the rows, if nothing changed since.

    Call inside `acting(centre)`. Raises `NotLoggedYet` where something did.
    """
    secret, key = secret_of(centre)
    root = bytes(release.values_root or b"")
    try:
        return _kept(version_files.folder(), bytes(release.manifest), root, key), secret
    except (OSError, SetFileDamagedError):
        whole, _secret = values(centre)
    if whole.root != root:
        raise NotLoggedYet
    return whole, secret


@lru_cache(maxsize=2)
def _kept(_folder: Path, manifest: bytes, root: bytes, key: str) -> ProofSet:
    """The set of a version, which never changes. Raises `OSError`, `SetFileDamagedError`."""
    of = ReleaseManifest.from_bytes(Envelope.from_bytes(manifest).payload)
    made = ValueSet.of(of.base, of.version, key).set()
    if made.root != root:
        raise SetFileDamagedError("The set belongs to another version.")
    return made


def _begun(kind: str, value: str) -> bool:
    """Whether a hash is active now: then the next release will have it."""
    kinds = validation.LOOKS if kind == "pdq" else (kind,)
    blinds = [blind_index.blind(one, value) for one in kinds]
    return IndicatorHash.objects.filter(kind__in=kinds, blind__in=blinds, indicator__now__state="active").exists()
