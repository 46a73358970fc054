"""Hash files in, entries out: every form, and what is wrong in one costs nothing but itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.edge.active_lists.hash_files import files_of, records
from tutela.edge.errors import SourceCutOffError, SourceError
from tutela.matching import MIN_QUALITY, Snapshot, snapshot_bytes

PDQ = "0123456789abcdef" * 4
MD5, SHA1, SHA256 = "ab" * 16, "cd" * 20, "ef" * 32


def built(path: Path) -> tuple[Snapshot, list[str]]:
    data, report = snapshot_bytes(records(path))
    return Snapshot(data), [f"{one.field}: {one.reason}" for one in report.quarantined]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_plain_text_tells_kinds_by_their_length(tmp_path: Path) -> None:
    text = f"# a remark\n{PDQ.upper()}\n{MD5} # why\n\n{SHA1}\r\n{PDQ[::-1]},77\n"
    snapshot, wrong = built(written(tmp_path, "mine.txt", text))
    assert snapshot.counts() == {"md5": 1, "sha1": 1, "sha256": 0, "pdq": 2}
    assert sorted(snapshot.pdq_quality.tolist()) == [MIN_QUALITY, 77]
    assert not wrong


def test_a_file_that_says_sha256_holds_no_pdq(tmp_path: Path) -> None:
    snapshot, _ = built(written(tmp_path, "mine.sha256", SHA256 + "\n"))
    assert snapshot.find("sha256", bytes.fromhex(SHA256)) == [0]
    assert not len(snapshot.pdq)


def test_csv_and_json_lines_carry_the_same(tmp_path: Path) -> None:
    table = written(tmp_path, "a.csv", f"PDQ,quality,md5\n{PDQ},90,{MD5}\n{PDQ[::-1]},,\n")
    lines = written(tmp_path, "b.jsonl", json.dumps({"pdq": PDQ, "quality": 90, "md5": MD5}) + "\n{\n[]\n")
    (first, wrong), (second, torn) = built(table), built(lines)
    assert first.entry_id(0) == second.entry_id(0), "an entry without an id gets the same one everywhere"
    assert first.counts() == second.counts() == {"md5": 1, "sha1": 0, "sha256": 0, "pdq": 1}
    assert "pdq: quality must be a whole number from 0 to 100" in wrong
    assert torn == ["entry_id: not a UUID"] * 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", f"{MD5}\n{SHA1}\n"),
        ("a.csv", f"PDQ,quality\n{PDQ},100\n"),
        ("a.jsonl", json.dumps({"md5": MD5}) + "\n" + json.dumps({"sha1": SHA1}) + "\n"),
        ("a.vpdq", f"0,100,{PDQ},0.000\n1,100,{PDQ[::-1]},1.000\n"),
    ],
)
def test_a_file_that_ends_in_a_line_is_no_list(tmp_path: Path, name: str, text: str) -> None:
    assert list(records(written(tmp_path, name, text)))
    for cut in range(1, len(text)):
        if text[cut - 1] != "\n":
            with pytest.raises(SourceCutOffError):
                list(records(written(tmp_path, name, text[:cut])))


def test_a_quotation_mark_that_is_never_closed_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        list(records(written(tmp_path, "a.csv", f'pdq\n{PDQ}\n"{PDQ[::-1]}\n')))


@pytest.mark.parametrize("digest", ["d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"])
def test_the_digest_of_an_empty_file_is_set_aside(tmp_path: Path, digest: str) -> None:
    _, wrong = built(written(tmp_path, "a.txt", digest + "\n"))
    assert wrong[0].endswith("the digest of an empty file identifies no item")


def test_a_folder_gives_its_hash_files_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.csv", "a.txt", ".hidden.txt", "README.md"):
        written(tmp_path, name, "")
    assert [path.name for path in files_of(tmp_path)] == ["a.txt", "b.csv"]
    (tmp_path / "empty").mkdir()
    for wrong in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(SourceError, match=wrong.name):
            files_of(wrong)


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match=r"a\.txt: UnicodeDecodeError"):
        list(records(tmp_path / "a.txt"))


@given(st.sampled_from([".txt", ".csv", ".jsonl", ".sha256"]), st.text(max_size=300))
def test_no_text_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, ending: str, text: str) -> None:
    path = tmp_path_factory.mktemp("source") / f"any{ending}"
    path.write_text(f"pdq,md5\n{text}\n{PDQ},\n" if ending == ".csv" else f"{text}\n{PDQ}\n", errors="replace")
    try:
        _, report = snapshot_bytes(records(path))
    except SourceError:
        return
    assert all(PDQ not in one.reason for one in report.quarantined), "a reason never repeats a value"
