"""Follow the register's policies from the first one, which the operator pinned.

1. On the first day, and when the log names a policy that was not checked, all policies are fetched in addition to the
   log.
2. The entry that announced each policy is read from the log's files and proven to be in the followed tree.
3. The policies follow from the first one, whose digest is the pin (`tlog/rules`). Without a pin, they follow from the
   first one seen, which is kept and shown on health pages.
4. Checked policies stay: a later answer must begin with them, or it is refused.

    register-policy.json    the digests of the checked policies
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tutela import clock
from tutela.edge.errors import LogDamagedError, PolicyRefusedError, ReleaseError, StateDamagedError
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.policy_check import HeldPolicies, PolicyStatement, RulesRefused, check, hour_of, said
from tutela.tlog.proof import Proof
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Fetch, Tiles
from tutela.tlog.verify import TILE, Checkpoint, Refused, check_inclusion, leaf_hash

# What was refused, or cannot be checked yet, is asked for again after so long.
PAUSE = timedelta(minutes=1)
# Thirty days of notice lie between two: eighty years of them.
_MOST = 1000


class Rules:
    """The register's policies as this Edge has checked them; kept in `folder`."""

    def __init__(self, pin: str, fetch: Fetch, folder: Path) -> None:
        """`pin` is empty where the first that is seen counts. Raises StateDamagedError."""
        self._pin, self._fetch, self._path = pin, fetch, folder / "register-policy.json"
        self._digests = self._load()
        self._failed: ReleaseError | None = None
        self._again: datetime | None = None

    def describe(self) -> dict[str, Any]:
        """The first policy, whether the operator pinned it, and how many were verified; None if there is none yet."""
        known = self._digests
        return {
            "first": known.get(1) if known else None,
            "pinned": bool(self._pin),
            "checked": len(known) if known is not None else None,
        }

    def follow(self, checkpoint: Checkpoint, named: Mapping[int, tuple[int, str]]) -> None:
        """Check what is new. `named` are policies that the log named since this Edge follows it: entry and digest.

        Raises PolicyRefusedError, LogDamagedError, UnreachableError.
        """
        known = self._digests
        if known is not None and self._pinned(known) and all(known.get(n) == told for n, (_, told) in named.items()):
            return
        if self._again is not None and clock.now() < self._again:
            if self._failed is not None:
                raise self._failed
            if not self._pin and not named:
                return
        self._again, self._failed = None, None
        try:
            held = self._checked(checkpoint, named)
        except RulesRefused as error:
            raise self._later(PolicyRefusedError(f"{error}.")) from None
        except ReleaseError as error:
            raise self._later(error) from None
        if held is None:
            self._again = clock.now() + PAUSE
        else:
            self._keep(held)

    def _later(self, error: ReleaseError) -> ReleaseError:
        """Keep failing with this error until the next fetch: a pause is no consent."""
        self._again, self._failed = clock.now() + PAUSE, error
        return error

    def _pinned(self, known: Mapping[int, str]) -> bool:
        return not self._pin or known.get(1) == self._pin

    def _checked(self, checkpoint: Checkpoint, named: Mapping[int, tuple[int, str]]) -> HeldPolicies | None:
        """Steps 1 to 4; None where the Centre does not say yet where the first one stands, and none is pinned."""
        documents, entries, before = dict[int, bytes](), list[PolicyStatement](), self._digests or {}
        for number in range(1, _MOST):
            try:
                documents[number] = self._fetch(f"register-policy/{number}")
                index = named[number][0] if number in named else self._index(number)
            except FileNotFoundError:
                break
            if index >= checkpoint.size:
                break
            entries.append(self._said(index, checkpoint))
        if documents and not entries and not self._pin and not named:
            return None
        held = check(entries, documents.__getitem__, self._pin or before.get(1, ""))
        for number, digest in [*before.items(), *((number, told) for number, (_, told) in named.items())]:
            if held.digests.get(number) != digest:
                what = f"policy {number}, {digest}," if number else "the policy entry in the log"
                raise RulesRefused(f"{what} does not match the served file")
        return held

    def _index(self, number: int) -> int:
        """Index that the Centre states for a policy's entry; the entry there is then read."""
        try:
            return Proof.parse(self._fetch(f"register-policy/{number}/proof")).index
        except Refused as error:
            raise RulesRefused(f"the proof of policy {number}: {error}") from None

    def _said(self, index: int, checkpoint: Checkpoint) -> PolicyStatement:
        """Step 2; nobody makes a notice older than what the log has just before it."""
        before = hour_of(self._proven(index - 1, checkpoint)) if index else None
        found = said(index, self._proven(index, checkpoint), before)
        if found is None:
            raise RulesRefused(f"entry {index} is not about a policy")
        return found

    def _proven(self, index: int, checkpoint: Checkpoint) -> bytes:
        """An entry, verified to be in the tree. Raises `LogDamagedError`."""
        bundle, at = divmod(index, TILE)
        try:
            entry = Tiles(self._fetch).entries(bundle, min(TILE, checkpoint.size - bundle * TILE))[at]
            proof = Tree(self._fetch, checkpoint.size).inclusion(index)
            check_inclusion(index, checkpoint.size, leaf_hash(entry), proof, checkpoint.root)
        except (Refused, FileNotFoundError, IndexError) as error:
            raise LogDamagedError(str(error)) from None
        return entry

    def _load(self) -> dict[int, str] | None:
        try:
            value = json.loads(self._path.read_bytes())
            return {int(number): str(digest) for number, digest in value["policies"].items()}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateDamagedError(str(self._path)) from error

    def _keep(self, held: HeldPolicies) -> None:
        write_atomically(self._path, json.dumps({"policies": held.digests}, sort_keys=True).encode())
        self._digests = dict(held.digests)
