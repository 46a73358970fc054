from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import entry_id, flipped, match_list, pdq
from tutela.media import Digests, digest_bytes
from tutela.scan.errors import JournalForeignError
from tutela.scan.html_summary import Recall, html_summary
from tutela.scan.journal import Journal
from tutela.scan.output_formats import Csv, JsonLines, cell
from tutela.scan.scan import Scan, ScanResult, in_lists
from tutela.scan.walk import FoundFile, Unread, WalkLimits, read

LISTED = picture(flipped(pdq(1), [1, 2, 3]))


def zipped(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: Sequence[tuple[str, bytes]], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def scan(*paths: Path, journal: Journal | None = None) -> tuple[list[ScanResult], Scan]:
    work = Scan(HasherPool(), in_lists([match_list(5)]), journal=journal)
    return list(work.run(map(str, paths))), work


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.img").write_bytes(LISTED)
    (folder / "b.txt").write_bytes(b"text")
    (folder / "deep" / "c.zip").write_bytes(zipped([("in/d.img", LISTED), ("e.tar", tarred([("f.img", LISTED)]))]))
    (folder / "deep" / "g.tar.gz").write_bytes(tarred([("h.img", picture(pdq(99)))], "w:gz"))
    return folder


def test_a_flat_picture_is_told_apart_in_lines_totals_and_summary(tmp_path: Path) -> None:
    """It is no file that could not be read; its digests were looked up, and nothing says that it was scanned."""
    (tmp_path / "a.img").write_bytes(LISTED)
    (tmp_path / "b.img").write_bytes(picture(pdq(1), quality=49))
    results, work = scan(tmp_path)
    assert [one.not_compared for one in results] == [False, True]
    assert (work.totals.items, work.totals.not_compared, work.totals.any_unhashed) == (2, 1, False)
    lines, rows = io.StringIO(), io.StringIO()
    for writer in (JsonLines(lines), Csv(rows)):
        for one in results:
            writer.write(one)
    table = csv.DictReader(io.StringIO(rows.getvalue(), newline=""))
    for told in ([json.loads(line) for line in lines.getvalue().splitlines()], list(table)):
        assert [one["status"] for one in told] == ["scanned", "not_compared"]
    page = html_summary(work.totals, 2.0, {})
    assert "<td>Items too flat to be compared</td><td>1</td>" in page
    assert "scanned</td><td>2" not in page


def test_files_folders_and_nested_archives_are_scanned_in_order(tree: Path) -> None:
    results, work = scan(tree)
    names = [one.name.removeprefix(f"{tree}/") for one in results]
    assert names == ["a.img", "b.txt", "deep/c.zip!in/d.img", "deep/c.zip!e.tar!f.img", "deep/g.tar.gz!h.img"]
    assert [bool(one.matches) for one in results] == [True, False, True, True, False]
    assert {one.matches[0].entry_id for one in results if one.matches} == {entry_id(1)}
    assert (work.totals.items, work.totals.matched, dict(work.totals.refused)) == (5, 3, {"not_a_picture": 1})


def codes(data: bytes, tmp_path: Path, name: str = "x.zip", **limits: int) -> list[str]:
    (tmp_path / name).write_bytes(data)
    found = read(str(tmp_path / name), WalkLimits(**limits))
    return [one.code if isinstance(one, Unread) else "ok" for one in found]


@pytest.mark.parametrize("pack", [lambda data: data, lambda data: zipped([("m", data)]), gzip.compress])
def test_what_is_too_large_to_be_held_has_the_digests_of_all_its_bytes(
    tmp_path: Path, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = random.Random(1).randbytes(3 << 20)
    (tmp_path / "x").write_bytes(pack(data))
    (found,) = read(str(tmp_path / "x"), WalkLimits(max_file_bytes=1000))
    assert isinstance(found, Unread)
    assert (found.code, found.digests) == ("too_large", digest_bytes(data))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    (piped,) = read("-", WalkLimits(max_file_bytes=1000))
    assert isinstance(piped, Unread)
    assert piped.digests == found.digests
    asked: list[Digests | None] = []
    work = Scan(HasherPool(), lambda result: asked.append(result.digests) or [], limits=WalkLimits(max_file_bytes=1000))  # type: ignore[func-returns-value]
    (result,) = work.run([str(tmp_path / "x")])
    assert asked == [found.digests]
    assert (result.size, result.refusal, result.unhashed) == (len(data), ("too_large", "more than 1000 bytes"), True)


def test_bombs_and_broken_archives_are_refused_by_code_and_the_walk_goes_on(tmp_path: Path) -> None:
    bomb = bytes(4 << 20)
    assert codes(zipped([("b", bomb), ("ok", b"1")]), tmp_path, max_ratio=100) == ["ratio", "ok"]
    assert codes(tarred([("b", bomb), ("c", b"1")], "w:gz"), tmp_path, "x.tar.gz", max_ratio=100) == ["ok", "ratio"]
    assert codes(zipped([("b", bomb), ("ok", b"1")]), tmp_path, max_file_bytes=1000) == ["ratio", "ok"]
    whole = zipped([("b", bomb), ("ok", b"1")], 0)
    assert codes(whole, tmp_path, max_file_bytes=1000) == ["too_large", "ok"]
    assert codes(bytes(2000), tmp_path, "big", max_file_bytes=1000) == ["too_large"]
    assert codes(zipped([("a", b"1"), ("b", b"2"), ("c", b"3")]), tmp_path, max_members=2) == ["ok", "ok", "members"]
    assert codes(zipped([("a", b"1" * 600), ("b", b"2")], 0), tmp_path, max_archive_bytes=500) == ["ok", "too_large"]
    nested = b"inner"
    for _ in range(4):
        nested = zipped([("n.zip", nested)])
    assert codes(nested, tmp_path) == ["ok"]
    assert codes(zipped([("n.zip", nested)]), tmp_path) == ["nesting"]
    whole = zipped([("a", b"1" * 100)], 0)
    assert codes(whole[:-10], tmp_path) == ["damaged"]
    assert codes(whole.replace(b"1" * 100, b"2" * 100), tmp_path) == ["damaged"]
    assert codes(tarred([("a", b"1" * 5000)])[:2000], tmp_path, "x.tar") == ["damaged"]
    packed = bytearray(zipped([("a", bytes(range(256)) * 40), ("b", b"2")], zipfile.ZIP_LZMA))
    packed[60:80] = bytes(20)
    assert codes(bytes(packed), tmp_path) == ["damaged", "ok"]
    assert codes(zipped([]), tmp_path) == ["no_members"]
    assert [one.code for one in read("s3://bucket/a/../b") if isinstance(one, Unread)] == ["unaddressable"]
    assert [type(one) for one in read(str(tmp_path / "absent"))] == [Unread]


def test_names_in_archives_are_labels_and_nothing_is_written(tmp_path: Path) -> None:
    evil = [("../../up", b"1"), ("/abs", b"2"), ("C:\\x", b"3")]
    for data, name in ((zipped(evil), "x.zip"), (tarred(evil), "x.tar")):
        (tmp_path / name).write_bytes(data)
        before = sorted(tmp_path.rglob("*"))
        found = list(read(str(tmp_path / name)))
        assert [one.data for one in found if isinstance(one, FoundFile)] == [b"1", b"2", b"3"]
        assert sorted(tmp_path.rglob("*")) == before


def test_a_scan_goes_on_where_it_stopped_and_sees_changed_files_again(tree: Path, tmp_path: Path) -> None:
    with Journal(tmp_path / "journal") as journal:
        work = Scan(HasherPool(), in_lists([match_list(5)]), jobs=1, journal=journal)
        run = work.run([str(tree)])
        stopped = [next(run).name for _ in range(3)]
        run.close()
    with (tmp_path / "journal").open("ab") as torn:
        torn.write(b'["half')
    (tree / "b.txt").write_bytes(b"changed")
    with Journal(tmp_path / "journal") as journal:
        results, again = scan(tree, journal=journal)
    names = [one.name.removeprefix(f"{tree}/") for one in results]
    assert stopped[0].endswith("a.img")
    assert names == ["b.txt", "deep/c.zip!in/d.img", "deep/c.zip!e.tar!f.img", "deep/g.tar.gz!h.img"]
    assert again.totals.skipped == 1
    with Journal(tmp_path / "journal") as journal:
        assert scan(tree, journal=journal)[0] == []


def test_a_foreign_file_is_no_journal_and_stays_as_it_is(tmp_path: Path) -> None:
    for content in (b"picture\n", b"half", b'{"a":1}\n', b"\xff\xfe\n"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(JournalForeignError):
            Journal(tmp_path / "file")
        assert (tmp_path / "file").read_bytes() == content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    assert cell(f"{start}1+1").startswith("'")
    assert "\0" not in cell("a\0b")


def test_the_formats_agree_with_each_other(tree: Path) -> None:
    results, work = scan(tree)
    lines, rows = io.StringIO(), io.StringIO()
    writers = JsonLines(lines), Csv(rows)
    for one in results:
        for writer in writers:
            writer.write(one)
    records = [json.loads(line) for line in lines.getvalue().splitlines()]
    table = list(csv.DictReader(io.StringIO(rows.getvalue(), newline="")))
    assert [r["name"] for r in records] == [row["name"] for row in table]
    assert [len(r["matches"]) for r in records] == [int(row["matches"]) for row in table]
    assert table[0]["distance"] == "3"
    assert table[1]["refused"] == "not_a_picture"
    recall = Recall({"a.img": (str(entry_id(1)), "edit<1>"), "b.txt": (str(entry_id(2)), "crop")})
    for one in results:
        recall.add(one)
    page = html_summary(work.totals, 2.0, {"list-a": "List <A>"}, recall)
    assert "1 of 1 (100.0%)" in page
    assert "0 of 1 (0.0%)" in page
    assert "List &lt;A&gt;" in page
    assert "http" not in page.replace("http-equiv", "")
