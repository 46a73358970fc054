"""Policies as a log names them: entries, and the signed files beside it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.unit.exchange.register.test_policy import KEYS, policy
from tutela.exchange.register.policy import RegisterPolicy, SignedPolicy

OTHERS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(11, 15)]


def named(keys: list[Ed25519PrivateKey]) -> list[dict[str, str]]:
    """Signers with these keys."""
    return [{"name": f"S{n}", "key": key.public_key().public_bytes_raw().hex()} for n, key in enumerate(keys)]


class Policies:
    """Each `add` is announced at its hour, and signed by the keys that are given."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.files: dict[int, bytes] = {}
        self.last: RegisterPolicy | None = None

    def add(self, at: datetime, *by: Ed25519PrivateKey, old: bool = False, **change: Any) -> None:
        """Announce the next policy at a moment; it binds forty days later unless told otherwise."""
        number = len(self.files) + 1
        values = {"binds_from": at + timedelta(days=40 if self.last else 0), **change}
        previous = values.pop("previous", self.last.fingerprint() if self.last else None)
        made = SignedPolicy(policy=policy(values.pop("version", number), previous, **values))
        for key in by or KEYS[:4]:
            made = made.signed_by(key)
        self.last, self.files[number] = made.policy, made.to_bytes()
        self.enter(at, **({} if old else {"signed": len(by) or 4}))

    def enter(self, at: datetime, **more: Any) -> None:
        """The entry of the last policy, as the node makes it."""
        assert self.last is not None
        said = {
            "event": "policy.announced",
            "commitment": "00" * 32,
            "hour": f"{at:%Y-%m-%dT%H}Z",
            "version": self.last.version,
            "policy": self.last.fingerprint(),
            "binds_from": self.last.binds_from.isoformat(),
            "categories": list(self.last.categories),
        }
        self.entries.append(json.dumps(said | more).encode())

    @property
    def pin(self) -> str:
        """The digest of the first."""
        return RegisterPolicy.model_validate(json.loads(self.files[1])["policy"]).fingerprint()
