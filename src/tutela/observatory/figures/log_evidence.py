"""Evidence for the public log: an entry about published figures matches the statement that its organisation signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela.accountability.public_log import signed_evidence
from tutela.accountability.public_log.signed_evidence import EvidenceState
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, verify
from tutela.observatory.models import FigureRelease
from tutela.observatory.statements.figures_file import EVENT
from tutela.observatory.statements.statement import CONTEXT, NotAStatement, Statement
from tutela.organisations.keys import signing
from tutela.organisations.messages import message_signing
from tutela.organisations.people import directory


def connect() -> None:
    """Subscribe to what the log is to say about figures. For `app/wiring.py`."""
    signed_evidence.on_told(EVENT, _published)


def _published(event_id: UUID, told: dict[str, Any]) -> EvidenceState:
    entry = next((one for one in directory.list_organisations() if str(one.id) == told.get("organisation")), None)
    if entry is None:
        return EvidenceState.NOTHING
    with acting(directory.acting_for(entry, "system:log", "Public log")):
        row = FigureRelease.objects.filter(event_id=event_id).first()
        public = signing.public_keys(entry.id, message_signing.use_of(entry.kind))
    keys = {one.key_id: Ed25519PublicKey.from_public_bytes(one.public) for one in public if one.state != "revoked"}
    if row is None:
        return EvidenceState.NOTHING
    try:
        envelope = Envelope.from_bytes(bytes(row.envelope))
        statement = Statement.from_bytes(verify(envelope, CONTEXT, keys))
    except (ExchangeError, NotAStatement):
        return EvidenceState.NOTHING
    expected = {
        "organisation": statement.organisation,
        "number": statement.number,
        "position": statement.position,
        "digest": statement.digest,
        "key": envelope.key_id,
    }
    return EvidenceState.SIGNED if told == expected else EvidenceState.NOTHING
