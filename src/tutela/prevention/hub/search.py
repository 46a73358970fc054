"""Search of the hub in the reader's language, in English, and by whole words, with words of the same meaning.

The index has no owner and no policy, so that PostgreSQL uses it; all of it is published. Harm and no effect come first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from operator import and_, or_
from pathlib import Path

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from tutela.prevention.knowledge.hub_index import WHOLE_WORDS, configuration
from tutela.prevention.models import HubEntry

ROWS, MOST_WORDS, MOST_COUNTED = 20, 12, 1000
LONGEST_QUERY = 200
FACETS = ("kind", "stage", "target", "setting", "country", "grade", "design", "status")


@dataclass(frozen=True)
class HubSearch:
    """What a reader looks for. A facet of an unknown code finds nothing and is no error."""

    words: str = ""
    language: str = "en"
    facets: Mapping[str, str] = field(default_factory=dict)
    page: int = 1


@dataclass(frozen=True)
class HubPage:
    """Entries of one page; `total` is at most 1,000, and `more` says that there are further ones."""

    rows: list[HubEntry]
    total: int
    more: bool
    page: int
    has_next: bool


def search(wanted: HubSearch) -> HubPage:
    """Entries that fit, harm and no effect first, then by name."""
    found = _filtered(wanted)
    start = (max(1, wanted.page) - 1) * ROWS
    rows = list(found.order_by("rank", "title", "id").defer("vector")[start : start + ROWS + 1])
    total = found[: MOST_COUNTED + 1].count()
    return HubPage(rows[:ROWS], min(total, MOST_COUNTED), total > MOST_COUNTED, wanted.page, len(rows) > ROWS)


def matching(wanted: HubSearch, most: int | None = None) -> list[HubEntry]:
    """Entries that fit, or the first of them, for an export or a question."""
    return list(_filtered(wanted).order_by("rank", "title", "id").defer("vector")[:most])


def read(given: Mapping[str, str], language: str, page: int) -> HubSearch:
    """What an address asks for."""
    facets = {name: given[name][:40].replace("\0", " ") for name in FACETS if given.get(name)}
    return HubSearch(given.get("q", "")[:LONGEST_QUERY].replace("\0", " ").strip(), language, facets, page)


def _filtered(wanted: HubSearch) -> QuerySet[HubEntry]:
    rows = HubEntry.objects.all()
    facets = dict(wanted.facets)
    if kind := facets.pop("kind", ""):
        rows = rows.filter(kind=kind)
    if facets:
        rows = rows.filter(facets__contains=[f"{name}:{code}" for name, code in facets.items()])
    query = _query(wanted.words, wanted.language)
    return rows if query is None else rows.filter(vector=query)


def _query(words: str, language: str) -> SearchQuery | None:
    """All words, each in any form and with its synonyms; None without a word."""
    tokens = [one for one in words.casefold().split() if any(map(str.isalnum, one))][:MOST_WORDS]
    if not tokens:
        return None
    configurations = dict.fromkeys((configuration(language), configuration("en"), WHOLE_WORDS))
    return reduce(and_, (_any_form(one, configurations) for one in tokens))


def _any_form(word: str, configurations: Collection[str]) -> SearchQuery:
    forms = _synonyms().get(word, (word,))
    return reduce(
        or_, (SearchQuery(one, config=config, search_type="plain") for one in forms for config in configurations)
    )


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = tomllib.loads((Path(__file__).parent / "synonyms.toml").read_text())["groups"]
    return {word: tuple(group) for group in groups for word in group}
