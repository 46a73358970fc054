"""A source that could not be read whole makes the case incomplete, in every output, until it can be read."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.support.triage_world import authorisation, ext4_image, picture
from tutela.app.cli import app
from tutela.app.cli.exit_codes import Exit
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.case_folder.losses import CaseState, case_state, losses_of
from tutela.forensics.exports.figures import CaseFigures
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.viewer.grading_viewer import GradingViewer
from tutela.media import Code, Digests, HasherPool, Refused, digest_bytes

NOW = datetime(2026, 11, 30, tzinfo=UTC)
MIB = 1 << 20


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as made:
        yield made


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file system of 12 MiB that is nearly full, as a raw image and as an E01 in segments."""
    root, chance = tmp_path_factory.mktemp("image"), random.Random(3)
    source = root / "source"
    source.mkdir()
    (source / "a.png").write_bytes(picture(1))
    for number in range(8):
        (source / f"{number}.bin").write_bytes(chance.randbytes(MIB))
    raw = ext4_image(root / "disk.img", source, 12)
    subprocess.run(
        ["ewfacquire", "-u", "-S", "2MiB", "-c", "none", "-t", root / "disk", raw], check=True, capture_output=True
    )
    return raw


def cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def last(folder: Path) -> Path:
    return max(folder.glob("disk.E*"))


def raw_parts(folder: Path) -> None:
    data = (folder / "disk.img").read_bytes()
    for number in range(4):
        (folder / f"part.{number + 1:03d}").write_bytes(data[number * 3 * MIB : (number + 1) * 3 * MIB])


# What is done to the copies of an image, the file that is given as the source, and the reason that is stated.
FAULTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a middle segment is missing": (lambda at: (at / "disk.E03").unlink(), "disk.E01", "missing_segment"),
    "the last segment is missing": (lambda at: last(at).unlink(), "disk.E01", "missing_segment"),
    "the last segment is cut short": (lambda at: cut(last(at), 0.5), "disk.E01", "truncated"),
    "a raw image is cut short": (lambda at: cut(at / "disk.img", 0.6), "disk.img", "truncated"),
    "a part of a raw image is missing": (lambda at: (at / "part.003").unlink(), "part.001", "missing_segment"),
    "no file system can be opened": (
        lambda at: (at / "disk.img").write_bytes(bytes(MIB)) and None,
        "disk.img",
        "unknown_volume",
    ),
}


def started(root: Path, *devices: Path) -> Case:
    allowed = load_authorisation(authorisation(root / "authorisation.json", *devices))
    return start_case(root / "case", allowed, now=NOW, writable_source=True)


def names(case: Case) -> set[str]:
    return {row["name"].rpartition("/")[2] for row in case.rows("SELECT name FROM item WHERE sha256 <> ''")}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_image_that_is_not_whole_is_incomplete_until_it_is(
    tmp_path: Path, pool: HasherPool, image: Path, fault: str
) -> None:
    spoil, name, code = FAULTS[fault]
    copies = tmp_path / "copies"
    shutil.copytree(image.parent, copies, ignore=shutil.ignore_patterns("source"))
    raw_parts(copies)
    whole = {one.name: one.read_bytes() for one in copies.iterdir()}
    spoil(copies)
    with started(tmp_path, copies / name) as case:
        for _ in range(2 if name == "disk.E01" and code == "truncated" else 1):
            TriageRun(case, pool).run()
            assert case_state(case) is CaseState.INCOMPLETE
            assert code in {one.code for one in losses_of(case)}
            assert not CaseFigures.of_case(case).complete
            rows = [row["name"] for row in case.rows("SELECT name FROM item")]
            assert len(rows) == len(set(rows))
        for one, data in whole.items():
            (copies / one).write_bytes(data)
        TriageRun(case, pool).run()
        assert case_state(case) is CaseState.COMPLETE
        assert names(case) >= {"a.png", *(f"{number}.bin" for number in range(8))}
        rows = [row["name"] for row in case.rows("SELECT name FROM item")]
        assert len(rows) == len(set(rows))


def test_whole_images_are_complete(tmp_path: Path, pool: HasherPool, image: Path) -> None:
    raw_parts(image.parent)
    (image.parent / "disk.log").write_bytes(b"a log of the acquisition")
    devices = (image, image.with_suffix(".E01"), image.parent / "part.001")
    with started(tmp_path, *devices) as case:
        TriageRun(case, pool).run()
        assert losses_of(case) == []
        assert case_state(case) is CaseState.COMPLETE


