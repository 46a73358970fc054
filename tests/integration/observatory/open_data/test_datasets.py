"""Datasets of a node are the same in every format, and keep their version while their rows are the same."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pyarrow.parquet
import pytest

from tests.support.cast import Cast
from tutela.observatory.errors import UnknownDataset
from tutela.observatory.open_data import datasets, parquet


@pytest.mark.parametrize("slug", ["definitions", "breaks", "claims", "ncmec-reports-by-country"])
def test_every_dataset_is_the_same_in_all_formats(slug: str) -> None:
    found = datasets.dataset(slug)
    rows = pyarrow.parquet.read_table(io.BytesIO(parquet.as_parquet(found))).to_pylist()
    plain = [{name: str(one) if isinstance(one, date) else one for name, one in row.items()} for row in rows]
    assert plain == json.loads(found.as_json())
    assert len(list(csv.reader(io.StringIO(found.as_csv().decode())))) == len(rows) + 1


def test_a_version_is_found_again_and_an_unknown_one_is_not(cast: Cast) -> None:
    found = datasets.dataset("breaks")
    assert datasets.version_of("breaks", found.version).rows == found.rows
    for slug, version in (("breaks", "0" * 16), ("nothing", found.version)):
        with pytest.raises(UnknownDataset):
            datasets.version_of(slug, version)
