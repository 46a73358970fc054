"""Verify the certification signatures of an indicator.

1. Before an indicator becomes active, each certification of its round is verified. Its key must belong to the
   certifier, be sealed by this node and not be revoked. Its organisation must be verified, of a kind that the policy
   permits, and in the stated country. The certification must name this indicator, number, round, type and class, with a
   commitment to each hash and to nothing else.
2. A valid certification is stored with a seal (`CheckedCertification`). An attacker who writes rows by SQL can make
   neither.
3. A release includes an indicator only with enough sealed certifications by currently valid keys, and with exactly the
   sealed hashes. All others are left out, and suspended with an alert that names each (`invalidation`).
4. Every answer with an indicator applies the same rule: the match service, the private look-up's set, the feed, an
   export, a dossier.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection
from django.db.models import Max

from tutela.events.actor import Actor
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, verify
from tutela.exchange.register.certification import CERTIFICATION_CONTEXT, CertificationAct
from tutela.indicators.hashes import encryption
from tutela.indicators.integrity import signing as integrity_signing
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import Certification, CheckedCertification, Indicator, Suspension
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

# Seals of the present round. The IDs are one array parameter instead of thousands of placeholders.
_SEALED = """
SELECT k.certification_id, k.indicator_id, k.round, k.certifier_id, k.country, k.key_id, k.seal
FROM indicators_checkedcertification k
WHERE k.indicator_id = ANY(%s) AND k.round = 1 + coalesce(
  (SELECT max(s.round) FROM indicators_suspension s WHERE s.indicator_id = k.indicator_id), 0)"""
_HASHES = "SELECT indicator_id, kind, wrapped, quality FROM indicators_indicatorhash WHERE indicator_id = ANY(%s)"
# Kind, bytes with structure, quality.
_Hash = tuple[str, bytes, int | None]


@dataclass(frozen=True, slots=True)
class KnownSigner:
    """Owner of a key, and the country of that organisation."""

    organisation: UUID
    country: str
    public: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that count now, by their id, and how many organisations and jurisdictions an entry needs."""

    signers: Mapping[str, KnownSigner]
    organisations: int
    jurisdictions: int

    def enough(self, who: Iterable[tuple[UUID, str]]) -> bool:
        """Whether these organisations, each with its country, are enough for an entry."""
        known = dict(who)
        return len(known) >= self.organisations and len(set(known.values())) >= self.jurisdictions


def trust_store(of: Collection[UUID] | None = None) -> Trust:
    """Return the keys and thresholds trusted now, of every organisation or of some alone.

    Call inside `acting(actor)`.
    """
    rules, kinds = policy.rules(), policy.certifiers()
    known = directory.list_organisations() if of is None else directory.some(of)
    members = {one.id: one.country for one in known if one.verified and one.kind in kinds}
    signers = {
        one.key_id: KnownSigner(one.organisation_id, members[one.organisation_id], _public(one.public))
        for one in signing.own_keys(integrity_signing.KEY_USE, of)
        if one.organisation_id in members
    }
    return Trust(signers, rules.organisations, rules.jurisdictions)


def content(rows: Iterable[_Hash]) -> bytes:
    """Return a digest over an indicator's hashes: kind, bytes with structure, and quality of each."""
    made = hashlib.sha256()
    for kind, raw, quality in sorted(rows, key=_kind_and_bytes):
        made.update(b"%d:%b %d " % (len(raw), kind.encode(), -1 if quality is None else quality) + raw)
    return made.digest()


def _kind_and_bytes(row: _Hash) -> tuple[str, bytes]:
    return row[:2]


def verified_ids(known: Mapping[UUID, bytes], now: Trust) -> set[UUID]:
    """Return which indicators, given with `content`, have sealed certifications.

    Inside `acting(actor)`.
    """
    who = dict[UUID, list[tuple[UUID, str]]]()
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, [list(known)])
        rows = cursor.fetchall()
    for certification, indicator, number, certifier, country, key, seal in rows:
        signer = now.signers.get(key)
        if signer is None or (signer.organisation, signer.country) != (certifier, country):
            continue
        made = _seal(certification, indicator, number, certifier, country, key, known[indicator])
        if hmac.compare_digest(made, bytes(seal)):
            who.setdefault(indicator, []).append((certifier, country))
    return {one for one, behind in who.items() if now.enough(behind)}


