"""A case as JSON-LD in the ontology CASE/UCO 1.4: the investigation, the authorisation, the examination, its findings.

Identifiers are derived from the case, so that the same rows give the same bytes. Findings are the items that a list or
a person spoke of; further classes can be asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO
from uuid import uuid5

from tutela.forensics.case_folder.case import Case
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.exports.item_rows import item_rows
from tutela.forensics.grades.grade_book import GradeBook
from tutela.forensics.items.classes import LISTED, ItemClass

VERSION = "1.4.0"
FINDINGS = (*LISTED, ItemClass.SAME_SERIES)
CONTEXT = {
    "kb": "http://example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_HASHES = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA256"}


def write_case_uco(case: Case, out: TextIO, *, classes: tuple[str, ...] = FINDINGS) -> int:
    """Write the case and return the number of findings. Raises DisputedError while a grade is disputed."""
    GradeBook(case).require_no_dispute()
    out.write('{"@context":' + _text(CONTEXT) + ',"@graph":[')
    heads = _heads(case)
    out.write(",\n".join(map(_text, heads)))
    findings = list[str]()
    for row in item_rows(case, classes):
        if not row["sha256"]:
            continue
        finding = _finding(case, row)
        findings.append(finding["@id"])
        out.write(",\n" + _text(finding))
    out.write(",\n" + _text(_provenance(case, findings)) + "]}\n")
    return len(findings)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _id(case: Case, kind: str, name: str) -> str:
    return f"kb:{kind}-{uuid5(case.case_id, f'{kind}:{name}')}"


def _heads(case: Case) -> list[dict[str, Any]]:
    """Investigation, authorisation, authority, tool and examination."""
    allowed, figures = case.allowed, CaseFigures.of_case(case)
    authorisation, examination = _id(case, "authorization", ""), _id(case, "investigative-action", "")
    authority, tool = _id(case, "organization", ""), _id(case, "tool", "")
    return [
        {
            "@id": _id(case, "investigation", ""),
            "@type": "case-investigation:Investigation",
            "uco-core:name": allowed.reference,
            "case-investigation:focus": allowed.offence,
            "case-investigation:relevantAuthorization": {"@id": authorisation},
            "uco-core:object": [{"@id": examination}, {"@id": _id(case, "provenance-record", "")}],
        },
        {
            "@id": authorisation,
            "@type": "case-investigation:Authorization",
            "uco-core:name": allowed.authority,
            "case-investigation:authorizationIdentifier": [allowed.reference],
            "case-investigation:authorizationType": allowed.authority,
        },
        {"@id": authority, "@type": "uco-identity:Organization", "uco-core:name": allowed.authority},
        {"@id": tool, "@type": "uco-tool:Tool", "uco-core:name": "Tutela"},
        {
            "@id": examination,
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "Triage",
            "uco-core:tag": [f"state:{figures.state}"],
            **({"uco-core:description": [f"Incomplete: {one}" for one in figures.lost]} if figures.lost else {}),
            "uco-action:performer": {"@id": authority},
            "uco-action:instrument": [{"@id": tool}],
            "uco-action:result": [{"@id": _id(case, "provenance-record", "")}],
        },
    ]


def _provenance(case: Case, findings: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "@id": _id(case, "provenance-record", ""),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": case.allowed.reference,
    }
    return record | ({"uco-core:object": [{"@id": one} for one in findings]} if findings else {})


def _finding(case: Case, row: dict[str, Any]) -> dict[str, Any]:
    name = str(row["id"])
    facets = [_file_facet(case, row, name), _content_facet(case, row, name)]
    said = list(_tags(row))
    return {
        "@id": _id(case, "file", name),
        "@type": "uco-observable:File",
        **({"uco-core:tag": said} if said else {}),
        "uco-core:hasFacet": facets,
    }


def _tags(row: dict[str, Any]) -> Iterator[str]:
    """Class, and grades of people; what a list proposes is marked as a proposal."""
    yield f"class:{row['class']}"
    if row["category"]:
        yield f"proposed:{row['category']}"
    if row["grade"]:
        yield f"grade:{row['grade']}"
        yield f"authenticity:{row['authenticity']}"


def _file_facet(case: Case, row: dict[str, Any], name: str) -> dict[str, Any]:
    facet: dict[str, Any] = {
        "@id": _id(case, "file-facet", name),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": row["path"].rpartition("/")[2],
        "uco-observable:filePath": f"{row['device']}/{row['path']}",
        "uco-observable:sizeInBytes": _integer(row["size"]),
    }
    for member, column in (("modifiedTime", "modified"), ("observableCreatedTime", "created")):
        if row[column]:
            facet[f"uco-observable:{member}"] = {"@type": "xsd:dateTime", "@value": row[column]}
    return facet


def _content_facet(case: Case, row: dict[str, Any], name: str) -> dict[str, Any]:
    facet: dict[str, Any] = {
        "@id": _id(case, "content-data-facet", name),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:sizeInBytes": _integer(row["size"]),
        "uco-observable:hash": [_hash(case, kind, row[kind], name) for kind in _HASHES],
    }
    if row["format"].isalnum():
        facet["uco-observable:mimeType"] = f"{'video' if row['kind'] == 'video' else 'image'}/{row['format'].lower()}"
    return facet


def _hash(case: Case, kind: str, value: str, name: str) -> dict[str, Any]:
    return {
        "@id": _id(case, "hash", f"{name}:{kind}"),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": _HASHES[kind],
        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": value.upper()},
    }


def _integer(value: int) -> dict[str, str]:
    return {"@type": "xsd:integer", "@value": str(value)}
