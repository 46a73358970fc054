"""Check a list against the certified set in the public log before a version is used.

A proof of absence shows that a hash is not in the set of a release. A Centre that served an entry but left it out of
the set could "prove" that the entry is not listed. Only holders of the list can detect this, so each Edge checks:

1. The list has no hash of a lawful reference picture, whose absence every release proves.
2. The list has as many different hashes as its manifest names for the set.
3. Some of the entries that are new to this Edge, and some of all others, are selected for a spot check. For each of
   their hashes, the Centre proves that its value is in the set. The set's root and key are in the release's entry of
   the log.

Remaining gap: the set itself is not counted. If a Centre replaces a hash in the set, only a spot check finds it. With
few new entries, each Edge finds it in the first version that has it. An old entry is found by chance: each Edge checks
`DRAWN` entries out of all at each version.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from tutela.edge.errors import LawfulListedError, NotBoundError
from tutela.exchange.register.canaries import KINDS, canaries
from tutela.exchange.register.release import CertifiedValues, ReleaseManifest
from tutela.matching import MatchList
from tutela.matching.files.snapshot import uuids
from tutela.matching.lists.counts import different, entry_ids, has, hashes_of
from tutela.tlog.presence_proof import MOST_PROOFS, PART, Presence, part
from tutela.tlog.verify import Refused

# So many of the new entries, of those that changed since the snapshot, and of all.
NEW, CHANGED, DRAWN = 12, 4, 16
_dice = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry selected for a spot check, and which part of its hashes."""

    entry: UUID
    number: int
    items: Sequence[tuple[str, str]]

    def __str__(self) -> str:
        return f"{self.entry}.{self.number}"


def check_lawful(found: MatchList) -> None:
    """Step 1. Raises LawfulListedError."""
    for kind in KINDS:
        listed = set(has(found, kind, [bytes.fromhex(one[kind]) for one in canaries()]))
        for one in canaries():
            if bytes.fromhex(one[kind]) in listed:
                raise LawfulListedError(f"{one['name']}, by its {kind}.")


def check_count(found: MatchList, manifest: ReleaseManifest) -> None:
    """Step 2. Raises NotBoundError, also where the manifest names no number."""
    if manifest.hashes != (count := different(found)):
        raise NotBoundError(f"The list has {count} different hashes, but its set has {manifest.hashes}.")


def draw(found: MatchList, before: MatchList | None) -> list[Drawn]:
    """Step 3: entries of a list that takes the place of another, if there is one."""
    later, base = found.later, found.snapshot
    changed = sorted(later.ids - later.gone) if later is not None else []
    ids = [*_some(_fresh(found, before), NEW), *_some(changed, CHANGED)]
    ids += [base.entry_id(row) for row in _some(range(len(base)), DRAWN)]
    return [_part(one, items) for one, items in hashes_of(found, ids).items() if items][:MOST_PROOFS]


def check_present(drawn: Sequence[Drawn], answer: bytes, values: CertifiedValues) -> None:
    """Step 3: what the Centre shows of them. Raises NotBoundError."""
    root, key = bytes.fromhex(values.root), bytes.fromhex(values.key)
    try:
        shown = json.loads(answer)["proofs"]
        for one, proofs in zip(drawn, shown, strict=True):
            for (kind, value), proof in zip(one.items, proofs, strict=True):
                try:
                    Presence.from_json(proof).check(root, key, kind, value)
                except Refused as error:
                    raise NotBoundError(f"Entry {one.entry}, a {kind}: {error}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotBoundError("The proofs do not belong to the requested entries.") from None


def _fresh(found: MatchList, before: MatchList | None) -> Sequence[UUID]:
    """Entries that this list has and the previous one had not."""
    if before is None:
        return ()
    if before.snapshot.sha256 != found.snapshot.sha256:
        apart = np.setdiff1d(entry_ids(found), entry_ids(before))
        return uuids(apart)
    had = before.later.ids - before.later.gone if before.later is not None else set[UUID]()
    return sorted(found.later.ids - found.later.gone - had) if found.later is not None else ()


def _some[T](known: Sequence[T], most: int) -> list[T]:
    return _dice.sample(known, min(most, len(known)))


def _part(entry: UUID, items: Iterable[tuple[str, bytes]]) -> Drawn:
    given = {(kind, value.hex()) for kind, value in items}
    number = _dice.randrange(-(-len(given) // PART))
    return Drawn(entry, number, part(given, number))
