"""What a certifier shows that it holds an entry of an import."""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.hashes import encryption
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.models import IndicatorHash
from tutela.indicators.register import certify as register_certify
from tutela.indicators.register.proof_of_possession import PossessionProof


def held(actor: Actor, indicator: UUID) -> PossessionProof:
    """Its digests and looks, as of a copy of the same file."""
    with acting(actor):
        rows = list(IndicatorHash.objects.filter(indicator=indicator))
    plain = [encryption.plain(row) for row in rows]
    return PossessionProof([HashValue(kind, value, 90 if kind == "pdq" else None) for kind, value in plain])


def certify(actor: Actor, indicator: UUID) -> bool:
    """Certify it by showing a copy of the same file."""
    return register_certify.certify(actor, indicator, held(actor, indicator))
