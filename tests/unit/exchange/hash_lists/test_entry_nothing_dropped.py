"""No format drops anything unseen: what is set is read, or written, or counted in `left` by its name."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela import clock
from tutela.exchange.hash_lists import icse, mapped_columns, pairs, stix_reader, stix_writer, vics_reader, vics_writer
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed
from tutela.exchange.message.spreadsheet_cells import cell

AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)
MD5, CLASS = "0123456789ABCDEF0123456789ABCDEF", "eu-2011-93:known-material"
# What a spreadsheet would run is changed on purpose, at every sign where it may split (`cell`).
words = (
    st.text("abc äß=;,\"'%\n~", min_size=1, max_size=20)
    .map(str.strip)
    .filter(lambda t: t and cell(t, separator=";") == t)
)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "victim_identified": st.booleans(),
    "distributed": st.booleans(),
    "baseline": st.booleans(),
    "file_available": st.booleans(),
    "submissions": st.integers(0, 10**8),
    "size": st.integers(0, 10**12),
    "comments": words,
    "tags": words.filter(lambda t: ";" not in t),
    "markings": words,
    "confidence": st.integers(0, 100),
    "media_id": st.integers(0, 10**9),
    "source": words,
    "mime_type": st.just("image/png"),
}
entries = st.builds(
    Listed,
    st.text("abcI-0123", min_size=1, max_size=12).filter(lambda t: t[0] != "-"),
    st.fixed_dictionaries(
        {"md5": st.just((MD5.lower(),))},
        optional={
            "sha256": st.just(("1" * 64,)),
            "pdq": st.just(("5a" * 32,)),
            "window": st.just(("3c" * 32,)),
            "structure": st.just(("3c" * 64,)),
        },
    ),
    st.sampled_from(["image", "video"]),
    st.none() | st.integers(0, 100),
    st.sampled_from(["", CLASS]),
    st.just("") | words,
    st.just("") | words,
    st.none() | st.just(AT),
    st.fixed_dictionaries({}, optional=FACTS),
)
FORMATS: dict[str, tuple[Any, Any]] = {
    "vics-1.3": (lambda: vics_writer.VicsWriter("1.3", {}), vics_reader.VicsReader),
    "vics-2.0": (lambda: vics_writer.VicsWriter("2.0", {}), vics_reader.VicsReader),
    "icse": (icse.IcseWriter, icse.IcseReader),
    "stix": (lambda: stix_writer.StixWriter("Centre", clock.now()), stix_reader.StixReader),
    "csv": (
        lambda: mapped_columns.MappedWriter(lines_of_json=False),
        lambda: mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False),
    ),
    "jsonl": (
        lambda: mapped_columns.MappedWriter(lines_of_json=True),
        lambda: mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=True),
    ),
}


def read(reader: Any, text: str) -> list[Any]:
    return list(reader.read(io.StringIO(text)))


def written(writer: Any, one: Listed) -> str:
    out = io.StringIO()
    writer.write(out, [one])
    return out.getvalue()


def said(one: Listed) -> dict[str, Any]:
    names = {
        "number": one.key,
        "quality": one.quality,
        "classification": one.classification,
        "series": one.series,
        "reason": one.reason,
        "time": one.at,
        **one.facts,
    }
    if str(one.facts.get("media_id")) == one.key:
        # The same thing by two names.
        del names["media_id"]
    return {name: value for name, value in names.items() if value not in (None, "")} | dict(one.hashes)


def moved(form: str, name: str, value: Any, again: dict[str, Any], text: str) -> bool:
    """Where a format puts a thing elsewhere than among its own: a reason among the comments, a time as `updated`."""
    if form.startswith("vics"):
        return (name == "reason" and value in again.get("comments", "")) or (
            name == "comments" and again.get("comments", "").startswith(value)
        )
    return form == "stix" and (
        (name == "number" and again.get("name") == value) or (name == "time" and "2026-02" in text)
    )


@pytest.mark.parametrize("form", FORMATS)
@given(one=entries)
def test_what_is_set_is_written_or_counted(form: str, one: Listed) -> None:
    writer, reader = (make() for make in FORMATS[form])
    text = written(writer, one)
    (again,) = read(reader, text)
    assert isinstance(again, Listed), again
    found, left = said(again), {*writer.left.names, *reader.left.names}
    for name, value in said(one).items():
        noted = name in left or (name == "classification" and any(note.startswith("class") for note in left))
        assert noted or found.get(name) == value or moved(form, name, value, found, text), (name, value, left, text)
    assert again.media_type == one.media_type or any(note.startswith("media type") for note in left)


@given(one=entries)
def test_pairs_for_hma_are_hashes_alone_and_all_else_is_counted(one: Listed) -> None:
    writer = pairs.PairsWriter()
    text = written(writer, one)
    for name, value in said(one).items():
        carried = name in one.hashes and value[0] in text
        assert carried or name in writer.left.names or any(note.startswith(f"{name} of") for note in writer.left.names)


values = st.recursive(
    st.booleans() | st.integers(-5, 10**20) | st.text(min_size=1, max_size=8) | st.just("x" * 1200),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2) | st.dictionaries(st.text(max_size=5), inner, min_size=1, max_size=2)
    ),
    max_leaves=3,
).filter(lambda value: not isinstance(value, str) or bool(value.strip()))


def outcome(reader: Any, text: str) -> Any:
    found = read(reader, text)
    return [(one, one.facts) if isinstance(one, Listed) else one for one in found], reader.left.names


@given(
    st.sampled_from(
        [
            *vics_reader.FLAGS.values(),
            *vics_reader.TEXTS.values(),
            *vics_reader.NUMBERS.values(),
            "Category",
            "Series",
            "Tags",
            "AlternativeHashes",
            "SHA1",
            "PhotoDNA",
            "Mood",
            "Exifs",
        ]
    ),
    values,
)
def test_vics_every_member_that_is_set_is_read_or_named(name: str, value: Any) -> None:
    def outcome_of(**members: Any) -> Any:
        model = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media"
        return outcome(
            vics_reader.VicsReader(), json.dumps({"@odata.context": model, "value": [{"MD5": MD5, **members}]})
        )

    assert outcome_of(**{name: value}) != outcome_of()


def indicator(**more: Any) -> str:
    row = {"type": "indicator", "id": "indicator--1", "pattern": f"[file:hashes.MD5 = '{MD5}']", **more}
    return json.dumps({"type": "bundle", "objects": [row]})


@given(
    st.sampled_from(
        [
            "valid_until",
            "confidence",
            "object_marking_refs",
            "indicator_types",
            "labels",
            "description",
            "name",
            "modified",
            "extensions",
            "external_references",
            "x_mood",
            "created_by_ref",
            "lang",
        ]
    ),
    values,
)
def test_stix_every_member_that_is_set_is_read_or_named(name: str, value: Any) -> None:
    assert outcome(stix_reader.StixReader(), indicator(**{name: value})) != outcome(
        stix_reader.StixReader(), indicator()
    )


@given(
    st.sampled_from(
        ["quality", "media_type", "classification", "series", "reason", "key", "at", "facts", "mood", "sha1", "vpdq"]
    ),
    values,
)
def test_a_line_of_json_every_member_is_read_or_named(name: str, value: Any) -> None:
    def of(**members: Any) -> Any:
        text = json.dumps({"md5": MD5, **members}) + "\n"
        return outcome(mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=True), text)

    if name != "media_type" or value != "image":
        assert of(**{name: value}) != of()


@given(st.sampled_from([name for name in icse.COLUMNS if name != "MD5"]), words | st.just("x" * 300))
def test_icse_every_cell_that_is_set_is_read_or_named(name: str, value: str) -> None:
    def of(**cells: str) -> Any:
        out = io.StringIO()
        rows = csv.DictWriter(out, icse.COLUMNS, delimiter=";", restval="")
        rows.writeheader()
        rows.writerow({"MD5": MD5, **cells})
        return outcome(icse.IcseReader(), out.getvalue())

    assert of(**{name: value}) != of()


def test_vics_what_is_cut_or_means_no_verdict_is_named() -> None:
    model = "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media"
    medium = {
        "MediaID": 1,
        "MD5": MD5,
        "Category": 0,
        "Tags": ["x", "y"],
        "VictimIdentified": "maybe",
        "MediaSize": "big",
        "MimeType": 7,
        "AlternativeHashes": [{"HashName": "BLAKE3", "HashValue": "ff"}],
        "Comments": "c" * 2000,
        "Series": {"Name": "s" * 300, "Colour": "red"},
    }
    reader = vics_reader.VicsReader()
    (one,) = read(reader, json.dumps({"odata.metadata": model, "value": [medium]}))
    assert one.facts["tags"] == "x; y"
    assert reader.left.names == dict.fromkeys(
        (
            "Category 0, which states no verdict",
            "VictimIdentified that is not true or false",
            "MediaSize that is not a number",
            "MimeType that is not text",
            "AlternativeHashes: BLAKE3",
            "Comments, longer than 1000 characters",
            "Series, longer than 200 characters",
            "Series: colour",
        ),
        1,
    )


def test_stix_what_is_no_longer_valid_or_benign_is_refused() -> None:
    now = clock.now()
    said = {
        "valid_until": (now - timedelta(days=1)).isoformat(),
        "valid_from": (now + timedelta(days=1)).isoformat(),
        "indicator_types": ["benign"],
        "labels": 5,
    }
    for name, value in said.items():
        (one,) = read(stix_reader.StixReader(), indicator(**{name: value}))
        assert isinstance(one, BrokenEntry)
        assert one.field == name
    (one,) = read(stix_reader.StixReader(), indicator(valid_until="2020-01-01T00:00:00Z"))
    assert one == BrokenEntry(1, "valid_until", "expired on 2020-01-01")
    later = (now + timedelta(days=9)).isoformat()
    reader = stix_reader.StixReader()
    (one,) = read(reader, indicator(valid_until=later, confidence=10, object_marking_refs=["marking-definition--red"]))
    assert one.facts == {"valid_until": later, "confidence": 10, "markings": "marking-definition--red"}
    assert reader.left.names == {"valid_until, which has no effect here": 1}


def test_stix2_takes_our_extension() -> None:
    stix2: Any = pytest.importorskip("stix2")
    one = Listed("I-1", {"md5": (MD5.lower(),)}, quality=77, series="S", reason="Why", facts={"submissions": 3})
    bundle = stix2.parse(written(stix_writer.StixWriter("Centre", AT), one))
    (found,) = (each for each in bundle.objects if each.type == "indicator")
    assert found.description == "Why"
    assert found.extensions[stix_writer.EXTENSION]["facts"] == {"submissions": 3}
