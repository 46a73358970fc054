"""Request a value without revealing the input: VOPRF(ristretto255, SHA-512) of RFC 9497, mode 0x01.

1. The client blinds its input and sends a random point, whatever the input.
2. The server multiplies by its secret, and proves that it used the secret of its public key for every point.
3. The client checks the proof and removes the blinding. The client has the input's value, and no one else has either.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import rbcl

from tutela.tlog.verify import Refused
from tutela.tlog.vrf import Secret

PROOF_BYTES = 64
POINT_BYTES = 32
MOST_AT_ONCE = 256
_CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
_IDENTITY = bytes(POINT_BYTES)
_BLOCK = 128
_ORDER = 2**252 + 27742317777372353535851937790883648493
_ONE = (1).to_bytes(32, "little")


@dataclass(frozen=True, slots=True)
class Blinded:
    """An input with its blinding: `point` is what leaves."""

    item: bytes
    blind: bytes
    point: bytes


def blind(item: bytes, scalar: bytes | None = None) -> Blinded:
    """Blind an input; `scalar` is for tests alone."""
    point = _to_group(item)
    chosen = scalar or bytes(rbcl.crypto_core_ristretto255_scalar_random())
    return Blinded(item, chosen, _times(chosen, point))


def forgotten(point: bytes) -> Blinded:
    """A point whose input and blinding nobody knows any longer: the proof covers it, and its value means nothing."""
    return Blinded(b"", _ONE, point)


def evaluate(secret: Secret, points: Sequence[bytes], nonce: bytes | None = None) -> tuple[list[bytes], bytes]:
    """The points times the secret, and one proof for all. Raises `Refused` for what is no point.

    `nonce` is for tests alone: one that is used twice gives the secret away.
    """
    _check(points)
    evaluated = [_times(secret.scalar, point) for point in points]
    mixed = _mixed(secret.public, points, evaluated)
    total = _sum(_times(weight, point) for weight, point in zip(mixed, points, strict=True))
    chosen = nonce or bytes(rbcl.crypto_core_ristretto255_scalar_random())
    challenge = _challenge(secret.public, total, _times(secret.scalar, total), _base(chosen), _times(chosen, total))
    product = bytes(rbcl.crypto_core_ristretto255_scalar_mul(challenge, secret.scalar))
    return evaluated, challenge + bytes(rbcl.crypto_core_ristretto255_scalar_sub(chosen, product))


def finalize(public: bytes, asked: Sequence[Blinded], evaluated: Sequence[bytes], proof: bytes) -> list[bytes]:
    """The inputs' values, 64 bytes each. Raises `Refused` where the server did not use the secret of this key."""
    points = [one.point for one in asked]
    if len(evaluated) != len(points) or len(proof) != PROOF_BYTES:
        raise Refused("the answer and the question differ in length")
    _check([public])
    _check(evaluated)
    challenge, answer = proof[:32], proof[32:]
    if any(int.from_bytes(part, "little") >= _ORDER for part in (challenge, answer)):
        raise Refused("the numbers in the proof are not of the group")
    mixed = _mixed(public, points, evaluated)
    total = _sum(_times(weight, point) for weight, point in zip(mixed, points, strict=True))
    result = _sum(_times(weight, point) for weight, point in zip(mixed, evaluated, strict=True))
    first = _plus(_base(answer), _times(challenge, public))
    second = _plus(_times(answer, total), _times(challenge, result))
    if not hmac.compare_digest(_challenge(public, total, result, first, second), challenge):
        raise Refused("the server did not use the secret of its public key")
    return [_value(one.item, _unblinded(one, point)) for one, point in zip(asked, evaluated, strict=True)]


def value(secret: Secret, item: bytes) -> bytes:
    """The value of an input, for the holder of the secret."""
    return _value(item, _times(secret.scalar, _to_group(item)))


def _unblinded(one: Blinded, point: bytes) -> bytes:
    return _times(bytes(rbcl.crypto_core_ristretto255_scalar_invert(one.blind)), point)


def _check(points: Sequence[bytes]) -> None:
    if not 0 < len(points) <= MOST_AT_ONCE:
        raise Refused(f"give 1 to {MOST_AT_ONCE} points at once")
    for point in points:
        if len(point) != POINT_BYTES or point == _IDENTITY:
            raise Refused("not a point of the group")
        if not rbcl.crypto_core_ristretto255_is_valid_point(point):
            raise Refused("not a point of the group")


def _mixed(public: bytes, asked: Sequence[bytes], evaluated: Sequence[bytes]) -> list[bytes]:
    """A number for each pair that nobody can choose: one proof stands for all of them."""
    seed = hashlib.sha512(_long(public) + _long(b"Seed-" + _CONTEXT)).digest()
    return [
        _to_scalar(_long(seed) + place.to_bytes(2) + _long(one) + _long(other) + b"Composite")
        for place, (one, other) in enumerate(zip(asked, evaluated, strict=True))
    ]


def _challenge(*points: bytes) -> bytes:
    return _to_scalar(b"".join(map(_long, points)) + b"Challenge")


def _value(item: bytes, point: bytes) -> bytes:
    return hashlib.sha512(_long(item) + _long(point) + b"Finalize").digest()


def _to_group(item: bytes) -> bytes:
    point = bytes(rbcl.crypto_core_ristretto255_from_hash(_expanded(item, b"HashToGroup-" + _CONTEXT)))
    if point == _IDENTITY:
        raise Refused("this input has no value")
    return point


def _to_scalar(message: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(_expanded(message, b"HashToScalar-" + _CONTEXT)))


def _expanded(message: bytes, domain: bytes) -> bytes:
    """`expand_message_xmd` of RFC 9380 with SHA-512, for 64 bytes: one block."""
    tag = domain + bytes([len(domain)])
    first = hashlib.sha512(bytes(_BLOCK) + message + (64).to_bytes(2) + b"\0" + tag).digest()
    return hashlib.sha512(first + b"\x01" + tag).digest()


def _long(part: bytes) -> bytes:
    return len(part).to_bytes(2) + part


def _sum(points: Iterable[bytes]) -> bytes:
    total = _IDENTITY
    for point in points:
        total = _plus(total, point)
    return total


def _plus(one: bytes, other: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_add(one, other))


def _times(scalar: bytes, point: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255_allow_scalar_zero(scalar, point))


def _base(scalar: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(scalar))
