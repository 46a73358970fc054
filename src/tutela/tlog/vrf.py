"""Public value of an item: ECVRF-RISTRETTO255-SHA512 (c2sp.org/vrf-r255, RFC 9381).

Only the holder of the secret can compute a value, and anyone can check that it belongs to the item's digest. The value
reveals nothing about the digest to a reader without it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import rbcl

from tutela.tlog.verify import Refused

# It unpacks libsodium into the folder for temporary files, three megabytes a process, and leaves it there. What is
# loaded stays loaded.
Path(import_module("rbcl._sodium").lib_path).unlink(missing_ok=True)

PROOF_BYTES = 80
VALUE_BYTES = 32
_SUITE = b"\xffc2sp.org/vrf-r255"
_CHALLENGE = 16
_ORDER = 2**252 + 27742317777372353535851937790883648493


@dataclass(frozen=True, slots=True)
class Secret:
    """The secret scalar, 32 bytes, and its public point."""

    scalar: bytes
    public: bytes

    @classmethod
    def from_scalar(cls, scalar: bytes) -> Secret:
        """Raises `ValueError` for a number that is not one of the group's, or zero."""
        if len(scalar) != 32 or not 0 < int.from_bytes(scalar, "little") < _ORDER:
            raise ValueError("A secret must be a number from 1 to the order of the group, in 32 bytes.")
        return cls(scalar, _base(scalar))

    @classmethod
    def generate(cls) -> Secret:
        """A fresh one."""
        return cls.from_scalar(_reduced(secrets.token_bytes(64)))

    def value(self, item: bytes) -> bytes:
        """The item's value, without a proof."""
        return _value(_times(self.scalar, _point(self.public, item)))

    def prove(self, item: bytes) -> bytes:
        """The proof (80 bytes) from which `check` computes the value."""
        point = _point(self.public, item)
        gamma = _times(self.scalar, point)
        nonce = _reduced(_hash(b"\x81", self.scalar, point))
        challenge = _challenge(self.public, point, gamma, _base(nonce), _times(nonce, point))
        product = rbcl.crypto_core_ristretto255_scalar_mul(challenge + bytes(16), self.scalar)
        return gamma + challenge + bytes(rbcl.crypto_core_ristretto255_scalar_add(nonce, product))


def check(public: bytes, item: bytes, proof: bytes) -> bytes:
    """The item's value under this public key. Raises `Refused` for a proof that does not hold."""
    if len(proof) != PROOF_BYTES or len(public) != 32:
        raise Refused("a value's proof must have 80 bytes and its key 32")
    gamma, challenge, answer = proof[:32], proof[32:48], proof[48:]
    if int.from_bytes(answer, "little") >= _ORDER or public == bytes(32):
        raise Refused("the numbers in the value's proof are not of the group")
    try:
        point, minus = _point(public, item), rbcl.crypto_core_ristretto255_scalar_negate(challenge + bytes(16))
        first = rbcl.crypto_core_ristretto255_add(_base(answer), _times(minus, public))
        second = rbcl.crypto_core_ristretto255_add(_times(answer, point), _times(minus, gamma))
    except (RuntimeError, TypeError, ValueError):
        raise Refused("the points in the value's proof are not of the group") from None
    if _challenge(public, point, gamma, first, second) != challenge:
        raise Refused("the value's proof does not belong to this item and key")
    return _value(gamma)


def _times(scalar: bytes, point: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255_allow_scalar_zero(scalar, point))


def _base(scalar: bytes) -> bytes:
    return bytes(rbcl.crypto_scalarmult_ristretto255_base_allow_scalar_zero(scalar))


def _reduced(number: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_scalar_reduce(number))


def _point(public: bytes, item: bytes) -> bytes:
    return bytes(rbcl.crypto_core_ristretto255_from_hash(_hash(b"\x82", public, item)))


def _challenge(*points: bytes) -> bytes:
    return _hash(b"\x02", *points, b"\0")[:_CHALLENGE]


def _value(gamma: bytes) -> bytes:
    return _hash(b"\x03", gamma, b"\0")[:VALUE_BYTES]


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha512(_SUITE + b"".join(parts)).digest()
