"""Sign notes and checkpoints: the log's own side, and a witness's."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from tutela.tlog.verify import COSIGNATURE, ED25519, ML_DSA_44, Checkpoint, Key, cosigned_subtree, cosigned_text


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under a name. `type` is one of the signature types of `verify`."""

    name: str
    type: int
    private: Ed25519PrivateKey | MLDSA44PrivateKey

    @classmethod
    def from_seed(cls, name: str, type_: int, seed: bytes) -> Signer:
        """From the 32 bytes that both kinds of keys are made of."""
        made = (
            MLDSA44PrivateKey.from_seed_bytes(seed)
            if type_ == ML_DSA_44
            else Ed25519PrivateKey.from_private_bytes(seed)
        )
        return cls(name, type_, made)

    @property
    def key(self) -> Key:
        """The public side."""
        return Key(self.name, self.type, self.private.public_key().public_bytes_raw())

    def line(self, text: str, at: datetime) -> str:
        """The signature line under `text`. `at` counts for cosignatures only, in whole seconds."""
        time = int(at.timestamp())
        if self.type == ED25519:
            signature = self.private.sign(text.encode())
        elif self.type == COSIGNATURE:
            signature = time.to_bytes(8) + self.private.sign(cosigned_text(text, time))
        else:
            message = cosigned_subtree(self.name, time, Checkpoint.parse(text))
            signature = time.to_bytes(8) + self.private.sign(message)
        return f"\N{EM DASH} {self.name} {base64.b64encode(self.key.id + signature).decode()}\n"


def sign(text: str, signers: Sequence[Signer], at: datetime) -> bytes:
    """The signed note. Raises `ValueError` for a text that cannot be a note's."""
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise ValueError("A note's text ends with a newline and has no other control character.")
    return f"{text}\n{''.join(signer.line(text, at) for signer in signers)}".encode()
