"""Versioned sets of categories, read from the data file.

Two sets are never compared: each return is of one set. Names are codes of the file; `LABELS` has their words.
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
class CategorySet:
    """A version of the agreed categories."""

    version: str
    since: date
    source: str
    categories: tuple[str, ...]


@cache
def sets() -> tuple[CategorySet, ...]:
    """Every set, the oldest first."""
    read = tomllib.loads(FILE.read_text())["set"]
    return tuple(
        CategorySet(
            version=one["version"],
            since=one["from"],
            source=one["source"],
            categories=tuple(one["categories"]),
        )
        for one in read
    )


def set_of(day: date) -> CategorySet:
    """The set that applies on a day; the oldest before it."""
    return next((one for one in reversed(sets()) if one.since <= day), sets()[0])
