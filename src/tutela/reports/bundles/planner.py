"""Planner: assign reports that arrive together to bundles, in memory.

Reports that share an item share a bundle; a report that shares items with several bundles joins them into one. The plan
is written with the reports. Only bundles that are already in the database are joined at once, and those are locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.identifiers import case_number, uuid7
from tutela.reports.bundles import join
from tutela.reports.bundles.prefetch import KnownItem
from tutela.reports.models import Bundle, Item


@dataclass
class BundleRef:
    """A bundle; `into` is the one that it has become."""

    id: UUID
    number: str
    new: bool
    into: BundleRef | None = None

    def now(self) -> BundleRef:
        return self.into.now() if self.into else self


@dataclass
class Plan:
    """The bundles and new items of reports that are taken in together."""

    actor: Actor
    known: Mapping[bytes, KnownItem]
    items: dict[bytes, Item] = field(default_factory=dict)
    _at: dict[bytes, BundleRef] = field(default_factory=dict)
    _places: dict[UUID, BundleRef] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, one in self.known.items():
            place = self._places.setdefault(one.bundle, BundleRef(one.bundle, one.number, new=False))
            self._at[key] = place

    def place(self, keys: frozenset[bytes]) -> BundleRef:
        """The bundle of a report with these items; items that nobody has seen get rows."""
        found = {id(p): p for key in keys if key in self._at for p in [self._at[key].now()]}
        place = self._one([*found.values()]) if found else self._made()
        for key in sorted(keys - self._at.keys()):
            self._at[key] = place
            self.items[key] = Item(organisation_id=self.actor.organisation_id, blind=key, bundle_id=place.id)
        return place

    def item_ids(self, keys: frozenset[bytes]) -> list[UUID]:
        """The rows of a report's items."""
        return [self.known[key].id if key in self.known else self.items[key].pk for key in sorted(keys)]

    def bundles(self) -> list[Bundle]:
        """The rows of bundles that are new and still stand by themselves."""
        stand = [p for p in self._places.values() if p.new and p.into is None]
        return [Bundle(id=p.id, organisation_id=self.actor.organisation_id, number=p.number) for p in stand]

    def settle(self) -> None:
        """Give every new item the bundle that its own has become."""
        for key, item in self.items.items():
            item.bundle_id = self._at[key].now().id

    def _made(self) -> BundleRef:
        place = BundleRef(uuid7(), case_number("B"), new=True)
        self._places[place.id] = place
        return place

    def _one(self, found: list[BundleRef]) -> BundleRef:
        old = [place for place in found if not place.new]
        kept = old[0] if old else found[0]
        if len(old) > 1:
            pk, moved = join.join(self.actor, [place.id for place in old])
            kept = next(place for place in old if place.id == pk)
            for place in old:
                if place.id in moved:
                    place.into = kept
        for place in found:
            if place.new and place is not kept:
                place.into = kept
        return kept
