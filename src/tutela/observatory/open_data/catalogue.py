"""The catalogue of datasets in DCAT-AP 3.0.1, as JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tutela.observatory.open_data.dataset import Dataset

_AUTHORITY = "http://publications.europa.eu/resource/authority"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_MEDIA = "http://www.iana.org/assignments/media-types"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#",
    "spdx": "http://spdx.org/rdf/terms#",
}
_FORMATS = (
    ("csv", "CSV", "text/csv"),
    ("json", "JSON", "application/json"),
    ("parquet", "PARQUET", "application/vnd.apache.parquet"),
)


@dataclass(frozen=True)
class Publisher:
    """Who publishes the catalogue, with an address to write to."""

    name: str
    address: str
    contact: str


def catalogue(datasets: Sequence[Dataset], publisher: Publisher) -> dict[str, Any]:
    """The catalogue as a JSON-LD document."""
    base = publisher.address.rstrip("/")
    agent = {"@id": f"{base}/#publisher", "@type": "foaf:Agent", "foaf:name": publisher.name}
    return {
        "@context": CONTEXT,
        "@id": f"{base}/open-data/",
        "@type": "dcat:Catalog",
        "dct:title": _english("Figures"),
        "dct:description": _english("Figures with their definitions, sources and versions."),
        "dct:publisher": agent,
        "dct:language": _concept("language/ENG", "dct:LinguisticSystem"),
        "dct:license": _licence("https://creativecommons.org/licenses/by/4.0/"),
        "foaf:homepage": _typed(f"{base}/open-data/", "foaf:Document"),
        "dct:modified": _date(max((one.modified for one in datasets), default=None)),
        "dcat:themeTaxonomy": {
            **_concept("data-theme", f"{_SKOS}ConceptScheme"),
            "dct:title": _english("Data theme"),
        },
        "dcat:dataset": [_dataset(one, base, agent, publisher) for one in datasets],
    }


def as_json(datasets: Sequence[Dataset], publisher: Publisher) -> bytes:
    """The catalogue as a file."""
    return json.dumps(catalogue(datasets, publisher), ensure_ascii=False, indent=1).encode()


def _dataset(dataset: Dataset, base: str, agent: dict[str, Any], publisher: Publisher) -> dict[str, Any]:
    page = f"{base}/open-data/{dataset.slug}/"
    found: dict[str, Any] = {
        "@id": page,
        "@type": "dcat:Dataset",
        "dct:title": _english(dataset.title),
        "dct:description": _english(dataset.text),
        "dct:identifier": f"{dataset.slug}@{dataset.version}",
        "dcat:version": dataset.version,
        "dct:publisher": {"@id": agent["@id"]},
        "dct:modified": _date(dataset.modified),
        "dct:language": _concept("language/ENG", "dct:LinguisticSystem"),
        "dct:accrualPeriodicity": _concept(f"frequency/{dataset.frequency}", "dct:Frequency"),
        "dct:accessRights": _concept("access-right/PUBLIC", "dct:RightsStatement"),
        "dcat:theme": {
            **_concept("data-theme/JUST", f"{_SKOS}Concept"),
            f"{_SKOS}prefLabel": _english("Justice, legal system and public safety"),
        },
        "dcat:keyword": [_english("child protection"), _english("statistics")],
        "dcat:landingPage": _typed(page, "foaf:Document"),
        "dcat:contactPoint": {
            "@id": f"{base}/#contact",
            "@type": "vcard:Kind",
            "vcard:fn": publisher.name,
            "vcard:hasEmail": {"@id": f"mailto:{publisher.contact}"},
        },
        "dcat:distribution": [_distribution(dataset, page, *one) for one in _FORMATS],
    }
    if dataset.source:
        found["dct:provenance"] = {
            "@id": f"{page}#source",
            "@type": "dct:ProvenanceStatement",
            "http://www.w3.org/2000/01/rdf-schema#label": _english(dataset.source),
        }
    return found


def _distribution(dataset: Dataset, page: str, ending: str, form: str, media: str) -> dict[str, Any]:
    address = f"{page}{dataset.version}/data.{ending}"
    made: dict[str, Any] = {
        "@id": f"{address}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _english(f"{dataset.title} ({form})"),
        "dcat:accessURL": {"@id": page},
        "dcat:downloadURL": {"@id": address},
        "dct:license": _licence(dataset.licence),
        "dct:format": _concept(f"file-type/{form}", "dct:MediaTypeOrExtent"),
        "dcat:mediaType": _typed(f"{_MEDIA}/{media}", "dct:MediaType"),
        "dct:modified": _date(dataset.modified),
    }
    if ending == "csv":
        made["dct:conformsTo"] = _typed("https://www.w3.org/TR/tabular-metadata/", "dct:Standard")
    return made


def _english(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "en"}


def _typed(address: str, kind: str) -> dict[str, str]:
    return {"@id": address, "@type": kind}


def _concept(name: str, kind: str) -> dict[str, str]:
    return _typed(f"{_AUTHORITY}/{name}", kind)


def _licence(address: str) -> dict[str, str]:
    return _typed(address, "dct:LicenseDocument")


def _date(day: Any) -> dict[str, str]:
    return {"@value": day.isoformat() if day else "1970-01-01", "@type": "xsd:date"}
