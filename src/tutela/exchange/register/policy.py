"""Policy of the register: permitted additions, organisations, thresholds; signed by three of four.

A policy names the four signers who may change it. A change is signed by three of the signers of the previous policy and
names its digest. The change takes effect thirty days after its publication at the earliest. The first policy is signed
by all of its own signers. Others pin its digest (`tlog/rules`), because a log cannot by itself prove the signers'
identity.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Annotated, Literal, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, model_validator

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.signed_envelope import Envelope, key_id, sign, trusted_keys, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.register.release import Number, Sha256

POLICY_CONTEXT = "tutela/register-policy/1"
SIGNERS, NEEDED = 4, 3
NOTICE = timedelta(days=30)

type Category = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,29}:([a-z0-9][a-z0-9_-]{0,39}|\*)$")]
type Certifier = Literal["hotline", "authority", "coordinating_authority", "europol", "centre"]


class Signer(Wire):
    """Somebody who may change the policy, with their public Ed25519 key in hex."""

    name: Line
    key: Sha256


class RegisterPolicy(Wire):
    """One version. `categories` are classification codes, or a whole scheme as `scheme:*`."""

    schema_version: Literal["1"] = "1"
    version: Number
    previous: Sha256 | None = None
    categories: Annotated[tuple[Category, ...], Field(min_length=1, max_length=1000)]
    certifiers: Annotated[tuple[Certifier, ...], Field(min_length=1)]
    organisations: Annotated[int, Field(ge=2, le=20)] = 2
    jurisdictions: Annotated[int, Field(ge=2, le=20)] = 2
    doubters: Annotated[int, Field(ge=2, le=20)] = 2
    reporters: Annotated[int, Field(ge=2, le=20)] = 2
    proposals_per_hour: Annotated[int, Field(ge=1, le=10_000_000)] = 1000
    signers: Annotated[tuple[Signer, ...], Field(min_length=SIGNERS, max_length=SIGNERS)]
    binds_from: Moment

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.jurisdictions > self.organisations:
            raise ValueError("the number of jurisdictions must not exceed the number of organisations")
        if len({one.key for one in self.signers}) < SIGNERS or len({one.name for one in self.signers}) < SIGNERS:
            raise ValueError("the four signers must have four names and four keys")
        if (self.version == 1) != (self.previous is None):
            raise ValueError("only the first policy must have no previous policy")
        return self


class Signature(Wire):
    """A signature over the policy, by the key with this id."""

    key_id: Sha256
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{86}==$")]


class SignedPolicy(Wire):
    """A policy with all of its signatures. `signers_of` gives their signers."""

    policy: RegisterPolicy
    signatures: Annotated[tuple[Signature, ...], Field(max_length=20)] = ()

    def signed_by(self, key: Ed25519PrivateKey) -> SignedPolicy:
        """The policy with one more signature, which replaces an older one of this key."""
        made = sign(self.policy.to_bytes(), POLICY_CONTEXT, key)
        fresh = Signature(key_id=made.key_id, signature=base64.b64encode(made.signature).decode())
        others = tuple(one for one in self.signatures if one.key_id != key_id(key.public_key()))
        return SignedPolicy(policy=self.policy, signatures=(*others, fresh))

    def signers_of(self, policy: RegisterPolicy) -> list[str]:
        """The names of those signers of `policy` whose signatures under this one are good."""
        found = []
        for signer in policy.signers:
            keys = trusted_keys([signer.key])
            for one in self.signatures:
                envelope = Envelope(self.policy.to_bytes(), POLICY_CONTEXT, one.key_id, base64.b64decode(one.signature))
                try:
                    verify(envelope, POLICY_CONTEXT, keys)
                except ExchangeError:
                    continue
                found.append(signer.name)
                break
        return found


def flaw(signed: SignedPolicy, before: RegisterPolicy | None, *, first: int = SIGNERS) -> str:
    """Reason why this policy cannot follow `before` (None: as the first); empty if it can. Time is not checked.

    `first`: how many of its own signers must sign the first policy. Nodes have accepted one signed by three.
    """
    policy = signed.policy
    if before is None and policy.version != 1:
        return "the first policy must have version 1"
    if before is not None and (policy.version, policy.previous) != (before.version + 1, before.fingerprint()):
        return f"the policy must have version {before.version + 1} and name the previous digest {before.fingerprint()}"
    names, needed = signed.signers_of(before or policy), NEEDED if before else first
    if len(names) < needed:
        of = f"{needed} of {SIGNERS}" if needed < SIGNERS else "for the first policy all"
        return f"{of} signers are needed; signed by {', '.join(names) or 'none'}"
    return ""
