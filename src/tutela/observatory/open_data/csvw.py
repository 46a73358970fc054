"""CSVW metadata of a dataset (W3C Recommendation "Metadata Vocabulary for Tabular Data", 2015)."""

from __future__ import annotations

import json
from typing import Any

from tutela.observatory.open_data.dataset import Dataset


def metadata(dataset: Dataset, address: str) -> dict[str, Any]:
    """The metadata document of the CSV at an address."""
    columns = [
        {
            "name": one.name,
            "titles": {"en": one.name},
            "dc:title": one.title,
            "dc:description": one.text,
            "datatype": one.datatype,
            "required": one.required,
        }
        for one in dataset.columns
    ]
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": address,
        "dc:title": dataset.title,
        "dc:description": dataset.text,
        "dc:license": {"@id": dataset.licence},
        "dc:modified": {"@value": dataset.modified.isoformat(), "@type": "xsd:date"},
        "dc:source": dataset.source,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n", "\n"]},
        "tableSchema": {"columns": columns},
    }


def as_json(dataset: Dataset, address: str) -> bytes:
    """The metadata as a file."""
    return json.dumps(metadata(dataset, address), ensure_ascii=False, indent=1).encode()
