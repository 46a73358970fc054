"""`tutela scan` and `tutela hash`: what they end with, which journal they go on with, and how names are printed."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import resource
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from tests.support.fakes.media import picture
from tests.support.matching_lists import digests, entry_id, pdq
from tests.unit.app.cli.test_exit_codes import folder, run
from tutela.exchange.hash_lists.entry import Listed
from tutela.exchange.hash_lists.vics_reader import VicsReader
from tutela.media.video.vpdq import Feature, write_lines

__all__ = ["folder"]
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(200)
_DDS = b"DDS " + struct.pack("<I", 124) + bytes(200)
UNREAD = {"a.jp2": _JP2, "a.dds": _DDS, "a.pdf": b"%PDF-1.7\n%%EOF\n", "a.jxl": b"\xff\x0a" + bytes(99)}


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    record = {"entry_id": str(entry_id(1)), "pdq": [{"hash": pdq(1).hex(), "quality": 90}]}
    (tmp_path / "in.jsonl").write_text(json.dumps(record) + "\n")
    assert run("index", "build", tmp_path / "in.jsonl", "-o", tmp_path / "list", "--list-id", "mine").exit_code == 0
    (tmp_path / "items").mkdir()
    return tmp_path


def both(place: Path, name: str) -> Iterator[int]:
    yield run("scan", place / "items" / name, "--list", place / "list").exit_code
    yield run("hash", place / "items" / name).exit_code


@pytest.mark.parametrize("name", UNREAD)
def test_a_picture_that_is_not_read_ends_both_with_3(listed: Path, name: str) -> None:
    (listed / "items" / name).write_bytes(UNREAD[name])
    assert [*both(listed, name)] == [3, 3]


@pytest.mark.parametrize("name", ["a.tiff", "a.ico"])
def test_a_picture_that_is_read_ends_both_with_0(listed: Path, name: str) -> None:
    Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(listed / "items" / name)
    assert [*both(listed, name)] == [0, 0]
    (listed / "items" / name).write_bytes((listed / "items" / name).read_bytes()[:40])
    assert [*both(listed, name)] == [3, 3]


def test_a_picture_too_flat_to_be_compared_is_told_at_the_end(listed: Path) -> None:
    Image.new("RGB", (200, 150), "grey").save(listed / "items" / "flat.png")
    said = run("scan", listed / "items", "--list", listed / "list")
    assert said.exit_code == 0
    assert json.loads(said.stdout)["status"] == "not_compared"
    assert "1 of 1 items were not compared: too flat" in said.stderr


@pytest.mark.parametrize("data", [b"text", b""])
def test_what_is_no_picture_ends_both_with_0(listed: Path, data: bytes) -> None:
    (listed / "items" / "a.txt").write_bytes(data)
    assert [*both(listed, "a.txt")] == [0, 0]


@pytest.mark.parametrize("command", ["scan", "hash"])
def test_the_help_says_which_number_means_what(command: str) -> None:
    said = " ".join(run(command, "--help").output.replace("│", " ").split())
    for word in ("3 something could not be read or hashed", "JPEG 2000", "DDS", "PDF"):
        assert word in said


@pytest.mark.parametrize("format_", ["jsonl", "csv", "html"])
def test_a_scan_that_cannot_begin_leaves_an_existing_output(
    listed: Path, format_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTELA_EDGE_TOKEN", "t" * 40)
    out = listed / "out"
    out.write_text("results of last year")
    Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).save(listed / "items" / "a.png")
    done = run("scan", listed / "items", "--edge", "http://127.0.0.1:9", "--format", format_, "-o", out)
    assert done.exit_code == 5, done.output
    assert out.read_text() == "results of last year"


def test_a_scan_writes_vics_that_reads_back(listed: Path) -> None:
    Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).save(listed / "items" / "a.png")
    (listed / "items" / "note.txt").write_text("a note")
    asked = ("scan", listed / "items", "--list", listed / "list", "--format", "vics")
    assert run(*asked, "-o", listed / "out").exit_code == 0
    with (listed / "out").open() as file:
        (entry,) = VicsReader().read(file)
    assert isinstance(entry, Listed)
    assert entry.first("sha256") == hashlib.sha256((listed / "items" / "a.png").read_bytes()).hexdigest()
    assert [one.name for one in entry.files] == ["a.png"]
    assert run(*asked, "--resume", listed / "journal").exit_code == 2


@pytest.mark.parametrize(("format_", "begin"), [("jsonl", ""), ("csv", "name,"), ("html", "<")])
def test_a_scan_of_nothing_has_an_output_without_results(listed: Path, format_: str, begin: str) -> None:
    out = listed / "out"
    out.write_text("results of last year")
    done = run("scan", listed / "items", "--list", listed / "list", "--format", format_, "-o", out)
    assert done.exit_code == 0, done.output
    assert out.read_text().startswith(begin)
    assert "last year" not in out.read_text()


@contextmanager
def _disk_of(most: int) -> Iterator[None]:
    """No file can be longer than so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("_fake_pool")
