from __future__ import annotations

import hashlib
import json
import os
import random
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_lists import digests, entry_id, record
from tutela.matching import (
    Record,
    Snapshot,
    SnapshotDamagedError,
    SnapshotError,
    SnapshotForeignError,
    SnapshotTruncatedError,
    build_snapshot,
    snapshot_bytes,
)
from tutela.matching.files.layout import ADDED, PREFIX, SECTIONS


def places(data: bytes) -> dict[str, dict[str, int]]:
    length = PREFIX.unpack(data[: PREFIX.size])[2]
    return json.loads(data[PREFIX.size : PREFIX.size + length])["sections"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 300])
def test_what_is_written_is_read(count: int, tmp_path: Path) -> None:
    report = build_snapshot((record(i) for i in range(count)), tmp_path / "list", hasher="fake-1")
    snapshot = Snapshot.open(tmp_path / "list")
    assert len(snapshot) == report.entries == count
    assert snapshot.hasher == "fake-1"
    assert snapshot.sha256 == report.sha256 == hashlib.sha256((tmp_path / "list").read_bytes()).hexdigest()
    assert snapshot.counts() == dict.fromkeys(("md5", "sha1", "sha256", "pdq"), count)
    for i in range(count):
        for kind in ("md5", "sha1", "sha256"):
            rows = snapshot.find(kind, bytes.fromhex(getattr(digests(i), kind)))
            assert [snapshot.entry_id(row) for row in rows] == [entry_id(i)]
    assert snapshot.find("md5", bytes(16)) == []
    assert snapshot.find("md5", b"short") == []
    assert (tmp_path / "list").stat().st_mode & 0o077 == 0


def test_the_same_list_in_any_order_is_the_same_bytes() -> None:
    records = [record(i) for i in range(50)]
    first, _ = snapshot_bytes(records)
    random.Random(7).shuffle(records)
    assert snapshot_bytes(records)[0] == first


def test_digests_and_ids_that_end_in_zeros_survive() -> None:
    id_ = UUID(bytes=b"\1" + bytes(15))
    data, _ = snapshot_bytes([Record(id_, sha256=["ab" + "00" * 31]), Record(UUID(int=0), sha256=["00" * 32])])
    snapshot = Snapshot(data)
    assert [snapshot.entry_id(r) for r in snapshot.find("sha256", b"\xab" + bytes(31))] == [id_]
    assert [snapshot.entry_id(r) for r in snapshot.find("sha256", bytes(32))] == [UUID(int=0)]


def test_bad_values_are_quarantined_and_the_rest_is_built() -> None:
    good = record(1)
    bad = [
        Record("no-uuid", md5=["00" * 16]),
        Record(entry_id(2), sha256=["ab" * 32 + "\n"], md5=["AB" * 16]),
        Record(entry_id(3), pdq=[("00" * 32, 90), ("ab" * 32, 49), ("cd" * 32, 50), ("cd" * 32, 101)]),
        Record(entry_id(1), md5=["cd" * 16]),
        Record(entry_id(4)),
        Record(entry_id(5), md5=["zz" * 16], flags=0),
        Record(entry_id(6), md5=["00" * 16], flags=-1),
    ]
    data, report = snapshot_bytes([good, *bad])
    assert report.entries == 3
    assert [(q.position, q.field) for q in report.quarantined] == [
        (1, "entry_id"),
        (2, "sha256"),
        (3, "pdq"),
        (3, "pdq"),
        (3, "pdq"),
        (4, "entry_id"),
        (5, "record"),
        (6, "md5"),
        (6, "record"),
        (7, "entry_id"),
    ]
    assert Snapshot(data).find("md5", b"\xab" * 16), "upper case is normalised"
    assert not any("ab" * 8 in q.reason for q in report.quarantined), "a reason never repeats a hash"


@pytest.mark.parametrize("name", [*SECTIONS, "checksum", "header"])
def test_an_edited_byte_in_any_section_is_refused(name: str) -> None:
    data = bytearray(snapshot_bytes([record(i) for i in range(9)])[0])
    at = {"checksum": len(data) - 1, "header": PREFIX.size + 20}.get(name) or places(data)[name]["offset"]
    data[at] ^= 1
    with pytest.raises(SnapshotError):
        Snapshot(bytes(data))


