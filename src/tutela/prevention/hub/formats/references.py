"""Files of reference managers, read by kept libraries: RIS by rispy, BibTeX by bibtexparser.

An entry that the library cannot read is left out; a file without a readable one is refused by the caller.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware

from tutela.prevention.hub.formats import plain
from tutela.prevention.knowledge.studies import StudyInput

_YEAR = re.compile(r"\d{4}")


def read_ris(text: str) -> list[StudyInput]:
    """Studies of a RIS file. Raises what a broken file raises."""
    return [_of_ris(one) for one in rispy.loads(text.lstrip("\ufeff"), skip_unknown_tags=True)]


def read_bibtex(text: str) -> list[StudyInput]:
    """Studies of a BibTeX file. Commands of TeX are read as the letters that they stand for."""
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    return [
        _of_bibtex({name.lower(): field.value for name, field in one.fields_dict.items()}) for one in library.entries
    ]


def _of_ris(given: dict[str, Any]) -> StudyInput:
    doi = plain.plain(given.get("doi"), 220)
    return _study(
        title=given.get("title") or given.get("primary_title"),
        authors=[*given.get("authors", []), *given.get("first_authors", [])],
        journal=given.get("journal_name") or given.get("secondary_title") or given.get("alternate_title3"),
        abstract=given.get("abstract") or given.get("notes_abstract"),
        year=given.get("year") or given.get("publication_year") or given.get("date"),
        doi=doi,
        publication=(given.get("urls") or [""])[0],
        language=given.get("language"),
        source="import:ris",
    )


def _of_bibtex(given: dict[str, Any]) -> StudyInput:
    return _study(
        title=_without_braces(given.get("title")),
        authors=re.split(r"\s+and\s+", _without_braces(given.get("author"))),
        journal=_without_braces(given.get("journal") or given.get("journaltitle")),
        abstract=_without_braces(given.get("abstract")),
        year=given.get("year") or given.get("date"),
        doi=plain.plain(given.get("doi"), 220),
        publication=given.get("url"),
        language=given.get("langid") or given.get("language"),
        source="import:bibtex",
    )


def _study(**given: Any) -> StudyInput:
    year = _YEAR.match(str(given["year"] or ""))
    return replace(
        plain.EMPTY,
        title=plain.plain(given["title"], plain.LONGEST_TITLE),
        authors=plain.names(list(given["authors"])),
        journal=plain.plain(given["journal"], plain.LONGEST_JOURNAL),
        abstract=plain.plain(given["abstract"], plain.LONGEST_ABSTRACT),
        year=int(year[0]) if year else None,
        doi=given["doi"],
        publication="" if given["doi"] else plain.plain(given["publication"], plain.LONGEST_LINE),
        language=plain.language(given["language"]),
        source=given["source"],
    )


def _without_braces(value: object) -> str:
    return str(value or "").replace("{", "").replace("}", "")
