"""Certification signatures: each by a key of its organisation, and verifiable without the node.

1. The signed certification names the indicator, the round, the class and a commitment to every hash
   (`exchange.register.certification`).
2. An organisation's first certification creates its key. A retired key's signatures stay valid, a revoked key's do not.
3. Certifications from before signatures existed have none, and are marked so.
4. The salt of the commitments is random and stored with the hashes. An erasure removes it, so the signed commitments
   can no longer be tested. Older indicators, and proposals confirmed by a security key or two people, have a salt that
   the node derives. Such proposals are computed twice and must be identical. The salt of an erased indicator is given
   to no one.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import parse
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys, verify
from tutela.exchange.register.certification import CERTIFICATION_CONTEXT, FORMAT, Acts, CertificationAct, commitment
from tutela.indicators.hashes import encryption, validation
from tutela.indicators.models import Certification, Indicator, IndicatorHash
from tutela.organisations.approvals import approval_files, approve
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

KEY_USE = "certification"


class RegisterSigner:
    """Signs acts of one organisation. Made inside `acting(actor)`."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._made_for: tuple[int, datetime] | None = None
        try:
            self._key = signing.current_private(actor.organisation_id, KEY_USE)
        except NoSigningKey:
            lock(f"signing:{actor.organisation_id}:{KEY_USE}")
            if not [one for one in signing.public_keys(actor.organisation_id, KEY_USE) if one.state == "current"]:
                signing.create_key(actor, KEY_USE)
            self._key = signing.current_private(actor.organisation_id, KEY_USE)

    def sign(
        self,
        about: Any,
        number: int,
        given: Iterable[tuple[str, str]],
        at: datetime,
        pk: UUID,
        salt: bytes,
    ) -> bytes:
        """The envelope of the act. `about` has number, media type and class; `given` are kinds and hashes."""
        covers = commitments(salt, given)
        return self._acts(number, at).sign(pk, about.number, about.media_type, about.classification, covers)

    def _acts(self, number: int, at: datetime) -> Acts:
        """Return the common part of all acts of one round and time, built once."""
        if (number, at) != self._made_for:
            actor = self._actor
            like = CertificationAct(
                indicator=actor.organisation_id,
                number="-",
                round=number,
                organisation=actor.organisation_id,
                organisation_name=actor.organisation_name,
                country=actor.country,
                media_type="image",
                classification="-",
                at=at,
                hashes=("0" * 64,),
            )
            self._made, self._made_for = Acts(like, self._key), (number, at)
        return self._made


def commitments(salt: bytes, given: Iterable[tuple[str, str]]) -> list[str]:
    """Return the commitments to hashes (kind and hex); the structure of a hash is left out."""
    longest = validation.HEX["pdq"]
    return [commitment(salt, kind, value[:longest]) for kind, value in given]


def envelope(actor: Actor, row: Any, number: int, at: datetime) -> bytes:
    """Return the signed act about a stored indicator. Call inside `acting(actor)`."""
    known = IndicatorHash.objects.filter(indicator_id=row.pk)
    given, salt = [(one.kind, encryption.opened(one)) for one in known], salts([row.pk])[row.pk]
    return RegisterSigner(actor).sign(row, number, given, at, row.pk, salt)


def drawn() -> bytes:
    """A salt for a new indicator."""
    return secrets.token_bytes(32)


def salts(ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return the salts of indicators for readers who may see the hashes.

    Call inside `acting(actor)`.
    """
    rows = IndicatorHash.objects.filter(indicator__in=ids, salt__isnull=False).values_list("indicator", "salt")
    kept = {one: bytes(salt) for one, salt in rows if salt}
    return {one: kept.get(one) or derived(one) for one in ids}


def derived(indicator: UUID) -> bytes:
    """The salt of an indicator that has none of its own."""
    return hmac.digest(settings.BLIND_KEY, b"certification\0" + indicator.bytes, "sha256")


def state(row: Certification) -> str:
    """Return the state of a certification: `signed`, `unsigned`, `revoked` if its key was, or `broken` if it signs
    another act.
    """
    if row.envelope is None:
        return "unsigned"
    keys = {one.key_id: one for one in signing.public_keys(row.organisation_id, KEY_USE)}
    try:
        signed = Envelope.from_bytes(bytes(row.envelope))
        usable = trusted_keys([one.public.hex() for one in keys.values()])
        act = CertificationAct.from_bytes(verify(signed, CERTIFICATION_CONTEXT, usable))
    except (ExchangeError, ValueError):
        return "broken"
    if (act.indicator, act.round, act.organisation) != (row.indicator_id, row.round, row.organisation_id):
        return "broken"
    return "revoked" if keys[signed.key_id].state == "revoked" else "signed"


def file_of(actor: Actor, indicator_id: UUID) -> dict[str, Any]:
    """Every certification with its signature, for `tutela verify certification`; on record. Raises `NotFound`.

    Of what was erased there is none: who has the salt can test a digest against what was signed.
    """
    actor.require("indicators.read")
    with acting(actor):
        row = Indicator.objects.filter(pk=indicator_id, erasure=None).first()
        if row is None:
            raise NotFound
        certified = list(Certification.objects.filter(indicator=row).order_by("created_at"))
        names = directory.names(one.organisation_id for one in certified)
        approved = {one.pk: one for one in approval_files.about(row.pk)}
        record(actor, "indicator.downloaded", "indicator", row.pk, number=row.number)
        return {
            "format": FORMAT,
            "indicator": str(row.pk),
            "number": row.number,
            "salt": salts([row.pk])[row.pk].hex(),
            "certifications": [_shown(one, names[one.organisation_id], approved) for one in certified],
        }


def _shown(row: Certification, name: str, approved: Mapping[UUID, approve.Approval]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "organisation": name,
        "country": row.country,
        "round": row.round,
        "at": row.created_at.isoformat(),
        "key": None,
        "envelope": None,
    }
    if row.envelope is not None:
        found = Envelope.from_bytes(bytes(row.envelope))
        known = {one.key_id: one.public.hex() for one in signing.public_keys(row.organisation_id, KEY_USE)}
        shown |= {"key": known.get(found.key_id), "envelope": parse(found.to_bytes())}
    approval = approved.get(row.approval_id) if row.approval_id else None
    if approval is not None and (confirmed := approval_files.file_of(approval)):
        shown["confirmed"] = confirmed
    return shown