def test_a_torn_file_is_refused_wherever_it_ends() -> None:
    data = snapshot_bytes([record(i) for i in range(3)])[0]
    for end in range(len(data)):
        with pytest.raises(SnapshotTruncatedError):
            Snapshot(data[:end])
    with pytest.raises(SnapshotTruncatedError):
        Snapshot(data + b"\0")


def test_foreign_files_and_versions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotForeignError, match="first bytes"):
        Snapshot(b"PK\3\4" + bytes(60))
    data = bytearray(snapshot_bytes([])[0])
    data[8] = 3
    with pytest.raises(SnapshotForeignError, match="version 3"):
        Snapshot(bytes(data))
    with pytest.raises(SnapshotError, match="No such file"):
        Snapshot.open(tmp_path / "nothing")
    (tmp_path / "empty").touch()
    with pytest.raises(SnapshotTruncatedError):
        Snapshot.open(tmp_path / "empty")


def test_rows_outside_the_entries_are_refused_even_with_a_right_checksum() -> None:
    data = bytearray(snapshot_bytes([record(0)])[0][:-32])
    data[places(data)["pdq.rows"]["offset"]] = 1
    with pytest.raises(SnapshotDamagedError, match="outside the entries"):
        Snapshot(bytes(data) + hashlib.sha256(data).digest())


def test_sections_that_lie_inside_one_another_are_refused_even_with_a_right_checksum() -> None:
    data = snapshot_bytes([record(i) for i in range(20)])[0]
    length = PREFIX.unpack(data[: PREFIX.size])[2]
    header = json.loads(data[PREFIX.size : PREFIX.size + length])
    header["sections"]["pdq"]["offset"] = header["sections"]["entries"]["offset"]
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode().ljust(length)
    body = data[: PREFIX.size] + text + data[PREFIX.size + length : -32]
    with pytest.raises(SnapshotDamagedError, match="within another"):
        Snapshot(body + hashlib.sha256(body).digest())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_snapshot([record(1)], tmp_path / "list")
    before = (tmp_path / "list").read_bytes()

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        build_snapshot([record(2)], tmp_path / "list")
    assert (tmp_path / "list").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["list"]


@given(st.binary(max_size=200), st.integers(0, 1 << 20), st.integers(1, 255))
def test_no_bytes_crash_the_reader(noise: bytes, at: int, xor: int) -> None:
    whole = bytearray(snapshot_bytes([record(0), record(1)])[0])
    whole[at % len(whole)] ^= xor
    for candidate in (noise, b"TUTELASN" + noise, bytes(whole)):
        with pytest.raises(SnapshotError):
            Snapshot(candidate)


def test_a_snapshot_of_the_first_version_is_read_without_structures() -> None:
    whole, _ = snapshot_bytes([Record(entry_id(1), pdq=[("cd" * 32, 90, "ab" * 32, True)])])
    new = Snapshot(whole)
    assert (new.pdq_structure[0].tobytes(), new.pdq_part[0]) == (b"\xab" * 32, 1)
    magic, _, length = PREFIX.unpack(whole[: PREFIX.size])
    header = json.loads(whole[PREFIX.size : PREFIX.size + length])
    for name in ADDED:
        del header["sections"][name]
    text = json.dumps(header).encode().ljust(length)
    body = PREFIX.pack(magic, 1, length) + text + whole[PREFIX.size + length : -32]
    old = Snapshot(body + hashlib.sha256(body).digest())
    assert old.pdq.tobytes() == new.pdq.tobytes()
    assert (old.pdq_structure[0].tobytes(), old.pdq_part[0]) == (bytes(32), 0)


def test_structures_and_parts_pass_the_gate_or_are_quarantined() -> None:
    looks = [("cd" * 32, 90, "", True), ("ce" * 32, 90, "zz" * 32), ("cf" * 32, 90, "ab" * 32, 1), ("d0" * 32,)]
    _, report = snapshot_bytes([Record(entry_id(1), pdq=looks)])  # type: ignore[arg-type]
    assert report.hashes["pdq"] == 1
    assert [one.field for one in report.quarantined] == ["pdq"] * 3