def sealed_ids(ids: Collection[UUID], now: Trust) -> set[UUID]:
    """Return which indicators have sealed certifications for their current hashes.

    No signature is verified. The number of queries does not depend on the number of indicators. Call inside
    `acting(actor)`.
    """
    given = _given(ids)
    return verified_ids({one: content(given[one]) for one in ids}, now)


def check(actor: Actor, ids: Sequence[UUID], now: Trust) -> set[UUID]:
    """Verify the certifications of some indicators' present rounds, and keep what holds; which of them are sound.

    Call inside `acting(actor)`.
    """
    present, given, salts = rounds(ids), _given(ids), integrity_signing.salts(ids)
    known = {one: content(given[one]) for one in ids}
    about = Indicator.objects.in_bulk(ids)
    made = []
    for row in Certification.objects.filter(indicator__in=ids, checked=None):
        number, indicator = present.get(row.indicator_id, 1), about[row.indicator_id]
        signs = given[row.indicator_id], salts[row.indicator_id]
        key = _key_of(row, indicator, *signs, now) if row.round == number else None
        if key is not None:
            made.append(_checked(actor, row, key, known[row.indicator_id]))
    # Two may check at the same time; what both found is the same.
    CheckedCertification.objects.bulk_create(made, ignore_conflicts=True)
    return verified_ids(known, now)


def _given(ids: Iterable[UUID]) -> defaultdict[UUID, list[_Hash]]:
    """The hashes of some indicators."""
    found = defaultdict[UUID, list[_Hash]](list)
    with connection.cursor() as cursor:
        cursor.execute(_HASHES, [list(ids)])
        for one, kind, wrapped, quality in cursor.fetchall():
            found[one].append((kind, encryption.raw(wrapped), quality))
    return found


def counts(row: Certification, now: Trust) -> bool:
    """Whether a certification was checked, and is by a key and an organisation that count now."""
    found = CheckedCertification.objects.filter(certification=row).first()
    signer = now.signers.get(found.key_id) if found else None
    return signer is not None and (signer.organisation, signer.country) == (row.organisation_id, row.country)


def _checked(actor: Actor, row: Certification, key: str, what: bytes) -> CheckedCertification:
    return CheckedCertification(
        organisation_id=actor.organisation_id,
        certification=row,
        indicator_id=row.indicator_id,
        round=row.round,
        certifier_id=row.organisation_id,
        country=row.country,
        key_id=key,
        seal=_seal(row.pk, row.indicator_id, row.round, row.organisation_id, row.country, key, what),
    )


def _key_of(row: Certification, about: Indicator, given: Iterable[_Hash], salt: bytes, now: Trust) -> str | None:
    """Return the key id of a valid certification; None if the certification is invalid."""
    try:
        signed = Envelope.from_bytes(bytes(row.envelope or b""))
        signer = now.signers[signed.key_id]
        act = CertificationAct.from_bytes(verify(signed, CERTIFICATION_CONTEXT, {signed.key_id: signer.public}))
    except (ExchangeError, ValueError, KeyError):
        return None
    said = (act.indicator, act.number, act.round, act.organisation, act.country, act.media_type, act.classification)
    meant = (
        about.pk,
        about.number,
        row.round,
        row.organisation_id,
        row.country,
        about.media_type,
        about.classification,
    )
    whose = (signer.organisation, signer.country) == (row.organisation_id, row.country)
    covered = integrity_signing.commitments(salt, ((kind, raw.hex()) for kind, raw, _quality in given))
    return signed.key_id if said == meant and whose and sorted(act.hashes) == sorted(covered) else None


def rounds(ids: Sequence[UUID]) -> dict[UUID, int]:
    """The present rounds of those that were ever stopped; of any other it is the first."""
    rows = Suspension.objects.filter(indicator__in=ids).values("indicator").annotate(last=Max("round"))
    return {row["indicator"]: row["last"] + 1 for row in rows.order_by()}


def _seal(
    certification: UUID, indicator: UUID, number: int, certifier: UUID, country: str, key: str, what: bytes
) -> bytes:
    said = f"{certification.hex}{indicator.hex}{certifier.hex}{number} {country} {key} ".encode()
    return hmac.digest(_sealing(settings.BLIND_KEY), said + what, "sha256")


@lru_cache(maxsize=4)
def _sealing(blind_key: bytes) -> bytes:
    """The key of seals."""
    return hmac.digest(blind_key, b"checked-certification", "sha256")


@lru_cache(maxsize=1024)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)
