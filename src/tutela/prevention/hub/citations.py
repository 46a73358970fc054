"""Citations of studies as RIS, BibTeX and CSL-JSON, for other people's reference managers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from tutela.prevention.models import StudyEdition

# A line break in a value would begin another field.
_BREAKS = re.compile(r"[\r\n\t\0]+")
_SPECIAL = re.compile(r"([\\{}%&#$_^~])")


def ris(rows: Iterable[StudyEdition]) -> str:
    """RIS, one record a study."""
    return "".join(_ris(one) for one in rows)


def bibtex(rows: Iterable[StudyEdition]) -> str:
    """BibTeX, one entry a study. Characters with a meaning in TeX are escaped."""
    return "\n".join(_bibtex(one) for one in rows)


def csl_json(rows: Iterable[StudyEdition]) -> str:
    """CSL-JSON, as citation processors read it."""
    return json.dumps([_csl(one) for one in rows], ensure_ascii=False, indent=1)


FORMATS: dict[str, tuple[Callable[[Iterable[StudyEdition]], str], str]] = {
    "ris": (ris, "application/x-research-info-systems"),
    "bib": (bibtex, "application/x-bibtex"),
    "json": (csl_json, "application/vnd.citationstyles.csl+json"),
}


def _ris(one: StudyEdition) -> str:
    fields = [("TY", "JOUR" if one.journal else "GEN"), ("TI", one.title)]
    fields += [("AU", author) for author in one.authors]
    fields += [("PY", str(one.year or "")), ("JO", one.journal), ("DO", one.study.doi), ("AB", one.abstract)]
    fields += [("AN", one.study.registration), ("LA", one.language)]
    lines = [f"{name}  - {_line(value)}" for name, value in fields if value]
    return "\n".join([*lines, "ER  - ", ""]) + "\n"


def _bibtex(one: StudyEdition) -> str:
    fields = {
        "title": one.title,
        "author": " and ".join(one.authors),
        "year": str(one.year or ""),
        "journal": one.journal,
        "doi": one.study.doi,
        "note": one.study.registration,
    }
    kind = "article" if one.journal else "misc"
    body = "".join(f"  {name} = {{{_tex(name, value)}}},\n" for name, value in fields.items() if value)
    return f"@{kind}{{study-{str(one.study_id)[-12:]},\n{body}}}\n"


def _csl(one: StudyEdition) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(one.study_id),
        "type": "article-journal" if one.journal else "report",
        "title": one.title,
        "author": [{"literal": author} for author in one.authors],
        "container-title": one.journal,
        "DOI": one.study.doi,
        "number": one.study.registration,
        "language": one.language,
    }
    if one.year:
        found["issued"] = {"date-parts": [[one.year]]}
    return {name: value for name, value in found.items() if value}


def _line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _tex(name: str, text: str) -> str:
    plain = _line(text)
    return plain if name == "doi" else _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], f"\\{found[0]}"), plain)


_ESCAPED = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
