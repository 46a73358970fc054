"""Open data holds for foreign programs: the official SHACL shapes of DCAT-AP, and a CSVW reader."""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pyshacl
import pytest
from csvw import CSVW
from rdflib import Graph

from tests.support.tree import ROOT
from tutela.observatory.open_data import catalogue, csvw, parquet
from tutela.observatory.open_data.catalogue import Publisher
from tutela.observatory.open_data.dataset import DataColumn, Dataset

SHAPES = ROOT / "tests" / "conformance" / "schemas" / "dcat-ap"
COLUMNS = (
    DataColumn("organisation", "Organisation", "string", "Who", required=True),
    DataColumn("day", "Day", "date", "When", required=True),
    DataColumn("value", "Value", "integer", "How many"),
    DataColumn("low", "Low", "double", "At least"),
)
DATASETS = [
    Dataset(
        "a",
        "First",
        "One.",
        COLUMNS,
        (("Hotline, Ireland", "2026-11-30", 7, 0.25), ("=X", "2026-11-29", None, None)),
        date(2026, 11, 30),
        "IRREG",
    ),
    Dataset("b", "Second", "Two.", COLUMNS, (), date(2026, 11, 1), "NEVER", source="Somebody"),
]
PUBLISHER = Publisher("Centre", "https://centre.example", "open@centre.example")


def conforms(document: dict[str, Any], shapes: str) -> bool:
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    shape = Graph().parse(SHAPES / shapes, format="turtle")
    return bool(pyshacl.validate(graph, shacl_graph=shape, inference="none")[0])


@pytest.mark.parametrize("shapes", ["dcat-ap-SHACL.ttl", "range.ttl"])
def test_the_catalogue_conforms_to_the_official_shapes(shapes: str) -> None:
    assert conforms(catalogue.catalogue(DATASETS, PUBLISHER), shapes)


@pytest.mark.parametrize("missing", ["dct:title", "dct:description"])
def test_the_shapes_find_what_a_catalogue_lacks(missing: str) -> None:
    document = catalogue.catalogue(DATASETS, PUBLISHER)
    del document["dcat:dataset"][0][missing]
    assert not conforms(document, "dcat-ap-SHACL.ttl")


def test_the_shapes_are_those_of_the_readme() -> None:
    text = (SHAPES / "README.md").read_text()
    found = re.findall(r"`([\w-]+\.ttl)` .*`([0-9a-f]{64})`", text)
    assert len(found) == 2
    for name, digest in found:
        assert hashlib.sha256((SHAPES / name).read_bytes()).hexdigest() == digest


def test_a_foreign_csvw_reader_reads_types_and_empty_cells(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_bytes(DATASETS[0].as_csv())
    document = csvw.metadata(DATASETS[0], "data.csv")
    (tmp_path / "data.csv-metadata.json").write_text(json.dumps(document))
    read = CSVW(str(tmp_path / "data.csv-metadata.json"), validate=True)
    assert read.is_valid
    rows = list(read.tables[0])
    assert [row["value"] for row in rows] == [7, None]
    assert str(rows[0]["day"]).startswith("2026-11-30")
    assert rows[0]["organisation"] == "Hotline, Ireland"


def test_a_foreign_reader_of_parquet_reads_types_and_empty_cells() -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(parquet.as_parquet(DATASETS[0])))
    assert [str(field.type) for field in table.schema] == ["string", "date32[day]", "int64", "double"]
    assert table.to_pylist() == [
        {"organisation": "Hotline, Ireland", "day": date(2026, 11, 30), "value": 7, "low": 0.25},
        {"organisation": "=X", "day": date(2026, 11, 29), "value": None, "low": None},
    ]
    assert pyarrow.parquet.read_table(io.BytesIO(parquet.as_parquet(DATASETS[1]))).num_rows == 0


def test_a_foreign_csvw_reader_refuses_a_wrong_type(tmp_path: Path) -> None:
    wrong = Dataset("w", "W", "W.", COLUMNS, (("A", "soon", 1, None),), date(2026, 11, 30), "NEVER")
    (tmp_path / "data.csv").write_bytes(wrong.as_csv())
    (tmp_path / "data.csv-metadata.json").write_text(json.dumps(csvw.metadata(wrong, "data.csv")))
    assert not CSVW(str(tmp_path / "data.csv-metadata.json"), validate=True).is_valid
