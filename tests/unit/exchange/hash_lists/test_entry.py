"""Formats of lists: what is written is read again, every rule of their readers, and what others' readers make of it."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threatexchange.exchanges.impl.file_api import FileCollaborationConfig, LocalFileSignalExchangeAPI
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

from tutela.exchange.hash_lists import (
    icse,
    mapped_columns,
    pairs,
    stix_patterns,
    stix_reader,
    stix_writer,
    vics_reader,
    vics_writer,
)
from tutela.exchange.hash_lists.entry import BrokenEntry, Listed, Unreadable, digest, photodna
from tutela.exchange.hash_lists.json_stream import Stream

AT = datetime(2026, 2, 10, 14, 5, tzinfo=UTC)


def test_an_entry_with_a_part_s_hash_alone_is_named_by_it() -> None:
    reader = mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False)
    (one,) = read(reader, f"window,key\n{'a' * 64},\n")
    assert isinstance(one, Listed)
    assert one.key == f"window:{'a' * 64}"


def hexes(digits: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.integers(1, 16**digits - 1).map(lambda n: (f"{n:0{digits}x}",))


photo = st.binary(min_size=144, max_size=144).map(lambda raw: (base64.b64encode(raw).decode(),))
words = st.text("abcXYZ äß;\",'\n", max_size=20).map(str.strip).filter(lambda t: t[:1] not in "=+-@")
flags = ("victim_identified", "offender_identified", "distributed")
vics_entries = st.lists(
    st.builds(
        Listed,
        st.integers(0, 10**9).map(str),
        st.fixed_dictionaries({"md5": hexes(32)}, optional={"sha1": hexes(40), "photodna": photo, "pdq": hexes(64)}),
        st.just("image"),
        st.none(),
        st.sampled_from(["", "vics-us:1", "vics-us:3"]),
        words.map(lambda t: t[:200]),
        facts=st.fixed_dictionaries({}, optional={**dict.fromkeys(flags, st.booleans()), "size": st.integers(0, 9**9)}),
    ),
    max_size=4,
)


def read(reader: Any, text: str) -> list[Listed | BrokenEntry]:
    return list(reader.read(io.StringIO(text)))


def written(writer: Any, entries: list[Listed]) -> str:
    out = io.StringIO()
    writer.write(out, entries)
    return out.getvalue()


def plain(one: Listed | BrokenEntry) -> Any:
    assert isinstance(one, Listed), one
    facts = {name: value for name, value in one.facts.items() if name != "media_id"}
    return one.hashes, one.series, one.classification, facts


@given(vics_entries, st.sampled_from(vics_writer.VERSIONS), st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_vics_is_written_and_read_again(entries: list[Listed], version: str, cases: bool, mark: str) -> None:
    case = {"CaseID": "6f6f0a52", "CaseNumber": "EX-1"} if cases else None
    text = written(vics_writer.VicsWriter(version, {}, "US", case), entries)
    reader = vics_reader.VicsReader()
    found = read(reader, mark + text)
    if version != "2.0":  # an old model names no profile, and so no class
        entries = [
            Listed(
                e.key,
                e.hashes,
                series=e.series,
                facts=e.facts,
                classification=e.classification.replace("us", "default"),
            )
            for e in entries
        ]
    assert list(map(plain, found)) == list(map(plain, entries))
    assert reader.model == vics_reader.Model(version, "US" if version == "2.0" else "")
    assert not cases or json.loads(text)["value"][0]["TotalMediaFiles"] == len(entries)


@given(vics_entries)
def test_icse_is_written_and_read_again(entries: list[Listed]) -> None:
    text = written(icse.IcseWriter(), entries)
    assert text.splitlines()[0] == ";".join(icse.COLUMNS)
    kept = [
        ({k: v for k, v in e.hashes.items() if k != "pdq"}, e.series, {k: v for k, v in e.facts.items() if k in flags})
        for e in entries
    ]
    found = [(one.hashes, one.series, one.facts) for one in read(icse.IcseReader(), text) if isinstance(one, Listed)]
    assert found == kept


@given(vics_entries.filter(lambda some: len({one.key for one in some}) == len(some)), st.booleans())
def test_our_own_columns_are_written_and_read_again(entries: list[Listed], as_json: bool) -> None:
    text = written(mapped_columns.MappedWriter(lines_of_json=as_json), entries)
    found = read(mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=as_json), text)
    assert [(o.hashes, o.series, o.classification, o.facts) for o in found if isinstance(o, Listed)] == [
        (e.hashes, e.series, e.classification, e.facts) for e in entries
    ]


def some(digits: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(hexes(digits), min_size=1, max_size=3, unique=True).map(lambda many: sum(many, ()))


own_entries = st.lists(
    st.builds(
        Listed,
        st.uuids().map(str),
        st.fixed_dictionaries(
            {"md5": some(32)},
            optional={
                "sha1": some(40),
                "sha256": some(64),
                "pdq": some(64),
                "window": some(64),
                "structure": some(128),
                "photodna": photo,
            },
        ),
        st.sampled_from(["image", "video"]),
        st.none() | st.integers(0, 100),
        st.sampled_from(["", "eu:known"]),
        words,
        words,
        st.none() | st.just(AT),
        facts=st.fixed_dictionaries({}, optional={"source": words.filter(bool), "size": st.integers(0, 9**9)}),
    ),
    max_size=4,
    unique_by=lambda one: one.key,
)


@given(own_entries, st.booleans())
def test_what_our_writer_writes_comes_back_whole_and_needs_no_mapping(entries: list[Listed], as_json: bool) -> None:
    text = written(mapped_columns.MappedWriter(lines_of_json=as_json), entries)
    reader = mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=as_json)
    # Without a look there is no quality to say.
    said = [replace(one, quality=one.quality if {"pdq", "window"} & set(one.hashes) else None) for one in entries]
    assert read(reader, text) == said
    assert not reader.left.names
    if entries:
        assert mapped_columns.is_ours(text.splitlines()[0], lines_of_json=as_json)


@pytest.mark.parametrize(
    ("line", "as_json", "ours"),
    [
        ('{"key": "I-1", "md5": "x"}', True, True),
        ('{"md5": "x"}', True, False),
        ('{"key": 1, "mood": 2}', True, False),
        ('{"hashes": [], "key": "x"}', True, False),
        ("[]", True, False),
        ("x", True, False),
        ("", True, False),
        ("key,md5,quality", False, True),
        ("\ufeffkey,md5", False, True),
        ("md5,quality", False, False),
        ("key,md5,Grad", False, False),
        ('"key', False, False),
        ("", False, False),
    ],
)
def test_which_files_are_ours(line: str, as_json: bool, ours: bool) -> None:
    assert mapped_columns.is_ours(line, lines_of_json=as_json) is ours


def test_rows_of_one_key_are_one_entry_where_they_agree_and_follow_each_other() -> None:
    rows = [
        ("A", "1", "x"),
        ("A", "2", "x"),
        ("A", "3", "y"),
        ("B", "4", "y"),
        ("A", "5", "x"),
        ("", "6", ""),
        ("", "6", ""),
    ]
    text = "key,md5,series\n" + "".join(f"{key},{n * 32},{series}\n" for key, n, series in rows)
    found = read(mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False), text)
    assert [[value[0] for value in one.hashes["md5"]] for one in found if isinstance(one, Listed)] == [
        ["1", "2"],
        ["3"],
        ["4"],
        ["5"],
        ["6"],
        ["6"],
    ]
    broken = text + "A,bad\n"
    assert isinstance(
        read(mapped_columns.MappedReader(mapped_columns.Mapping(), lines_of_json=False), broken)[-1], BrokenEntry
    )


MD5 = "0123456789ABCDEF0123456789ABCDEF"
PHOTO = base64.b64encode(bytes(range(144))).decode()


def medium(**members: Any) -> str:
    return json.dumps(
        {"odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media", "value": [members]}
    )


@pytest.mark.parametrize(
    ("members", "facts"),
    [
        ({"md5": MD5.lower(), "ISDISTRIBUTED": "TRUE"}, {"distributed": True}),
        ({"MD5": MD5, "VictimIdentified": "false", "IsSuspected": None}, {"victim_identified": False}),
        ({"MD5": MD5, "MediaSize": "488"}, {"size": 488}),
        ({"MD5": MD5, "MediaSize": 488}, {"size": 488}),
        ({"MD5": MD5, "DateUpdated": "+01:00Z"}, {"updated": "+01:00Z"}),
        ({"MD5": MD5, "SelfGenerated": "?"}, {}),
        ({"MD5": MD5, "Comments": 7, "IsDistributed": 1}, {}),
    ],
)
def test_vics_members_in_every_spelling(members: dict[str, Any], facts: dict[str, Any]) -> None:
    (one,) = read(vics_reader.VicsReader(), medium(**members))
    assert isinstance(one, Listed)
    assert (one.facts, one.first("md5")) == (facts, MD5.lower())


def test_vics_photodna_at_both_places_and_in_both_writings() -> None:
    old = {
        "AlternativeHashes": [{"HashName": "PhotoDNA", "HashValue": PHOTO}, {"HashName": "Other", "HashValue": "x"}, 3]
    }
    for members in (old, {"PhotoDNA": PHOTO}, {"PhotoDNA": bytes(range(144)).hex().upper()}):
        (one,) = read(vics_reader.VicsReader(), medium(MD5=MD5, **members))
        assert isinstance(one, Listed)
        assert one.first("photodna") == PHOTO
    reader = vics_reader.VicsReader()
    (one,) = read(reader, medium(MD5=MD5, PhotoDNA="short", Mood="x", **{"odata.id": "Media('x')"}))
    assert isinstance(one, Listed)
    assert (one.first("photodna"), reader.left.names) == ("", {"invalid photodna": 1, "Mood": 1})


def test_vics_a_category_means_nothing_without_its_profile() -> None:
    def model(profile: str) -> str:
        return f"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/{profile}/$metadata#Media"

    def classes(reader: vics_reader.VicsReader, profile: str) -> list[str]:
        rows = [{"MD5": MD5, "Category": number} for number in (0, 1, "2", 5, None, "x", True)]
        found = read(reader, json.dumps({"@odata.context": model(profile), "value": rows}))
        return [one.classification for one in found if isinstance(one, Listed)]

    assert classes(vics_reader.VicsReader(), "UK") == ["", "vics-uk:1", "vics-uk:2", "", "", "", ""]
    assert classes(vics_reader.VicsReader(judged=(0,)), "US")[0] == "vics-us:0"
    writer = vics_writer.VicsWriter("2.0", {"eu-2011-93:known-material": 1}, "US")
    rows = [
        Listed("1", {"md5": (MD5.lower(),)}, classification=c)
        for c in ("eu-2011-93:known-material", "vics-us:3", "vics-uk:3", "")
    ]
    assert [row["Category"] for row in json.loads(written(writer, rows))["value"]] == [1, 3, None, None]
    assert writer.left.names == {"class vics-uk:3 without a number": 1}


def test_vics_one_bad_entry_costs_no_other_and_a_cut_file_keeps_what_came() -> None:
    rows = [
        {"MD5": MD5},
        {"MD5": "zz"},
        {"MD5": ""},
        {"MD5": "d41d8cd98f00b204e9800998ecf8427e"},
        7,
        {"SHA1": "1" * 40},
    ]
    text = medium().replace("[{}]", json.dumps(rows[:4] + rows[5:]))
    found = read(vics_reader.VicsReader(), text)
    assert [isinstance(one, Listed) for one in found] == [True, False, False, False, True]
    cut = vics_reader.VicsReader().read(io.StringIO(text[:-30]))
    assert isinstance(next(cut), Listed)
    with pytest.raises(Unreadable, match="character"):
        list(cut)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "{}", '{"value": []}', '{"odata.metadata": "x", "value": []}', '{"a"}']
)
def test_what_is_no_vics_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read(vics_reader.VicsReader(), text)


def test_vics_the_model_may_stand_behind_and_a_case_has_media_within() -> None:
    whole = json.loads(medium(MD5=MD5))
    text = json.dumps(
        {"value": [{"CaseNumber": "EX", "Media": whole["value"]}], **{k: whole[k] for k in whole if k != "value"}}
    )
    reader = vics_reader.VicsReader()
    assert len(read(reader, text)) == 1
    assert reader.left.names == {"case: CaseNumber": 1}


def test_a_long_file_is_read_in_pieces() -> None:
    count = 20_000
    rows = ",".join(f'{{"MediaID": {n}, "MD5": "{n:032x}"}}' for n in range(1, count + 1))
    reader = vics_reader.VicsReader()
    assert sum(1 for _ in reader.read(io.StringIO(medium().replace("[{}]", f"[{rows}]")))) == count


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_a_value_of_any_kind_is_read_in_pieces(value: Any) -> None:
    class Drip(io.StringIO):
        def read(self, _size: int | None = -1) -> str:
            return super().read(1)

    stream = Stream(Drip(f" {json.dumps(value)} "))
    assert stream.value() == value
    assert stream.peek() == ""


def test_icse_columns_in_any_order_and_flags_in_every_spelling() -> None:
    head = [*reversed(icse.COLUMNS), "Mood"]
    cells = {
        "MD5": MD5,
        "Is distributed": "y",
        "Victim identified": "FALSE",
        "Baseline": "perhaps",
        "Series name": "S",
        "Number of submissions": "3",
        "Mood": "x",
        "Media Type": "Video",
        "Image ID": "1001",
    }
    reader = icse.IcseReader()
    (one,) = read(reader, ";".join(head) + "\n" + ";".join(cells.get(name, "") for name in head) + "\n")
    assert isinstance(one, Listed)
    assert one.facts == {"distributed": True, "victim_identified": False, "submissions": 3}
    assert (one.key, one.series, one.media_type) == ("1001", "S", "video")
    assert reader.left.names == {"mood": 1, "baseline that is not yes or no": 1}


def test_icse_eleven_columns_are_refused() -> None:
    with pytest.raises(Unreadable, match="Baseline"):
        read(icse.IcseReader(), ";".join(icse.COLUMNS[:-1]) + "\n")
    head = ";".join(icse.COLUMNS)
    found = read(icse.IcseReader(), f"{head}\n{MD5};x\n{MD5}\n;;;;\n{MD5};;;;;;;;;;;;;further\n")
    assert [isinstance(one, Listed) for one in found] == [False, True, True]


def test_no_cell_is_a_formula() -> None:
    text = written(icse.IcseWriter(), [Listed("=1+1", {"md5": ("1" * 32,)}, series="@x")])
    assert "'=1+1" in text
    assert "'@x" in text


def test_a_mapping_names_columns_words_and_what_may_be_left() -> None:
    plan = mapped_columns.read_mapping(
        json.dumps(
            {
                "columns": {"Hash (MD5)": "md5", "Kategorie": "classification", "Notiz": ""},
                "values": {"classification": {"A": "uk-1978:A"}},
                "separator": ";",
            }
        )
    )
    reader = mapped_columns.MappedReader(plan, lines_of_json=False)
    found = read(reader, f"Hash (MD5);Kategorie;Notiz;Fremd;SHA1\n{MD5};A;x;y;{'1' * 40}\nzz;B;;;\n{MD5}\n")
    one, bad, short = found
    assert isinstance(one, Listed)
    assert (one.classification, one.first("md5"), one.first("sha1")) == ("uk-1978:A", MD5.lower(), "1" * 40)
    assert (bad, short) == (
        BrokenEntry(2, "md5", "must be 32 hexadecimal digits"),
        BrokenEntry(3, "line", "has a different number of columns than the first line"),
    )
    assert reader.left.names == {"Fremd": 2}


@pytest.mark.parametrize("text", ["", "[]", '{"columns": {"a": "nothing"}}', '{"separator": ""}', '{"more": 1}'])
def test_a_mapping_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        mapped_columns.read_mapping(text)


def test_lines_of_json_by_a_mapping() -> None:
    plan = mapped_columns.Mapping(columns={"hash": "md5"})
    found = read(
        mapped_columns.MappedReader(plan, lines_of_json=True), f'{{"hash": "{MD5}"}}\n\n[]\nx\n{{"hash": [1]}}\n'
    )
    assert [type(one).__name__ for one in found] == ["Listed", "BrokenEntry", "BrokenEntry", "BrokenEntry"]


def test_stix2_reads_our_bundle() -> None:
    stix2: Any = pytest.importorskip("stix2")
    writer = stix_writer.StixWriter("EU Centre", AT)
    rows = [
        Listed("I-1", {"md5": ("1" * 32,), "sha256": ("2" * 64, "3" * 64)}, classification="eu:known"),
        Listed("I-2", {"sha1": ("4" * 40,), "pdq": ("5" * 64,)}, "video"),
        Listed("I-3", {"pdq": ("6" * 64,)}),
    ]
    text = written(writer, rows)
    bundle = stix2.parse(text)
    first, second, _third = (one for one in bundle.objects if one.type == "indicator")
    assert first.pattern == (
        f"[file:hashes.MD5 = '{'1' * 32}'] OR [file:hashes.'SHA-256' = '{'2' * 64}']"
        f" OR [file:hashes.'SHA-256' = '{'3' * 64}']"
    )
    assert (second.labels, second.valid_from) == (["video"], AT)
    third = [one for one in bundle.objects if one.type == "indicator"][2]
    assert third.pattern == f"[file:hashes.PDQ = '{'6' * 64}']"
    assert not writer.left.names
    assert written(stix_writer.StixWriter("EU Centre", AT), rows) == text, "the same entry has the same id"


def test_the_validator_of_stix_finds_nothing_wrong_with_ours() -> None:
    validator: Any = pytest.importorskip("stix2validator")
    rows = [
        Listed("I-1", {"md5": ("1" * 32,), "sha256": ("2" * 64,), "pdq": ("5" * 64, "6" * 64)}, quality=77),
        Listed("I-2", {"pdq": ("6" * 64,)}, "video", classification="eu:known", reason="Seen", at=AT),
    ]
    told = validator.validate_string(
        written(stix_writer.StixWriter("EU Centre", AT), rows), validator.ValidationOptions()
    )
    assert told.is_valid, [str(one) for one in told.errors]
    # It would rather have random ids (103) and reasons everywhere (303); ours say what they stand for.
    assert not [str(one) for one in told.warnings if not {"{103}", "{303}"} & set(str(one).split())]


def bundle(*objects: dict[str, Any]) -> str:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": list(objects)})


def indicator(pattern: str, **more: Any) -> dict[str, Any]:
    return {"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": "stix", **more}


def test_a_bundle_of_ours_comes_back() -> None:
    rows = [
        Listed("I-1", {"md5": ("1" * 32,), "sha256": ("2" * 64, "3" * 64)}, classification="eu:known", at=AT),
        Listed("I-2", {"sha1": ("4" * 40,)}, "video", at=AT),
        Listed("I-3", {"md5": ("7" * 32,), "pdq": ("5" * 64, "6" * 64)}, "image", 80, "eu:known", at=AT),
        Listed("I-4", {"pdq": ("8" * 64,)}, "image", 51, at=AT),
    ]
    reader = stix_reader.StixReader()
    found = read(reader, written(stix_writer.StixWriter("EU Centre", AT), rows))
    assert all(isinstance(one, Listed) for one in found), found
    assert [(one.hashes, one.media_type, one.quality, one.classification) for one in found] == [
        (one.hashes, one.media_type, one.quality, one.classification) for one in rows
    ]
    assert reader.left.names == {"objects of type identity": 1, "indicator: created_by_ref": 4}


def test_stix_of_others_is_read_as_far_as_it_names_files() -> None:
    stix2: Any = pytest.importorskip("stix2")
    made = stix2.Bundle(
        stix2.Indicator(
            pattern=f"[(file:hashes.'SHA-256' = '{'a' * 64}' AND file:size = 25) OR file:hashes.MD5 = '{'b' * 32}']",
            pattern_type="stix",
            valid_from=AT,
            description="Seen twice",
        ),
        stix2.File(hashes={"SHA-1": "C" * 40, "SHA-512": "d" * 128}, name="x", mime_type="video/mp4", size=3),
        stix2.Indicator(pattern="[domain-name:value = 'example.org']", pattern_type="stix", valid_from=AT),
        stix2.Malware(name="m", is_family=False),
        allow_custom=True,
    )
    reader = stix_reader.StixReader()
    first, other, second = read(reader, made.serialize())
    assert (first.hashes, other.hashes) == ({"sha256": ("a" * 64,)}, {"md5": ("b" * 32,)}), "two files"
    assert first.reason == other.reason == "Seen twice"
    assert first.key != other.key
    assert (second.hashes, second.media_type) == ({"sha1": ("c" * 40,)}, "video")
    assert reader.left.names == {
        "pattern: file:size": 1,
        "hashes: SHA-512": 1,
        "file: size": 1,
        "pattern: domain-name:value": 1,
        "patterns without the digest of a file": 1,
        "objects of type malware": 1,
    }


def test_a_set_names_each_of_its_digests() -> None:
    found, besides = stix_patterns.read_pattern("[file:hashes.MD5 IN ('x', 'y\\'z') OR file:name MATCHES 'q']")
    assert (found, besides) == ([(("MD5", "x"),), (("MD5", "y'z"),)], ["file:name"])


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("[file:hashes.MD5 = 'x' AND file:hashes.'SHA-1' = 'y']", [{"MD5": "x", "SHA-1": "y"}]),
        ("[file:hashes.MD5 = 'x' OR file:hashes.MD5 = 'y']", [{"MD5": "x"}, {"MD5": "y"}]),
        (
            "[file:hashes.MD5 = 'x'] OR ([file:hashes.MD5 = 'y'] OR [file:hashes.PDQ = 'z'])",
            [{"MD5": "x"}, {"MD5": "y"}, {"PDQ": "z"}],
        ),
        (
            "[file:hashes.MD5 = 'x' AND file:hashes.PDQ = 'p' OR file:hashes.MD5 = 'y' AND file:size = 3]",
            [{"MD5": "x", "PDQ": "p"}, {"MD5": "y"}],
        ),
        ("[(file:hashes.MD5 = 'x' OR file:hashes.MD5 = 'y') AND file:name = 'n']", [{"MD5": "x"}, {"MD5": "y"}]),
        (
            "[file:hashes.MD5 IN ('x', 'y') AND file:hashes.'SHA-1' = 's']",
            [{"MD5": "x", "SHA-1": "s"}, {"MD5": "y", "SHA-1": "s"}],
        ),
        ("[file:hashes.MD5 = 'x'] OR [file:hashes.MD5 = 'x']", [{"MD5": "x"}]),
    ],
)
def test_each_file_of_a_pattern_is_one(pattern: str, files: list[dict[str, str]]) -> None:
    found, _unmapped = stix_patterns.read_pattern(pattern)
    assert [dict(one) for one in found] == files


def test_files_of_a_pattern_are_entries_and_one_that_is_no_use_costs_no_other() -> None:
    reader = stix_reader.StixReader()
    a, b, c = "a" * 32, "b" * 32, "c" * 40
    of_one = f"[file:hashes.MD5 = '{a}' AND file:hashes.'SHA-1' = '{c}']"
    pattern = f"{of_one} OR [file:hashes.MD5 = 'short'] OR [file:hashes.MD5 = '{b}']"
    first, bad, last = read(reader, bundle(indicator(pattern, labels=["video", "eu:known", "mood"])))
    assert (first.hashes, first.media_type, first.classification) == ({"md5": (a,), "sha1": (c,)}, "video", "eu:known")
    assert isinstance(bad, BrokenEntry)
    assert last.hashes == {"md5": (b,)}
    assert {first.key, last.key} == {f"indicator--1#{a}", f"indicator--1#{b}"}
    assert reader.left.names == {"label mood": 1}, "told once"
    (two,) = read(reader, bundle(indicator(f"[file:hashes.MD5 = '{a}' AND file:hashes.MD5 = '{b}']")))
    assert isinstance(two, BrokenEntry)
    assert "two of one file" in two.reason


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[file:hashes.MD5 != 'x']", "!="),
        ("[file:hashes.MD5 LIKE 'x']", "LIKE"),
        ("[file:hashes.MD5 NOT = 'x']", "NOT"),
        ("[file:hashes.MD5 = 'x'", "qualifier"),
        ("[file:hashes.MD5 = 'x'] FOLLOWEDBY [file:hashes.MD5 = 'y']", "FOLLOWEDBY"),
        ("[file:hashes.MD5 = 'x'] AND [file:hashes.MD5 = 'y']", "AND"),
        ("[file:hashes.MD5 = 'x'] REPEATS 5 TIMES", "qualifier"),
        ("[]", "in an observation"),
        ("[file:hashes.MD5 = 'x' file:size = 3]", "in an observation"),
        ("[(file:hashes.MD5 = 'x']", "]"),
        ("[file:hashes.MD5 = 'x'] OR", "qualifier"),
        ("{}", "characters"),
        ("", "no observation"),
        ("[file:hashes.MD5 IN ('x' 'y')]", "set"),
        ("[" * 30_000, "characters"),
    ],
)
def test_a_pattern_that_says_more_than_digests_is_refused_whole(pattern: str, why: str) -> None:
    with pytest.raises(stix_patterns.NotUnderstood, match=re.escape(why)):
        stix_patterns.read_pattern(pattern)
    (one,) = read(stix_reader.StixReader(), bundle(indicator(pattern)))
    assert (one.number, one.field) == (1, "pattern")
    assert one.reason.startswith("not understood: ")


def test_what_is_no_use_is_named_and_the_rest_is_read() -> None:
    reader = stix_reader.StixReader()
    good = indicator(f"[file:hashes.'SHA-256' = '{'2' * 64}']")
    bad = indicator("[file:hashes.MD5 = 'short']")
    found = read(reader, bundle(bad, {**good, "revoked": True}, {**good, "pattern_type": "yara"}, good))
    assert [type(one).__name__ for one in found] == ["BrokenEntry", "BrokenEntry", "Listed"]
    assert (found[1].number, "yara" in found[1].reason) == (3, True)
    assert reader.left.names == {"revoked indicators": 1}
    for text in ("[]", '{"type": "x", "objects": []}', '{"type": "bundle"}', ""):
        with pytest.raises(Unreadable):
            read(stix_reader.StixReader(), text)


@given(st.text(alphabet="[]()'= ,ORANDfile:hashes.MD512-\\x", max_size=80))
def test_any_pattern_is_read_or_refused(pattern: str) -> None:
    try:
        found, _unmapped = stix_patterns.read_pattern(pattern)
    except stix_patterns.NotUnderstood:
        return
    assert all(name for one in found for name, _value in one)


def test_python_threatexchange_reads_our_pairs(tmp_path: Path) -> None:
    rows = [Listed("1", {"pdq": ("1" * 64, "2" * 64), "md5": ("3" * 32,)}), Listed("2", {"md5": ("4" * 32,)}, "video")]
    writer, file = pairs.PairsWriter(), tmp_path / "list.txt"
    with file.open("w") as out:
        writer.write(out, rows)
    collab = FileCollaborationConfig(name="ours", filename=str(file))
    exchange = LocalFileSignalExchangeAPI.for_collab(collab)
    store: dict[Any, Any] = {}
    for delta in exchange.fetch_iter([PdqSignal, VideoMD5Signal], None):
        exchange.naive_fetch_merge(store, delta.updates)
    assert set(store) == {("pdq", "1" * 64), ("pdq", "2" * 64), ("video_md5", "4" * 32)}
    assert writer.left.names == {"number": 2, "md5 of images": 1}


@pytest.mark.parametrize("text", ["", "0" * 31, "0" * 33, "g" * 32, "٣" * 32, "0" * 16 + "\n" + "0" * 16])
def test_what_is_no_digest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        digest("md5", text)


@given(st.binary(min_size=144, max_size=144))
def test_photodna_has_one_form(raw: bytes) -> None:
    assert photodna(raw.hex()) == photodna(base64.b64encode(raw).decode())
    with pytest.raises(ValueError, match="144"):
        photodna(raw[1:].hex())
