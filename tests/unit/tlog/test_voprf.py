"""RFC 9497, VOPRF(ristretto255, SHA-512): its own vectors, and what must not pass."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voprf import ristretto

from tutela.tlog import voprf
from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

# Appendix A.1.2.
SECRET = Secret.from_scalar(bytes.fromhex("e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909"))
PUBLIC = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"
FIRST = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"
SECOND = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"
OUTPUTS = (
    (
        "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43"
        "a491351d23b430948dd50cde10d32b3c"
    ),
    (
        "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480"
        "906d27ecd994985890e5f539e7ea74b6"
    ),
)
VECTORS = [
    (
        ("00",),
        (FIRST,),
        ("863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",),
        ("aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",),
        (
            "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
            "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"
        ),
        SECOND,
        OUTPUTS[:1],
    ),
    (
        ("5a" * 17,),
        (FIRST,),
        ("cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",),
        ("60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",),
        (
            "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
            "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"
        ),
        SECOND,
        OUTPUTS[1:],
    ),
    (
        ("00", "5a" * 17),
        (FIRST, SECOND),
        (
            "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
        ),
        (
            "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
        ),
        (
            "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
            "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"
        ),
        "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
        OUTPUTS,
    ),
]
Vector = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], str, str, tuple[str, ...]]


@pytest.mark.parametrize("vector", VECTORS, ids=["one", "another", "two at once"])
def test_the_vectors_of_the_standard(vector: Vector) -> None:
    inputs, blinds, points, evaluated, proof, nonce, outputs = vector
    assert SECRET.public.hex() == PUBLIC
    asked = [voprf.blind(bytes.fromhex(i), bytes.fromhex(b)) for i, b in zip(inputs, blinds, strict=True)]
    assert tuple(one.point.hex() for one in asked) == points
    made, proven = voprf.evaluate(SECRET, [one.point for one in asked], bytes.fromhex(nonce))
    assert (tuple(one.hex() for one in made), proven.hex()) == (evaluated, proof)
    assert tuple(one.hex() for one in voprf.finalize(SECRET.public, asked, made, proven)) == outputs
    assert tuple(voprf.value(SECRET, bytes.fromhex(i)).hex() for i in inputs) == outputs


@given(st.lists(st.binary(max_size=80), min_size=1, max_size=5))
def test_whoever_asks_gets_what_the_holder_computes(items: list[bytes]) -> None:
    secret = Secret.generate()
    asked = [voprf.blind(item) for item in items]
    made, proof = voprf.evaluate(secret, [one.point for one in asked])
    assert voprf.finalize(secret.public, asked, made, proof) == [voprf.value(secret, item) for item in items]


def test_the_same_input_never_leaves_twice_alike() -> None:
    assert len({voprf.blind(b"one item").point for _ in range(50)}) == 50


@given(st.data())
def test_another_secret_or_a_changed_bit_is_refused(data: st.DataObject) -> None:
    secret, other = Secret.generate(), Secret.generate()
    asked = [voprf.blind(bytes([n])) for n in range(3)]
    made, proof = voprf.evaluate(secret, [one.point for one in asked])
    with pytest.raises(Refused):
        voprf.finalize(other.public, asked, made, proof)
    with pytest.raises(Refused):
        voprf.finalize(secret.public, asked, [made[1], made[0], made[2]], proof)
    with pytest.raises(Refused):  # one answer by another secret, to single out one question
        voprf.finalize(secret.public, asked, [*made[:2], *voprf.evaluate(other, [asked[2].point])[0]], proof)
    whole = b"".join(made) + proof
    at = data.draw(st.integers(0, len(whole) * 8 - 1))
    flipped = bytearray(whole)
    flipped[at // 8] ^= 1 << (at % 8)
    with pytest.raises(Refused):
        voprf.finalize(
            secret.public, asked, [bytes(flipped[i * 32 : i * 32 + 32]) for i in range(3)], bytes(flipped[96:])
        )


@pytest.mark.parametrize("point", [b"", bytes(32), b"\xff" * 32, bytes(31), bytes([1]) + bytes(31)])
def test_what_is_no_point_is_refused(point: bytes) -> None:
    with pytest.raises(Refused):
        voprf.evaluate(Secret.generate(), [point])
    with pytest.raises(Refused):
        voprf.finalize(point, [voprf.blind(b"x")], [voprf.blind(b"y").point], bytes(64))


def test_none_and_too_many_are_refused() -> None:
    with pytest.raises(Refused):
        voprf.evaluate(Secret.generate(), [])
    with pytest.raises(Refused):
        voprf.evaluate(Secret.generate(), [voprf.blind(b"x").point] * (voprf.MOST_AT_ONCE + 1))


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=6, unique=True))
def test_a_foreign_client_and_a_foreign_server_agree_with_ours(items: list[bytes]) -> None:
    server, secret = ristretto.Evaluator(secrets.token_bytes(32)), Secret.generate()
    public = server.public_key.serialize()
    asked = [voprf.blind(item) for item in items]
    for one in asked:
        told = server.evaluate(ristretto.BlindedInput.deserialize(one.point)).serialize()
        proof, point = told[: voprf.PROOF_BYTES], told[voprf.PROOF_BYTES :]
        assert voprf.finalize(public, [one], [point], proof) == [server.evaluate_known_input(one.item)]
        with pytest.raises(Refused):
            voprf.finalize(secret.public, [one], [point], proof)
    for item in items:
        client, blinded = ristretto.Client.blind(item)
        (point,), proof = voprf.evaluate(secret, [blinded.serialize()])
        told = ristretto.VerifiableOutput.deserialize(proof + point)
        assert client.finalize(told, ristretto.PublicKey.deserialize(secret.public)) == voprf.value(secret, item)
