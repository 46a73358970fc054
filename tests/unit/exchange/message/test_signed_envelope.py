from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.errors import (
    ContextMismatchError,
    EnvelopeMalformedError,
    KeyMalformedError,
    NotCanonicalError,
    NotJsonError,
    SignatureInvalidError,
    UnknownKeyError,
)
from tutela.exchange.message.canonical_json import canonical, parse
from tutela.exchange.message.signed_envelope import Envelope, sign, trusted_keys, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = trusted_keys([KEY.public_key()])

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_canonical_bytes_read_back_and_are_stable(value: object) -> None:
    data = canonical(value)  # type: ignore[arg-type]
    assert parse(data) == value
    assert canonical(parse(data)) == data


def test_names_are_ordered_by_utf16_units_as_in_the_rfc() -> None:
    names = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


@pytest.mark.parametrize("value", [1.5, 2**53, {1: 2}, {"a": b""}, "\ud800", [[[]]] and {"a": float("nan")}])
def test_values_without_one_form_are_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":1}', b"1.0", b"NaN", b"\xff", b"", b"[" * 100_000, b'"\\ud800"', b"9" * 40, b"\xef\xbb\xbf1"]
)
def test_bodies_that_readers_disagree_on_are_refused(data: bytes) -> None:
    with pytest.raises(NotJsonError):
        parse(data)


@given(st.binary(max_size=200), st.text(max_size=30))
def test_what_was_signed_verifies_after_the_wire(payload: bytes, context: str) -> None:
    try:
        context.encode()
    except UnicodeEncodeError:
        return
    envelope = Envelope.from_bytes(sign(payload, context, KEY).to_bytes())
    assert verify(envelope, context, KEYS) == payload


def test_each_defect_has_its_own_error() -> None:
    good = sign(b"payload", "a/1", KEY)
    with pytest.raises(ContextMismatchError):
        verify(good, "b/1", KEYS)
    with pytest.raises(UnknownKeyError):
        verify(sign(b"payload", "a/1", OTHER), "a/1", KEYS)
    relabelled = Envelope(good.payload, "b/1", good.key_id, good.signature)
    with pytest.raises(SignatureInvalidError):
        verify(relabelled, "b/1", KEYS)
    with pytest.raises(SignatureInvalidError):
        verify(Envelope(b"Payload", "a/1", good.key_id, good.signature), "a/1", KEYS)
    posing = sign(b"payload", "a/1", OTHER)
    with pytest.raises(SignatureInvalidError):
        verify(Envelope(posing.payload, "a/1", good.key_id, posing.signature), "a/1", KEYS)


def test_context_and_payload_cannot_be_shifted_into_each_other() -> None:
    signed = sign(b"b payload", "a", KEY)
    with pytest.raises(SignatureInvalidError):
        verify(Envelope(b"payload", "a b", signed.key_id, signed.signature), "a b", KEYS)


@pytest.mark.parametrize(
    "change",
    [
        {"extra": "x"},
        {"payload": 1},
        {"payload": "*"},
        {"payload": "QQ=="},
        {"payload": "QR=="},
        {"signature": "QQ=="},
        {"signature": None},
    ],
)
def test_malformed_envelopes_are_refused(change: dict[str, object]) -> None:
    value = json.loads(sign(b"A", "a/1", KEY).to_bytes()) | change
    if change == {"payload": "QQ=="}:
        assert Envelope.from_bytes(json.dumps(value).encode()).payload == b"A"
        return
    with pytest.raises(EnvelopeMalformedError):
        Envelope.from_bytes(json.dumps(value).encode())


def test_keys_are_given_as_hex() -> None:
    raw = KEY.public_key().public_bytes_raw()
    assert trusted_keys([raw.hex()]).keys() == KEYS.keys()
    for wrong in ("", "zz" * 32, raw.hex()[:-2], base64.b64encode(raw).decode()):
        with pytest.raises(KeyMalformedError):
            trusted_keys([wrong])
