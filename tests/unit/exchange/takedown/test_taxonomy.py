"""Taxonomies: no letter alone, mappings with a direction, and files that say no more than names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tutela.exchange.takedown.taxonomy import (
    SHIPPED,
    Relation,
    Taxonomy,
    TaxonomyInvalidError,
    is_known,
    mapped,
    read_taxonomy,
    shipped_taxonomy,
)

FILE: dict[str, Any] = {
    "namespace": "example",
    "version": "1",
    "names": {"en": "Example", "de": "Beispiel"},
    "groups": [{"group_id": "categorisation", "names": {"en": "Categorisation"}}],
    "labels": [
        {
            "label_id": "example:one",
            "group": "categorisation",
            "names": {"en": "One"},
            "mappings": [
                {"to": "interpol:baseline", "relation": "broader", "name": "example-1"},
                {"to": "other:one", "relation": "exact", "name": "example-1"},
            ],
        }
    ],
}


def read(value: dict[str, Any]) -> Taxonomy:
    return read_taxonomy(json.dumps(value).encode())


def label(**change: Any) -> dict[str, Any]:
    return FILE | {"labels": [FILE["labels"][0] | change]}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (label(label_id="A"), "scheme:value"),
        (label(label_id="other:two"), "namespace"),
        (label(group="none"), "group"),
        (label(names={"de": "Eins"}), "English"),
        (label(mappings=[{"to": "A1", "relation": "exact", "name": "x"}]), "scheme:value"),
        (label(mappings=[{"to": "example:two", "relation": "exact", "name": "x"}]), "another scheme"),
        (label(mappings=[{"to": "other:two", "relation": "same", "name": "x"}]), "relation"),
        (FILE | {"labels": FILE["labels"] * 2}, "twice"),
        (FILE | {"groups": []}, "groups"),
        (FILE | {"description": "x"}, "description"),
    ],
)
def test_a_refusal_names_field_and_reason(value: dict[str, Any], reason: str) -> None:
    with pytest.raises(TaxonomyInvalidError, match=reason):
        read(value)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 1, "a": 2}', b" " * 6_000_000])
def test_a_file_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(TaxonomyInvalidError):
        read_taxonomy(data)


def test_only_exact_mappings_hold_in_both_directions() -> None:
    ours = [read(FILE)]
    (found,) = mapped("example:one", "interpol", ours)
    assert (found.label, found.relation, found.one_way, found.mapping) == (
        "interpol:baseline",
        Relation.BROADER,
        True,
        "example-1",
    )
    assert not mapped("interpol:baseline", "example", ours)
    (back,) = mapped("other:one", "example", ours)
    assert (back.label, back.one_way) == ("example:one", False)
    with pytest.raises(ValueError, match="scheme:value"):
        mapped("A", "interpol", ours)


def test_shipped_files_have_names_only() -> None:
    shipped = {name: shipped_taxonomy(name) for name in SHIPPED}
    assert not shipped["ucs"].labels
    assert [one.group_id for one in shipped["ucs"].groups] == ["categorisation", "investigative", "demographic"]
    assert is_known("uk-1978:A", shipped.values())
    assert not is_known("ncmec:A1", shipped.values())
    assert [one.label for one in mapped("interpol:baseline", "iccam", shipped.values())] == ["iccam:1"]
    assert [one.label for one in mapped("iccam:1", "interpol", shipped.values())] == ["interpol:baseline"]
    assert not mapped("uk-1978:A", "ncmec", shipped.values())
    assert all(len(text) < 60 for one in shipped.values() for each in one.labels for text in each.names.values())
    with pytest.raises(TaxonomyInvalidError):
        shipped_taxonomy("../interpol")
