"""Files and members beyond every limit are looked up by their digests, on a folder and inside an image."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.triage_world import PROFILE, authorisation, ext4_image, picture
from tutela.forensics.authorisation import load_authorisation
from tutela.forensics.case_folder.case import Case
from tutela.forensics.exports.vics_case import write_vics
from tutela.forensics.lists.reference_list import ListRole, add_list
from tutela.forensics.pipeline import examine_file
from tutela.forensics.pipeline.run import TriageRun
from tutela.forensics.pipeline.start import start_case
from tutela.forensics.sources import folder
from tutela.forensics.viewer.item_bytes import item_bytes
from tutela.media import HasherPool
from tutela.scan.walk import WalkLimits

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LONG = 129 << 20
BYTES = random.Random(4).randbytes(300_000)


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as made:
        yield made


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with one file that begins as a video and is a hole for the rest, and the file's MD5."""
    root = tmp_path_factory.mktemp("long")
    with (root / "long.mp4").open("wb") as file:
        file.write(b"\0\0\0\x18ftypmp42" + bytes(12))
        file.truncate(LONG)
    with (root / "long.mp4").open("rb") as file:
        return root, hashlib.file_digest(file, "md5").hexdigest()


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def started(root: Path, device: Path, *known: str) -> Case:
    rows = [{"MediaID": number, "MD5": one, "Category": 1} for number, one in enumerate(known)]
    (root / "known.json").write_text(json.dumps({"@odata.context": PROFILE, "value": rows}))
    allowed = load_authorisation(authorisation(root / "authorisation.json", device))
    case = start_case(root / "case", allowed, now=NOW, writable_source=True)
    add_list(case, ListRole.KNOWN, root / "known.json")
    return case


def classes(case: Case) -> dict[str, str]:
    return {row["name"].rpartition("/")[2]: row["class"] for row in case.rows("SELECT name, class FROM item")}


def run(case: Case, pool: HasherPool, quick: bool, **more: Any) -> None:
    if quick:
        TriageRun(case, pool, quick_seconds=3600, **more).run(complete=False)
        found = case.count("SELECT count(*) FROM quick WHERE class = 'known'")
        assert found == 1
    TriageRun(case, pool, **more).run()


@pytest.mark.parametrize("quick", [False, True])
def test_a_known_video_beyond_the_usual_limit_is_found_in_a_folder(
    tmp_path: Path, pool: HasherPool, long_video: tuple[Path, str], quick: bool
) -> None:
    with started(tmp_path, long_video[0], long_video[1]) as case:
        run(case, pool, quick)
        assert classes(case) == {"long.mp4": "known"}


def test_a_known_video_beyond_the_usual_limit_is_found_in_an_image(
    tmp_path: Path, pool: HasherPool, long_video: tuple[Path, str]
) -> None:
    image = ext4_image(tmp_path / "phone.img", long_video[0], 200)
    with started(tmp_path, image, long_video[1]) as case:
        run(case, pool, quick=True)
        assert classes(case)["long.mp4"] == "known"


@pytest.mark.parametrize("on_image", [False, True])
def test_a_file_that_is_not_held_is_looked_up_by_its_digests(
    tmp_path: Path, pool: HasherPool, monkeypatch: pytest.MonkeyPatch, on_image: bool
) -> None:
    monkeypatch.setattr(folder, "_PIECE", 1000)
    source = tmp_path / "source"
    source.mkdir()
    (source / "long.avi").write_bytes(BYTES)
    (source / "other.avi").write_bytes(BYTES[1:])
    (source / "small.txt").write_bytes(b"x")
    device = ext4_image(tmp_path / "phone.img", source, 8) if on_image else source
    with started(tmp_path, device, md5(BYTES)) as case:
        run(case, pool, quick=True, most_file_bytes=1000)
        assert classes(case) == {"long.avi": "known", "other.avi": "not_examined", "small.txt": "other"}
        row = case.rows("SELECT * FROM item WHERE name LIKE '%long.avi'")[0]
        assert (row["not_examined"], row["size"]) == ("too_large", len(BYTES))
        assert row["sha256"] == hashlib.sha256(BYTES).hexdigest()
        assert item_bytes(case, row["sha256"]) == BYTES
        out = io.StringIO()
        write_vics(case, out, version="2.0", categories={})
        (media,) = json.loads(out.getvalue())["value"][0]["Media"]
        assert (media["MD5"], media["MimeType"]) == (md5(BYTES).upper(), "video")


def test_a_long_file_is_given_up_when_the_quick_pass_ends(tmp_path: Path, pool: HasherPool) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "long.avi").write_bytes(BYTES)
    with started(tmp_path, source, md5(BYTES)) as case:
        ticks = iter([0.0, 0.0, *[9.0] * 99])
        quick = TriageRun(case, pool, quick_seconds=5, most_file_bytes=1000, monotonic=lambda: next(ticks))
        quick.run(complete=False)
        assert case.count("SELECT count(*) FROM quick") == 0
        run(case, pool, quick=True, most_file_bytes=1000)


def test_members_that_are_not_held_are_looked_up_within_the_budget(
    tmp_path: Path, pool: HasherPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"max_file_bytes": 1000, "max_archive_bytes": 500_000}
    monkeypatch.setattr(examine_file, "WalkLimits", lambda **more: WalkLimits(**limits, **more))
    source = tmp_path / "source"
    source.mkdir()
    with zipfile.ZipFile(source / "a.zip", "w") as archive:
        for name, data in (("long.avi", BYTES), ("small.png", b"small"), ("beyond.avi", BYTES[5:])):
            archive.writestr(name, data)
    with started(tmp_path, source, md5(BYTES)) as case:
        TriageRun(case, pool).run()
        found = {row["name"]: (row["class"], row["not_examined"]) for row in case.rows("SELECT * FROM item")}
    assert found == {
        "a.zip!long.avi": ("known", "too_large"),
        "a.zip!small.png": ("other", ""),
        "a.zip!beyond.avi": ("not_examined", "too_large"),
    }


@pytest.mark.parametrize("packed", ["zip", "7z", "broken"])
def test_an_archive_that_a_list_has_is_kept_by_the_complete_pass(tmp_path: Path, pool: HasherPool, packed: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inside.png", picture(1))
    data = {"zip": out.getvalue(), "7z": b"7z\xbc\xaf\x27\x1c" + BYTES, "broken": b"PK\3\4" + BYTES}[packed]
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.zip").write_bytes(data)
    with started(tmp_path, source, md5(data)) as case:
        run(case, pool, quick=True)
        assert classes(case)["a.zip"] == "known"
        assert case.count("SELECT count(*) FROM item WHERE class = 'known'") == 1


def test_what_the_quick_pass_found_stays_though_the_file_cannot_be_read_again(tmp_path: Path, pool: HasherPool) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.bin").write_bytes(BYTES)
    with started(tmp_path, source, md5(BYTES)) as case:
        TriageRun(case, pool, quick_seconds=3600).run(complete=False)
        (source / "a.bin").unlink()
        TriageRun(case, pool).run()
        (row,) = case.rows("SELECT * FROM item")
        assert (row["class"], row["not_examined"]) == ("known", "unreadable")
        assert row["sha256"] == hashlib.sha256(BYTES).hexdigest()
