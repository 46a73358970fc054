"""Versioned sets of categories, read from the data file.

A renamed or divided category breaks a series: a comparison of two quarters says so (`breaks`). Names are codes of
the file; `LABELS` has their words.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

FILE = Path(__file__).parent / "category_sets.toml"
LABELS = {
    "cyberbullying": _("cyberbullying"),
    "relationships": _("love, relationships, sexuality"),
    "sextortion": _("sextortion"),
    "sexual_coercion": _("online sexual coercion and extortion"),
    "grooming": _("grooming"),
    "e_crime": _("online crime"),
    "excessive_use": _("excessive use"),
    "harmful_content": _("potentially harmful content"),
    "hate_speech": _("hate speech"),
    "privacy": _("privacy"),
    "reputation": _("online reputation"),
    "advertising": _("advertising"),
    "technical": _("technical settings"),
    "media_literacy": _("media literacy"),
    "gaming": _("games"),
    "sexting": _("sexting"),
    "pornography": _("pornography"),
    "suicide": _("suicide"),
    "self_harm": _("self-harm"),
    "fake_news": _("false news"),
    "radicalisation": _("radicalisation or terrorism"),
    "other": _("other"),
}


@dataclass(frozen=True)
class Mapping:
    """What became of a category of the set before: its successors, and whether it was renamed or split."""

    to: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class CategorySet:
    """A version of the agreed categories. `checked`: compared with the official list."""

    version: str
    since: date
    checked: bool
    source: str
    categories: tuple[str, ...]
    mapped: dict[str, Mapping]


@cache
def sets() -> tuple[CategorySet, ...]:
    """Every set, the oldest first."""
    read = tomllib.loads(FILE.read_text())["set"]
    return tuple(
        CategorySet(
            version=one["version"],
            since=one["from"],
            checked=one["checked"],
            source=one["source"],
            categories=tuple(one["categories"]),
            mapped={name: Mapping(tuple(said["to"]), said["kind"]) for name, said in one.get("map", {}).items()},
        )
        for one in read
    )


def set_of(day: date) -> CategorySet:
    """The set that applies on a day; the oldest before it."""
    return next((one for one in reversed(sets()) if one.since <= day), sets()[0])


def breaks(before: CategorySet, after: CategorySet) -> list[str]:
    """Categories of the later set whose counts cannot be compared with those of the earlier one."""
    if before.version == after.version:
        return []
    changed = {name for said in after.mapped.values() for name in said.to}
    return sorted((set(after.categories) - set(before.categories)) | changed)
