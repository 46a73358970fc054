"""Check the register's policies that a log names. Read it with `verify`; nothing else is needed.

1. The first policy has the number 1 and the digest that the reader pinned; all of its own signers signed it.
2. Each later policy has the next number and names the digest of the previous one. Three of the four signers of the
   previous policy signed it.
3. A change takes effect thirty days after its entry at the earliest. The time of an entry is its hour, and no earlier
   than the time of earlier entries: no notice can be backdated. An entry that came late, because witnesses were
   missing, has the hour of its publication. The entry then states when it takes effect (`binds`), which replaces the
   signed time and is never earlier.

A digest is SHA-256 over the policy's canonical JSON (RFC 8785), and a signature covers the same bytes with their
signing context. Without a pin the first policy is taken from the log, and a remark states this: the log's operator
could have chosen its signers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela.tlog.verify import TILE, Files, Refused, from_base64

CONTEXT = b"tutela/register-policy/1"
SIGNERS, NEEDED = 4, 3
NOTICE = timedelta(days=30)
MOST_BYTES = 1_000_000
_NAMED = b'"policy.announced"'
NOT_PINNED = "only this log names its first signers, policy {digest}: get the digest from one of them, and pin it"
OLD = "the first policy was signed by {count} of its {all} signers: it is from before all had to sign"


class RulesRefused(Refused):
    """The register's policies do not follow from the pinned one; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """Statement of entry `index` of a log about a policy.

    `since` is the latest time of publication. `all_signed`: for a first policy, all signers had to sign. `binds`: for a
    late one.
    """

    index: int
    version: int
    digest: str
    binds_from: datetime
    since: datetime
    all_signed: bool
    binds: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldPolicies:
    """Digests of the valid policies by number, and remarks for the reader."""

    digests: Mapping[int, str]
    remarks: Sequence[str]

    @property
    def pin(self) -> str:
        """The digest of the first policy; empty if there is none."""
        return self.digests.get(1, "")


def said(index: int, entry: bytes, before: datetime | None = None) -> PolicyStatement | None:
    """Statement of an entry about a policy; None for another subject.

    `before` is the time of the entry before it. Raises `RulesRefused`.
    """
    if _NAMED not in entry:
        return None
    try:
        told = json.loads(entry)
        if told["event"] != "policy.announced":
            return None
        hour = _time(told["hour"].removesuffix("Z") + ":00+00:00")
        since = max(hour, before) if before else hour
        number, late = int(told["version"]), _time(told["binds"]) if "binds" in told else None
        made = PolicyStatement(
            index, number, str(told["policy"]), _time(told["binds_from"]), since, "signed" in told, late
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RulesRefused(f"entry {index} is about a policy and cannot be read") from None
    return made


def check(entries: Iterable[PolicyStatement], document: Callable[[int], bytes], pin: str = "") -> HeldPolicies:
    """Check the policies that a log's entries name, in their order. `document` gives the signed file of a number.

    Raises `RulesRefused`, and what `document` raises.
    """
    found, remarks, before = dict[int, str](), list[str](), dict[str, Any]()
    last = -1
    for one in entries:
        number = len(found) + 1
        if one.version != number or one.index <= last:
            raise RulesRefused(f"entry {one.index} announces policy {one.version}, but policy {number} is the next")
        policy, signatures = read(document(number))
        digest = digest_of(policy)
        if (policy.get("version"), digest, _binds(policy)) != (number, one.digest, one.binds_from):
            raise RulesRefused(f"the file of policy {number} is not the one named in entry {one.index}")
        if number == 1:
            remarks += _first(policy, signatures, one, pin)
        else:
            _next(policy, signatures, one, before, found[number - 1])
        found[number], before, last = digest, policy, one.index
    if pin and not found:
        raise RulesRefused(f"the log names no policy, but {pin} is pinned")
    return HeldPolicies(found, remarks)


def read(data: bytes) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """A policy out of its signed file, and its signatures by the id of their key. Nothing is verified yet."""
    try:
        if len(data) > MOST_BYTES:
            raise ValueError
        given = json.loads(data)
        policy = given["policy"]
        signatures = [(str(one["key_id"]), from_base64(one["signature"], "a signature")) for one in given["signatures"]]
        keys = [bytes.fromhex(one["key"]) for one in policy["signers"]]
        names = [str(one["name"]) for one in policy["signers"]]
        if not isinstance(policy, dict) or {len(names), len(set(keys))} != {SIGNERS} or {*map(len, keys)} != {32}:
            raise ValueError
        _canonical(policy)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RulesRefused("the file of a policy cannot be read") from None
    return policy, signatures


def digest_of(policy: Mapping[str, Any]) -> str:
    """Digest that identifies a policy; that of the first is pinned."""
    return hashlib.sha256(_canonical(policy)).hexdigest()


def signers(policy: Mapping[str, Any], signatures: Iterable[tuple[str, bytes]], by: Mapping[str, Any]) -> list[str]:
    """The names of those signers of `by` that signed `policy`."""
    payload, given = _canonical(policy), list(signatures)
    covered = b"TUTELA-SIGNED-1 %d %b %d %b" % (len(CONTEXT), CONTEXT, len(payload), payload)
    found = []
    for one in by["signers"]:
        key = bytes.fromhex(one["key"])
        name = hashlib.sha256(key).hexdigest()
        if any(whose == name and _holds(key, signature, covered) for whose, signature in given):
            found.append(str(one["name"]))
    return found


@dataclass(slots=True)
class Watch:
    """The files of a log, which notes what their entries say of policies while `verify.audit` reads all of them."""

    files: Files
    found: list[PolicyStatement] = field(default_factory=list)
    _latest: datetime | None = None

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        """Entries as the log has them. The first entry of each bundle gives the earliest time."""
        some = self.files.entries(number, width)
        self._latest = max(filter(None, (self._latest, *map(hour_of, some[:1]))), default=None)
        for at in (at for at, entry in enumerate(some) if _NAMED in entry):
            if (told := said(number * TILE + at, some[at], self._latest)) is not None:
                self.found.append(told)
        return some

    def hashes(self, level: int, number: int, width: int) -> bytes:
        """Hashes of a tile, as the log has them."""
        return self.files.hashes(level, number, width)


def hour_of(entry: bytes) -> datetime | None:
    """The hour that an entry names; None if it names none."""
    try:
        return _time(json.loads(entry)["hour"].removesuffix("Z") + ":00+00:00")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _first(policy: dict[str, Any], signatures: list[tuple[str, bytes]], one: PolicyStatement, pin: str) -> list[str]:
    """Check the first policy (rule 1); return remarks for the reader."""
    if pin and one.digest != pin:
        raise RulesRefused(f"the log's first policy is {one.digest}, but {pin} is pinned")
    if policy.get("previous") is not None:
        raise RulesRefused("the first policy names a previous one")
    names, remarks = signers(policy, signatures, policy), [] if pin else [NOT_PINNED.format(digest=one.digest)]
    if len(names) < (SIGNERS if one.all_signed else NEEDED):
        raise RulesRefused(f"the first policy must be signed by all of its signers; signed by {_names(names)}")
    return remarks if len(names) == SIGNERS else [*remarks, OLD.format(count=len(names), all=SIGNERS)]


def _next(
    policy: dict[str, Any],
    signatures: list[tuple[str, bytes]],
    one: PolicyStatement,
    before: dict[str, Any],
    digest: str,
) -> None:
    """Rules 2 and 3."""
    if policy.get("previous") != digest:
        raise RulesRefused(f"policy {one.version} does not name the previous policy {digest}")
    names = signers(policy, signatures, before)
    if len(names) < NEEDED:
        raise RulesRefused(
            f"policy {one.version} needs {NEEDED} of the {SIGNERS} previous signers; signed by {_names(names)}"
        )
    binds = max(one.binds_from, one.binds or one.binds_from)
    if binds < one.since + NOTICE:
        raise RulesRefused(
            f"policy {one.version} is in effect from {binds:%Y-%m-%d %H:%M}, less than "
            f"{NOTICE.days} days after its entry of {one.since:%Y-%m-%d %H:00} UTC"
        )


def _holds(key: bytes, signature: bytes, covered: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, covered)
    except (InvalidSignature, ValueError):
        return False
    return True


def _binds(policy: Mapping[str, Any]) -> datetime:
    try:
        return _time(policy["binds_from"])
    except (ValueError, KeyError, TypeError):
        raise RulesRefused("the file of a policy cannot be read") from None


def _time(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    if made.tzinfo is None:
        raise ValueError
    return made


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
