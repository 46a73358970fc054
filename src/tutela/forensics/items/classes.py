"""Class of an item by what the lists say of it. Nothing unknown is labelled, and a benign list overrides no hit.

The first rule that applies names the class:

1. `known`: an exact digest of a `known` list, whose category is an offence by the country's law or is not stated.
2. `known_elsewhere`: an exact digest of an `elsewhere` list, or of a `known` entry without an offence.
3. `near_known`: visually similar to an entry of either, or near by supplied PhotoDNA.
4. `ignorable`: an exact digest of an `ignorable` list. Together with 1 to 3 it is a conflict, which is counted.
5. `unknown` pictures and videos; `not_examined` where nothing was decoded; `other` for all other files.

`same_series` is found when all items are there: an unknown item by the same camera as a listed one, within an hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from tutela.forensics.lists.reference_list import ListRole
from tutela.matching import Match
from tutela.matching.lists.rules import DIGEST_FAMILIES


class ItemClass(StrEnum):
    """Class of an item, in the order in which a summary lists them."""

    KNOWN = "known"
    KNOWN_ELSEWHERE = "known_elsewhere"
    NEAR_KNOWN = "near_known"
    SAME_SERIES = "same_series"
    UNKNOWN = "unknown"
    NOT_EXAMINED = "not_examined"
    IGNORABLE = "ignorable"
    OTHER = "other"


# Classes that say that a list has the item, or one that looks like it.
LISTED = (ItemClass.KNOWN, ItemClass.KNOWN_ELSEWHERE, ItemClass.NEAR_KNOWN)


class ItemKind(StrEnum):
    """What an item is."""

    PICTURE = "picture"
    VIDEO = "video"
    UNDECODED = "undecoded"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ListHit:
    """An entry that agrees with an item, and what its list says of it."""

    role: ListRole
    list_number: int
    entry: UUID
    rule: str
    exact: bool
    category: str = ""
    series: str = ""
    distance: int | None = None

    @classmethod
    def from_match(cls, role: ListRole, number: int, match: Match, facts: tuple[str, str]) -> ListHit:
        """A hit of the matching engine. `facts`: category and series of the entry."""
        exact = bool(DIGEST_FAMILIES & set(match.families))
        return cls(role, number, match.entry_id, match.rule, exact, *facts, match.distance)

    def as_json(self) -> dict[str, Any]:
        """A dictionary that `json` can write."""
        return {
            "list": self.list_number,
            "role": str(self.role),
            "entry": str(self.entry),
            "rule": self.rule,
            "exact": self.exact,
            "category": self.category,
            "series": self.series,
            "distance": self.distance,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """Class of an item, with the category of the country's law and the series, both proposals of a list."""

    item_class: ItemClass
    category: str = ""
    series: str = ""
    conflict: bool = False


def judge_item(kind: ItemKind, hits: Sequence[ListHit], categories: Mapping[str, str]) -> Judged:
    """The class of an item by the rules above. `categories`: from a list's class to that of the country's law."""
    ignorable = any(one.exact and one.role is ListRole.IGNORABLE for one in hits)
    listed = [one for one in hits if one.role is not ListRole.IGNORABLE]
    known = [one for one in listed if one.exact and one.role is ListRole.KNOWN and _offence(one, categories)]
    for name, found in (
        (ItemClass.KNOWN, known),
        (ItemClass.KNOWN_ELSEWHERE, [one for one in listed if one.exact]),
        (ItemClass.NEAR_KNOWN, listed),
    ):
        if found:
            best = found[0]
            category = categories.get(best.category, best.category)
            return Judged(name, category, next((one.series for one in found if one.series), ""), ignorable)
    if ignorable:
        return Judged(ItemClass.IGNORABLE)
    return Judged(_UNLISTED[kind])


def _offence(hit: ListHit, categories: Mapping[str, str]) -> bool:
    return bool(categories.get(hit.category, hit.category or "-"))


_UNLISTED = {
    ItemKind.PICTURE: ItemClass.UNKNOWN,
    ItemKind.VIDEO: ItemClass.UNKNOWN,
    ItemKind.UNDECODED: ItemClass.NOT_EXAMINED,
    ItemKind.OTHER: ItemClass.OTHER,
}
