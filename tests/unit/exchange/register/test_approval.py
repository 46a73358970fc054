"""A security key's word on an act: what holds, and everything that does not."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.register import approval
from tutela.exchange.register.approval import Act, ActSubject, ApprovalError, KeyAnswer, Statement

SITE, ORIGIN = "register.example", "https://register.example"
KEY = ec.generate_private_key(ec.SECP256R1())
ACT = Act(
    name="revoke",
    reason="A landscape",
    subjects=(ActSubject(id=UUID(int=1), name="I-1", round=1, hashes="0" * 64),),
)


def stated(act: Act = ACT) -> bytes:
    return Statement(
        act=act,
        organisation=UUID(int=2),
        organisation_name="Centre",
        person=UUID(int=3),
        nonce="1" * 64,
        at=datetime(2026, 11, 27, tzinfo=UTC),
    ).to_bytes()


def public(key: Any) -> bytes:
    raw: bytes = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return raw


def answered(statement: bytes, *, flags: int = 5, counter: int = 9, **client: Any) -> KeyAnswer:
    asked = base64.urlsafe_b64encode(approval.challenge(statement)).rstrip(b"=").decode()
    said = json.dumps({"type": "webauthn.get", "challenge": asked, "origin": ORIGIN, **client}).encode()
    data = hashlib.sha256(SITE.encode()).digest() + bytes([flags]) + counter.to_bytes(4)
    signature = KEY.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
    return KeyAnswer(b"key", public(KEY), data, said, signature)


def test_an_answer_holds_and_says_its_counter() -> None:
    assert approval.verify(stated(), answered(stated()), site=SITE, origin=ORIGIN) == 9


@pytest.mark.parametrize(
    "other",
    [
        Act(name="certify", reason=ACT.reason, subjects=ACT.subjects),
        Act(name=ACT.name, reason="A landscape.", subjects=ACT.subjects),
        Act(name=ACT.name, reason=ACT.reason),
        Act(name=ACT.name, reason=ACT.reason, subjects=ACT.subjects, chosen={"list": "x"}),
        *(
            Act(name=ACT.name, reason=ACT.reason, subjects=(ACT.subjects[0].model_copy(update=changed),))
            for changed in ({"hashes": "1" * 64}, {"round": 2}, {"id": UUID(int=9)}, {"name": "I-2"})
        ),
    ],
)
def test_no_other_act_is_approved_by_it(other: Act) -> None:
    with pytest.raises(ApprovalError, match="answers another request"):
        approval.verify(stated(other), answered(stated()), site=SITE, origin=ORIGIN)


def test_site_and_address_are_held_to() -> None:
    answer = answered(stated())
    with pytest.raises(ApprovalError, match="another site"):
        approval.verify(stated(), answer, site="example", origin=ORIGIN)
    with pytest.raises(ApprovalError, match="another web address"):
        approval.verify(stated(), answer, site=SITE, origin="https://example")
    with pytest.raises(ApprovalError, match="touched"):
        approval.verify(stated(), answered(stated(), flags=4), site=SITE, origin=ORIGIN)


@pytest.mark.parametrize("client", [{"type": "webauthn.create"}, {"crossOrigin": True}, {"crossOrigin": "yes"}])
def test_what_the_browser_says_is_held_to(client: dict[str, Any]) -> None:
    with pytest.raises(ApprovalError, match="not given on a page of this site"):
        approval.verify(stated(), answered(stated(), **client), site=SITE, origin=ORIGIN)


def test_a_short_key_and_a_key_of_another_kind_are_none() -> None:
    answer = answered(stated())
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    signed = answer.authenticator_data + hashlib.sha256(answer.client_data).digest()
    weak = KeyAnswer(
        b"key",
        public(short),
        answer.authenticator_data,
        answer.client_data,
        short.sign(signed, PKCS1v15(), SHA256()),
    )
    for one in (weak, KeyAnswer(b"", b"no key", answer.authenticator_data, answer.client_data, answer.signature)):
        with pytest.raises(ApprovalError, match="signature"):
            approval.verify(stated(), one, site=SITE, origin=ORIGIN)


FILE = approval.file_of(stated(), answered(stated()), site=SITE, origin=ORIGIN)


def test_a_file_is_verified_elsewhere() -> None:
    said = approval.check(json.loads(json.dumps(FILE)))
    assert (said.act, said.person) == (ACT, UUID(int=3))


@given(st.sampled_from(["authenticator_data", "client_data", "signature", "public_key"]), st.integers(min_value=0))
def test_a_turned_bit_is_refused(part: str, bit: int) -> None:
    raw = bytearray.fromhex(FILE["answer"][part])
    bit %= len(raw) * 8
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ApprovalError):
        approval.check({**FILE, "answer": {**FILE["answer"], part: raw.hex()}})


@pytest.mark.parametrize(
    "file", [None, [], {}, {**FILE, "answer": None}, {**FILE, "statement": {}}, {**FILE, "statement": {"a": 0.5}}]
)
def test_what_is_no_file_is_refused(file: Any) -> None:
    with pytest.raises(ApprovalError):
        approval.check(file)


@given(st.binary(max_size=80))
def test_any_client_data_is_an_error_and_no_crash(data: bytes) -> None:
    whole = answered(stated())
    with pytest.raises(ApprovalError):
        approval.verify(
            stated(),
            KeyAnswer(b"", whole.public_key, whole.authenticator_data, data, whole.signature),
            site=SITE,
            origin=ORIGIN,
        )