class TestJournal:
    @pytest.fixture
    def _fake_pool(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from tests.support.fakes.media import HasherPool
        from tutela.app.cli.offline import scan as scan_command

        monkeypatch.setattr(scan_command, "HasherPool", HasherPool)

    def _scan(self, place: Path, *more: object, output: str = "out.jsonl") -> tuple[int, str]:
        args = ("scan", place / "items", "-o", place / output, "--resume", place / "journal")
        done = run(*args, *more)
        return done.exit_code, done.output

    def test_a_journal_goes_on_with_its_own_lists_and_options_alone(self, folder: Path) -> None:
        mine = ("--list", folder / "list")
        assert self._scan(folder, *mine)[0] == 1
        assert self._scan(folder, *mine)[0] == 1, "all is done, and something matched"
        (folder / "other.jsonl").write_text(
            json.dumps({"entry_id": str(entry_id(9)), "sha256": digests(9).sha256}) + "\n"
        )
        run("index", "build", folder / "other.jsonl", "-o", folder / "other", "--list-id", "mine")
        before = (folder / "journal").read_bytes()
        for more, said in (
            (("--list", folder / "other"), "other lists"),
            ((*mine, "--list", folder / "other"), "other lists"),
            ((*mine, "--windows", "off"), "other limits"),
            ((*mine, "--agree", "0:80"), "other agree"),
            ((*mine, "--format", "csv"), "other format"),
        ):
            code, output = self._scan(folder, *more)
            assert code == 2
            assert said in " ".join(output.split())
        assert self._scan(folder, *mine, output="elsewhere.jsonl")[0] == 2
        assert (folder / "journal").read_bytes() == before
        assert not (folder / "elsewhere.jsonl").exists()

    def test_a_journal_whose_output_is_gone_or_that_says_nothing_is_refused(self, folder: Path) -> None:
        mine = ("--list", folder / "list")
        self._scan(folder, *mine)
        (folder / "out.jsonl").unlink()
        code, output = self._scan(folder, *mine)
        assert (code, "no longer exists" in " ".join(output.split())) == (2, True)
        lines = (folder / "journal").read_text().splitlines()
        (folder / "journal").write_text("\n".join(['{"tutela-scan-journal": 1}', *lines[1:]]) + "\n")
        code, output = self._scan(folder, *mine)
        assert (code, "written by another version" in " ".join(output.split())) == (2, True)

    @pytest.mark.parametrize("format_", ["jsonl", "csv"])
    @pytest.mark.parametrize("most", [1, 300, 500, 700, 900])
    def test_a_full_disk_is_named_and_a_resumed_scan_has_each_item_once(
        self, folder: Path, format_: str, most: int
    ) -> None:
        for number in range(5):
            (folder / "items" / f"n{number}.img").write_bytes(picture(pdq(100 + number)))
        mine = ("--list", folder / "list", "--format", format_)
        names = sorted(str(one) for one in (folder / "items").iterdir())
        with _disk_of(most):
            code, output = self._scan(folder, *mine)
        assert code == 2
        assert any(str(folder / name) in output for name in ("out.jsonl", "journal"))
        left = (folder / "out.jsonl").read_bytes() if (folder / "out.jsonl").exists() else b""
        assert len(left) <= most
        assert not left or left.endswith(b"\n"), "no torn line"
        assert self._scan(folder, *mine)[0] == 1
        text = (folder / "out.jsonl").read_text()
        read = (
            [json.loads(line) for line in text.splitlines()]
            if format_ == "jsonl"
            else csv.DictReader(text.splitlines())
        )
        assert [one["name"] for one in read] == names

    def test_what_was_written_after_the_last_finished_file_is_not_kept(self, folder: Path) -> None:
        mine = ("--list", folder / "list")
        self._scan(folder, *mine)
        whole = (folder / "out.jsonl").read_text()
        lines = (folder / "journal").read_text().splitlines(keepends=True)
        (folder / "journal").write_text("".join(lines[:-1]))
        (folder / "out.jsonl").write_text(whole + '{"torn')
        assert self._scan(folder, *mine)[0] == 1
        assert (folder / "out.jsonl").read_text() == whole
        (folder / "out.jsonl").write_text(whole[:10])
        code, output = self._scan(folder, *mine)
        assert (code, "is shorter than its journal" in " ".join(output.split())) == (2, True)

    @pytest.mark.parametrize("format_", ["jsonl", "csv", "html"])
    def test_a_name_that_is_not_utf_8_is_printed_escaped(self, folder: Path, format_: str) -> None:
        (folder / "items" / "a.img").rename(folder / "items" / os.fsdecode(b"caf\xe9-\xff.img"))
        out = folder / "out"
        planted = folder / "planted.csv"
        planted.write_text(f"name,entry_id,edit\ncaf\\xe9-\\xff.img,{entry_id(1)},none\n")
        done = run(
            "scan", folder / "items", "--list", folder / "list", "--format", format_, "-o", out, "--planted", planted
        )
        assert done.exit_code == 1, done.output
        text = out.read_text(encoding="utf-8")
        if format_ == "html":
            assert "1 of 1" in text
        else:
            lines = text.splitlines()
            read = json.loads(lines[1]) if format_ == "jsonl" else next(csv.DictReader(lines[:1] + lines[2:]))
            assert Path(read["name"]).name == r"caf\xe9-\xff.img"


@pytest.mark.parametrize("name", ["a.vpdq", "a.txt"])
def test_vpdq_s_own_file_names_are_compared_and_matched(listed: Path, name: str) -> None:
    lines = write_lines([Feature(pdq(number), 90, float(number)) for number in range(3)])
    (listed / name).write_text(lines)
    (listed / "b.vpdq").write_text(lines)
    assert run("compare", listed / name, listed / "b.vpdq").exit_code == 1
    assert run("match", listed / name, "--list", listed / "list").exit_code == 1
    (listed / "bad.txt").write_text("no hashes\n")
    assert run("compare", listed / name, listed / "bad.txt").exit_code == 2
    assert run("compare", listed / name, listed / "list.tmk").exit_code == 2
