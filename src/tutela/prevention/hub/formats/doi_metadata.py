"""Metadata of DOIs as JSON: Crossref's answers, lists of them, and CSL.

A retraction is told in two places: `updated-by` of the retracted work, and `update-to` of the notice that retracts it.
A notice is read as the retracted work, so that its import ends what the work counted for.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from tutela.prevention.hub.formats import plain
from tutela.prevention.knowledge.studies import StudyInput
from tutela.prevention.models import StudyStatus

RETRACTING = frozenset({"retraction", "withdrawal", "removal"})


def read(text: str) -> list[StudyInput]:
    """Studies of a file. Raises `ValueError` and what broken values raise."""
    data = json.loads(text)
    items = data.get("message", data) if isinstance(data, dict) else data
    items = items.get("items", items) if isinstance(items, dict) else items
    return [_study(one) for one in (items if isinstance(items, list) else [items])]


def _study(item: dict[str, Any]) -> StudyInput:
    issued = (item.get("issued") or {}).get("date-parts") or [[]]
    parts = [int(one) for one in issued[0] if one is not None][:3]
    retracts = _retracting(item, "update-to")
    doi = plain.plain(retracts[0] if retracts else item.get("DOI"), 220)
    retracted = bool(retracts or _retracting(item, "updated-by"))
    return replace(
        plain.EMPTY,
        title=plain.plain(_first(item.get("title")), plain.LONGEST_TITLE),
        authors=plain.names([_person(one) for one in item.get("author") or []]),
        journal=plain.plain(_first(item.get("container-title")), plain.LONGEST_JOURNAL),
        abstract=plain.plain(item.get("abstract"), plain.LONGEST_ABSTRACT),
        year=parts[0] if parts else None,
        published=date(*parts) if len(parts) == 3 else None,
        doi=doi,
        language=plain.language(item.get("language")),
        status=StudyStatus.RETRACTED if retracted else StudyStatus.PUBLISHED,
        funding=plain.plain(
            ", ".join(str(one.get("name", "")) for one in item.get("funder") or []), plain.LONGEST_LINE
        ),
        source=f"import:doi:{doi}"[: plain.LONGEST_LINE],
    )


def _retracting(item: dict[str, Any], name: str) -> list[str]:
    """DOIs of a list of updates that retract."""
    return [str(one.get("DOI", "")) for one in item.get(name) or [] if one.get("type") in RETRACTING]


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) and value else value or "")


def _person(one: dict[str, Any]) -> str:
    return str(one.get("literal") or one.get("name") or f"{one.get('family', '')} {one.get('given', '')}")