def test_a_device_that_is_gone_stops_no_other_one(tmp_path: Path, pool: HasherPool) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_bytes(name.encode())
    with started(tmp_path, tmp_path / "one", tmp_path / "two") as case:
        (tmp_path / "one").rename(tmp_path / "away")
        TriageRun(case, pool).run()
        assert case_state(case) is CaseState.INCOMPLETE
        assert [(one.device, one.code) for one in losses_of(case)] == [("device 1", "unreadable")]
        assert case.count("SELECT count(*) FROM item") == 1
        (tmp_path / "away").rename(tmp_path / "one")
        TriageRun(case, pool).run()
        assert (case_state(case), case.count("SELECT count(*) FROM item")) == (CaseState.COMPLETE, 2)


def test_a_folder_or_a_file_that_cannot_be_read_is_a_loss(
    tmp_path: Path, pool: HasherPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    (source / "closed").mkdir(parents=True)
    (source / "closed" / "a.txt").write_bytes(b"a")
    (source / "b.txt").write_bytes(b"b")
    scandir, opened = os.scandir, os.open

    def refuse(path: object, *more: object) -> object:
        if os.fsdecode(path).endswith(("/closed", "/b.txt")):  # type: ignore[arg-type]
            raise PermissionError(13, "Permission denied")
        return (opened if more else scandir)(path, *more)  # type: ignore[call-overload,operator]

    with started(tmp_path, source) as case:
        with monkeypatch.context() as patched:
            patched.setattr(os, "scandir", refuse)
            patched.setattr(os, "open", refuse)
            TriageRun(case, pool).run()
        assert [(one.path, one.code) for one in losses_of(case)] == [("closed", "unreadable"), ("b.txt", "unreadable")]
        TriageRun(case, pool).run()
        assert case_state(case) is CaseState.COMPLETE
        assert names(case) == {"a.txt", "b.txt"}


class NoDecoder:
    """A pool that cannot start a decoder."""

    def hash_bytes(self, data: bytes, *, tenant: str, listed: bool = False, digests: Digests | None = None) -> Refused:
        """Refuse everything."""
        return Refused(digests or digest_bytes(data), Code.UNAVAILABLE, "no worker can be started")


def test_an_item_without_a_decoder_is_tried_again(tmp_path: Path, pool: HasherPool) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.png").write_bytes(picture(1))
    with started(tmp_path, source) as case:
        TriageRun(case, NoDecoder()).run()
        assert [one.code for one in losses_of(case)] == ["unavailable"]
        TriageRun(case, pool).run()
        assert case_state(case) is CaseState.COMPLETE
        assert [row["class"] for row in case.rows("SELECT class FROM item")] == ["unknown"]


def triage(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["triage", *map(str, arguments)])


def test_every_output_says_incomplete(tmp_path: Path, image: Path) -> None:
    path, case = tmp_path / "disk.img", tmp_path / "case"
    path.write_bytes(image.read_bytes())
    cut(path, 0.6)
    assert triage("start", case, "--authorisation", authorisation(tmp_path / "a.json", path)).exit_code == 0
    done = triage("run", case, "--jobs", 1)
    assert done.exit_code == Exit.INCOMPLETE == 6
    assert done.stdout.startswith("incomplete: ")
    assert "not read whole: device 1: truncated 1" in done.stdout
    assert "incomplete: " in triage("status", case).stdout
    told = json.loads(triage("status", case, "--json").stdout)
    assert (told["complete"], told["state"], told["losses"]["device 1"]["truncated"]) == (False, "incomplete", 1)
    exported = {}
    for form in ("html", "csv", "jsonl", "vics", "vics-1.3", "case"):
        target = tmp_path / f"export.{form}"
        written = triage("export", case, "--format", form, "-o", target)
        assert "incomplete: device 1: truncated 1" in written.stderr
        exported[form] = target.read_text(encoding="utf-8")
    assert "The examination is incomplete" in exported["html"]
    assert "<td>truncated</td>" in exported["html"]
    rows = [row for row in csv.DictReader(io.StringIO(exported["csv"])) if row["class"] == "incomplete"]
    assert "truncated" in {row["not_examined"] for row in rows}
    lines = list(map(json.loads, exported["jsonl"].splitlines()))
    assert lines[0]["figures"]["state"] == "incomplete"
    assert "truncated" in {one["code"] for one in lines if one["record"] == "loss"}
    (action,) = (one for one in json.loads(exported["case"])["@graph"] if one["@type"].endswith("InvestigativeAction"))
    assert action["uco-core:tag"] == ["state:incomplete"]
    assert any("truncated" in one for one in action["uco-core:description"])
    with Case(case) as opened:
        page = GradingViewer(opened, "Ada", {"1": "be:1"}, now=lambda: NOW).page("nonce").decode()
    assert "The examination is incomplete" in page
