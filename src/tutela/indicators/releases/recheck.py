"""Re-check of active indicators: find those that would be refused today as lawful or judged items.

Hashes are checked at the proposal and before the activation. A lawful image may be loaded later, or a near-duplicate
judged not to be CSAM later. Such an indicator is not ended; the Centre is notified with the numbers.

1. The newest version of the list is compared hourly, including parts of images. If the references have changed, the
   whole list is compared; otherwise only new indicators, which may have become active during a judgement.
2. An indicator is reported once, whatever people decide about it.
"""

from __future__ import annotations

import json
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import AlertDetail
from tutela.exchange.register.release import ReleaseManifest
from tutela.indicators.hashes import builtin_reference, lawful_reference, rejected_items
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import Indicator
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import history, version_contents
from tutela.matching import Snapshot
from tutela.matching.files.records import MAX_DISTANCE, REMOVED
from tutela.matching.files.snapshot_writer import write_atomically
from tutela.matching.index.hamming_index import HammingIndex
from tutela.organisations.keys.envelope_encryption import CannotUnwrap

CODE = "resembling"
# An alert names this many numbers, and this many hashes are compared at once.
NAMED, AT_ONCE = 40, 200_000


def tell(centre: Actor) -> int:
    """Raise an alert for unreported active indicators that would be refused.

    Returns how many they were. No alert is raised while one is open.
    """
    before = _told()
    with acting(centre):
        newest = next(iter(history.history(1)), None)
        if newest is None:
            return 0
        version, manifest = [str(newest.version)], history.manifest(newest)
        now = [str(manifest.base), *_passing()]
        if (before["of"], before["version"]) == (now, version):
            return 0
        try:
            found = _found(manifest, whole=before["of"] != now)
        except (OSError, CannotUnwrap):
            # The files of the version are lost; the next one is made of all rows.
            return 0
        rows = Indicator.objects.filter(pk__in=found, revocation=None)
        fresh = [number for pk, number in rows.values_list("pk", "number") if str(pk) not in before["told"]]
        first = ", ".join(sorted(fresh)[:NAMED])
        if fresh and not edge_alerts.sound(centre, CODE, AlertDetail.RESEMBLING, count=len(fresh), numbers=first):
            return 0
    # The mark is written only after the alert is stored; otherwise an indicator could be marked without an alert.
    told = json.dumps({"of": now, "version": version, "told": sorted({*before["told"], *map(str, found)})})
    write_atomically(version_files.folder() / "resembling.json", told.encode())
    return len(fresh)


def _passing() -> list[str]:
    """Return the state of the references: it changes when something is loaded, ended, judged or cleared."""
    return [lawful_reference.standing().sha256, *map(str, rejected_items.edition())]


def _told() -> dict[str, list[str]]:
    try:
        said = json.loads((version_files.folder() / "resembling.json").read_bytes())
    except FileNotFoundError:
        return {"of": [], "version": [], "told": []}
    return {name: list(said[name]) for name in ("of", "version", "told")}


def _found(of: ReleaseManifest, *, whole: bool) -> set[UUID]:
    """Return a version's entries that would be refused: of all of it, or only of its changes to the snapshot."""
    found, changes = _in(version_contents.snapshot_of(of)) if whole else set[UUID](), version_contents.changes_of(of)
    if changes is not None:
        said = {changes.entry_id(row): changes.flags(row) & REMOVED for row in range(len(changes))}
        later = {one for one in _in(changes) if not said[one]}
        found = {one for one in found if one not in said} | later
    return found


def _in(snapshot: Snapshot) -> set[UUID]:
    rows = {row for kind, raw in lawful_reference.digests() if kind != "pdq" for row in snapshot.find(kind, raw)}
    hashes = snapshot.pdq
    for index in (builtin_reference.index(), lawful_reference.index(), rejected_items.index()):
        for start in range(0, len(hashes), AT_ONCE):
            near = _near(index, hashes[start : start + AT_ONCE])
            rows.update(snapshot.pdq_rows[start : start + AT_ONCE][near].tolist())
    return {snapshot.entry_id(row) for row in rows}


def _near(index: HammingIndex, asked: NDArray[np.uint8]) -> NDArray[np.intp]:
    return np.flatnonzero(np.diff(index.query(np.ascontiguousarray(asked), MAX_DISTANCE).offsets))
