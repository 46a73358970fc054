"""Follow the Centre's public log from the day of joining, and keep all that was verified.

1. A checkpoint is signed by the log's key of the pinned policy, and cosigned by the quorum.
2. The checkpoint continues the last one that was seen: the entries in between, read from the log's files, lead to its
   root.
3. Statements of these entries about releases and heads are kept. A release that the log does not name was made for one
   recipient. A head that the log names but that is not served is withheld.
4. Statements about the register's policies must follow from the first policy, which the operator pinned (`rules`).

    <name>.json     the last checkpoint, the tree's edge there, the newest head and the releases of each list, policies

On the first day there is no earlier checkpoint: only the quorum confirms the earlier entries. The newest entries are
still read for heads. The head in force was logged before this Edge joined and will not be logged again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tutela import clock
from tutela.edge.active_lists.policy_chain import Rules
from tutela.edge.errors import (
    ForkedLogError,
    LogDamagedError,
    LogRolledBackError,
    NoQuorumError,
    StaleLogError,
    StateDamagedError,
    UnreachableError,
    UntrustedLogError,
)
from tutela.exchange.register.release import LoggedHead, LoggedRelease, logged
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.tlog.frontier import Frontier
from tutela.tlog.policy import Policy
from tutela.tlog.policy_check import RulesRefused
from tutela.tlog.policy_check import said as policy_said
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Fetch, Tiles
from tutela.tlog.verify import (
    TILE,
    Checkpoint,
    Refused,
    check_consistency,
    check_inclusion,
    leaf_hash,
    split_note,
)

# The log grows hourly. Without a new checkpoint for this long, the log is frozen or its witnesses are unreachable, so
# an alert is raised.
FRESH = timedelta(hours=2)
# Without a quorum for so long, no list is trusted any longer.
TRUST_LIFETIME = timedelta(days=7)
# Of each list, so many releases are remembered.
_MOST_RELEASES = 1000
# Heads are logged hourly. A new Edge searches this many bundles for them, which is about four thousand entries.
_JOINING = 16
# In place of a digest: the log names two releases of this number.
AMBIGUOUS = "two"


@dataclass(frozen=True, slots=True)
class Signed:
    """Checkpoint with valid signatures. `at` is the time of its quorum, None if no witness is required."""

    note: bytes
    checkpoint: Checkpoint
    at: datetime | None


@dataclass(slots=True)
class _Known:
    note: bytes = b""
    edge: Frontier = field(default_factory=Frontier)
    at: datetime | None = None
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)
    releases: dict[str, dict[int, str]] = field(default_factory=dict)
    # The number of the entry that names each policy, and its digest.
    policies: dict[int, tuple[int, str]] = field(default_factory=dict)


class LogBook:
    """The log as this Edge has seen it; kept in `folder`. Safe to share between lists."""

    def __init__(self, policy: Policy, fetch: Fetch, folder: Path, rules: Rules | None = None) -> None:
        """Raises StateDamagedError: the state prevents a fork, so it is never replaced silently.

        Without `rules` the register's policies are not checked: for programs that only read.
        """
        self._rules = rules
        self.policy, self.origin = policy, next(iter(policy.logs)).name
        name = hashlib.sha256(self.origin.encode()).hexdigest()[:16]
        self._fetch, self._path, self._lock = fetch, folder / f"{name}.json", threading.RLock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._known = self._load()

    @property
    def size(self) -> int:
        """The number of entries seen."""
        return self._known.edge.size

    def describe(self) -> dict[str, Any]:
        """Facts for health pages: the log and quorum required, the size followed, and the time of the quorum."""
        known = self._known
        signed = known.at.isoformat() if known.at else None
        told = {"origin": self.origin, "quorum": self.policy.quorum, "size": known.edge.size, "cosigned": signed}
        return {**told, "register_policy": self._rules.describe()} if self._rules else told

    def trusted_until(self) -> datetime | None:
        """Time until which content confirmed by the log may be used; None without witnesses."""
        return self._known.at + TRUST_LIFETIME if self._known.at else None

    def cosigned_at(self, now: datetime) -> datetime:
        """Time when the newest checkpoint was cosigned by its quorum, or now without witnesses."""
        return self._known.at or now

    def head(self, list_id: str) -> tuple[int, str] | None:
        """Sequence and SHA-256 of the newest head of a list that the log names."""
        return self._known.heads.get(list_id)

    def release(self, list_id: str, version: int) -> str | None:
        """SHA-256 of the manifest with this number, or `AMBIGUOUS`; None if it was logged before this Edge joined."""
        return self._known.releases.get(list_id, {}).get(version)

    def newest(self) -> Signed:
        """The checkpoint that the log serves now. Raises what `opened` raises, and UnreachableError."""
        try:
            return self.opened(self._fetch("checkpoint"))
        except FileNotFoundError:
            raise UnreachableError("The log has no checkpoint.") from None

    def opened(self, note: bytes) -> Signed:
        """Step 1. Raises UntrustedLogError or NoQuorumError."""
        try:
            checkpoint, read = self.policy.open(note, quorum=False)
        except Refused as error:
            raise UntrustedLogError(str(error)) from None
        if checkpoint.origin != self.origin:
            raise UntrustedLogError(f"The checkpoint belongs to {checkpoint.origin}.")
        if not self.policy.satisfied(read):
            raise NoQuorumError(f"Signed by {', '.join(self.policy.cosigned(read)) or 'none of the witnesses'}.")
        at = self.policy.cosigned_at(read)
        return Signed(note, checkpoint, datetime.fromtimestamp(at, UTC) if at else None)

    def follow(self, signed: Signed) -> None:
        """Steps 2 to 4; remembered on return.

        Raises ForkedLogError, LogRolledBackError, LogDamagedError, PolicyRefusedError, UnreachableError.
        """
        with self._lock:
            self._follow(signed)
            if self._rules is not None:
                self._rules.follow(signed.checkpoint, self._known.policies)

    def _follow(self, signed: Signed) -> None:
        known = self._known
        if not known.note:
            self._keep(self._begin(signed))
            return
        size = known.edge.size
        if signed.checkpoint.size < size:
            raise LogRolledBackError(f"{signed.checkpoint.size} entries after {size}.", self._evidence(signed))
        if signed.checkpoint.size == size:
            if signed.checkpoint.root != known.edge.root:
                raise ForkedLogError(f"Another tree of {size} entries.", self._evidence(signed))
            if (signed.at, known.at) != (None, None) and (known.at is None or (signed.at or known.at) > known.at):
                self._keep(replace(known, note=signed.note, at=signed.at))
            return
        self._keep(self._continued(signed))

    def check_fresh(self) -> None:
        """Raises StaleLogError where the newest checkpoint is old."""
        at = self._known.at
        if at is not None and clock.now() - at > FRESH:
            raise StaleLogError(f"Since {at.isoformat()}.")

    def _begin(self, signed: Signed) -> _Known:
        size, root = signed.checkpoint.size, signed.checkpoint.root
        try:
            tree = Tree(self._fetch, size)
            edge = Frontier.of(size, tree.peaks(), root)
            heads = self._heads_before(tree, signed.checkpoint)
        except (Refused, FileNotFoundError) as error:
            raise LogDamagedError(str(error)) from None
        return _Known(signed.note, edge, signed.at, heads)

    def _heads_before(self, tree: Tree, checkpoint: Checkpoint) -> dict[str, tuple[int, str]]:
        """The newest head of each list among the newest entries, each proven to be in the tree."""
        found, size, files = dict[str, tuple[int, str]](), checkpoint.size, Tiles(self._fetch)
        last = (size - 1) // TILE
        for number in range(last, max(-1, last - _JOINING), -1):
            entries = files.entries(number, min(TILE, size - number * TILE))
            for index, entry in reversed([*enumerate(entries, number * TILE)]):
                said = logged(entry)
                if isinstance(said, LoggedHead) and said.list_id not in found:
                    check_inclusion(index, size, leaf_hash(entry), tree.inclusion(index), checkpoint.root)
                    found[said.list_id] = said.sequence, said.sha256
        return found

    def _continued(self, signed: Signed) -> _Known:
        known, wanted = self._known, signed.checkpoint
        edge = known.edge.copy()
        releases = {name: dict(of) for name, of in known.releases.items()}
        made = _Known(signed.note, edge, signed.at, dict(known.heads), releases, dict(known.policies))
        try:
            files = Tiles(self._fetch)
            while edge.size < wanted.size:
                number, first = divmod(edge.size, TILE)
                entries = files.entries(number, min(TILE, wanted.size - number * TILE))
                if not entries[first:]:
                    raise Refused(f"bundle {number} has too few entries")
                for entry in entries[first:]:
                    _note(made, edge.size, entry)
                    edge.append(leaf_hash(entry))
        except (Refused, FileNotFoundError) as error:
            raise LogDamagedError(str(error)) from None
        if edge.root != wanted.root:
            raise self._contradicted(signed)
        return made

    def _contradicted(self, signed: Signed) -> ForkedLogError | LogDamagedError:
        """Whether the log forked, or only serves entries that are not those of its tree."""
        known, wanted = self._known, signed.checkpoint
        try:
            proof = Tree(self._fetch, wanted.size).consistency(known.edge.size)
            check_consistency(known.edge.size, known.edge.root, wanted.size, wanted.root, proof)
        except (Refused, FileNotFoundError) as error:
            return ForkedLogError(str(error), self._evidence(signed))
        return LogDamagedError("The entries are not in the tree.")

    def _evidence(self, signed: Signed) -> tuple[str, ...]:
        return self._known.note.decode(), signed.note.decode()

    def _load(self) -> _Known:
        try:
            value = json.loads(self._path.read_bytes())
            note, at = base64.b64decode(value["note"]), value["at"]
            checkpoint = Checkpoint.parse(split_note(note)[0])
            edge = Frontier.of(checkpoint.size, [bytes.fromhex(one) for one in value["edge"]], checkpoint.root)
            heads = {name: (int(number), str(digest)) for name, (number, digest) in value["heads"].items()}
            releases = {n: {int(v): str(d) for v, d in of.items()} for n, of in value["releases"].items()}
            # What an earlier version wrote has none.
            policies = {int(n): (int(place), str(digest)) for n, (place, digest) in value.get("policies", {}).items()}
            return _Known(note, edge, datetime.fromisoformat(at) if at else None, heads, releases, policies)
        except FileNotFoundError:
            return _Known()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateDamagedError(str(self._path)) from error

    def _keep(self, known: _Known) -> None:
        value = {
            "note": base64.b64encode(known.note).decode(),
            "edge": [one.hex() for one in known.edge.peaks],
            "at": known.at.isoformat() if known.at else None,
            "heads": known.heads,
            "releases": known.releases,
            "policies": known.policies,
        }
        write_atomically(self._path, json.dumps(value, sort_keys=True).encode())
        self._known = known


def _note(known: _Known, index: int, entry: bytes) -> None:
    """Step 3, for one entry."""
    try:
        policy = policy_said(index, entry)
    except RulesRefused:
        # None has this number, so none is checked that could be it.
        known.policies[0] = (index, AMBIGUOUS)
        return
    if policy is not None:
        same = known.policies.get(policy.version, (index, policy.digest))[1] == policy.digest
        known.policies[policy.version] = (index, policy.digest if same else AMBIGUOUS)
        return
    said = logged(entry)
    if isinstance(said, LoggedHead):
        before = known.heads.get(said.list_id, (0, ""))
        if before[0] == said.sequence and before[1] != said.sha256:
            known.heads[said.list_id] = (said.sequence, AMBIGUOUS)
        else:
            known.heads[said.list_id] = max(before, (said.sequence, said.sha256))
    elif isinstance(said, LoggedRelease):
        of = known.releases.setdefault(said.list_id, {})
        same = of.get(said.version, said.manifest_sha256) == said.manifest_sha256
        of[said.version] = said.manifest_sha256 if same else AMBIGUOUS
        for version in sorted(of)[:-_MOST_RELEASES]:
            del of[version]
