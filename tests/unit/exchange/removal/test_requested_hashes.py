"""The shape of requested hashes: four fields for under-18s, sealed, and never the shape for adults."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.exchange.referral import age_encryption
from tutela.exchange.removal.requested_hashes import (
    AdultsOnlyShapeError,
    CannotReadHashesError,
    HashMessage,
    HashType,
    RequestedHash,
    RequestedHashes,
    Shape,
    opened_hashes,
    sealed_message,
)

UNTIL = datetime(2027, 11, 30, tzinfo=UTC)
ONE = RequestedHash(type=HashType.PDQ, hash="0123456789abcdef" * 4, expires=UNTIL, withdrawn=False)
HASHES = RequestedHashes(hashes=(ONE,))


def test_a_host_learns_hash_type_expiry_and_withdrawal_and_nothing_else() -> None:
    assert set(RequestedHash.model_fields) == {"hash", "type", "expires", "withdrawn"}
    assert set(RequestedHashes.model_fields) == {"hashes"}
    assert set(HashMessage.model_fields) == {"schema_version", "message_id", "sequence", "sealed"}
    for more in ("age", "case_number", "name", "platform"):
        with pytest.raises(ValidationError):
            RequestedHash.model_validate(ONE.model_dump() | {more: "x"})


@pytest.mark.parametrize("shape", [Shape.TAKE_IT_DOWN, Shape.REPORT_REMOVE])
def test_hashes_are_sealed_to_one_host(shape: Shape) -> None:
    identity, recipient = age_encryption.new_identity()
    message = sealed_message(uuid4(), 1, HASHES, shape, recipient)
    assert opened_hashes(HashMessage.from_bytes(message.to_bytes()), identity) == HASHES
    assert ONE.hash.encode() not in message.to_bytes() + base64.b64decode(message.sealed)
    other, _recipient = age_encryption.new_identity()
    with pytest.raises(CannotReadHashesError) as raised:
        opened_hashes(message, other)
    assert ONE.hash not in str(raised.value)


def test_the_shape_for_adults_is_refused() -> None:
    _identity, recipient = age_encryption.new_identity()
    with pytest.raises(AdultsOnlyShapeError):
        sealed_message(uuid4(), 1, HASHES, Shape.STOPNCII, recipient)


@pytest.mark.parametrize("changed", [{"hash": "00"}, {"hash": "G" * 64}, {"type": "sha1"}, {"hash": "A" * 64}])
def test_a_hash_that_does_not_fit_its_type_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RequestedHash.model_validate(ONE.model_dump() | changed)


@pytest.mark.parametrize("inside", [b"", b"{}", b"[]", b'{"hashes": []}', b"\xff"])
def test_what_is_not_a_list_of_hashes_is_refused(inside: bytes) -> None:
    identity, recipient = age_encryption.new_identity()
    sealer = age_encryption.Sealer(recipient, out := io.BytesIO())
    sealer.write(inside)
    sealer.close()
    sealed = base64.b64encode(out.getvalue()).decode()
    wrong = HashMessage(message_id=uuid4(), sequence=1, sealed=sealed)
    with pytest.raises(CannotReadHashesError):
        opened_hashes(wrong, identity)
    with pytest.raises((ExchangeError, ValueError)):
        HashMessage.from_bytes(inside)
