"""What another desk may ask of an entry: whether it stands, and whether it is about an item at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tutela.indicators import hashes
from tutela.indicators.models import IndicatorHash
from tutela.indicators.queries import with_state
from tutela.matching.records import MIN_QUALITY

# The register's own rule for a candidate: near enough, of two pictures that are not flat.
NEAR = 31


@dataclass(frozen=True)
class Found:
    """An entry that is there: its state, and whether it carries a digest of the item or a perceptual hash near one."""

    state: str
    carries: bool


@dataclass(frozen=True)
class Claimed:
    """A digest of an item: its kind, lower-case hex, and for a perceptual one its quality."""

    kind: str
    value: str
    quality: int = 100


def look_up(claims: Mapping[UUID, Iterable[Claimed]]) -> dict[UUID, Found]:
    """The entries that exist, each compared with what is claimed of it. Call inside `acting(actor)`."""
    if not claims:
        return {}
    states = dict(with_state().filter(pk__in=list(claims)).values_list("pk", "state"))
    rows: dict[UUID, list[IndicatorHash]] = {entry: [] for entry in states}
    for row in IndicatorHash.objects.filter(indicator__in=list(states)):
        rows[row.indicator_id].append(row)
    return {entry: Found(state, _carries(rows[entry], list(claims[entry]))) for entry, state in states.items()}


def _carries(rows: list[IndicatorHash], claimed: list[Claimed]) -> bool:
    exact = {bytes(row.blind) for row in rows if row.kind != "pdq"}
    if any(hashes.blind(one.kind, one.value) in exact for one in claimed if one.kind != "pdq"):
        return True
    near = [one for one in claimed if one.kind == "pdq" and one.quality >= MIN_QUALITY]
    listed = [int(hashes.opened(row), 16) for row in rows if row.kind == "pdq"] if near else []
    return any((int(one.value, 16) ^ value).bit_count() <= NEAR for one in near for value in listed)
