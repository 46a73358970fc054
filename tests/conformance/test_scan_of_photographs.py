"""A scan of real photographs, as a provider runs it: planted copies are found, nothing else is, the summary is true."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.pictures import EDITS, jpeg, photos

LISTED = 12


def _tutela(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tutela.app.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _plant(folder: Path) -> dict[str, str]:
    """Edited copies of the listed photographs; returns each file's name with its edit."""
    planted: dict[str, str] = {}
    for photo in photos()[:LISTED]:
        pixels = np.asarray(Image.open(photo).convert("RGB"))
        for edit, change in EDITS.items():
            name = f"{photo.stem}-{edit}.jpg"
            (folder / name).write_bytes(jpeg(change(pixels), quality=85))
            planted[name] = edit
    return planted


def test_planted_copies_are_found_and_no_other_photograph(tmp_path: Path) -> None:
    scanned = tmp_path / "scanned"
    scanned.mkdir()
    planted = _plant(scanned)
    for photo in photos()[LISTED:]:
        (scanned / photo.name).write_bytes(photo.read_bytes())
    hashes = tmp_path / "hashes.jsonl"
    hashes.write_text(_tutela("hash", *photos()[:LISTED]).stdout)
    assert _tutela("index", "build", hashes, "-o", tmp_path / "list.snapshot").returncode == 0
    found = _tutela("scan", scanned, "--list", tmp_path / "list.snapshot", "-o", tmp_path / "out.jsonl")
    assert found.returncode == 1, found.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    matched = {Path(line["name"]).name for line in lines if line.get("matches")}
    assert matched <= set(planted), "a photograph that is not listed was found"
    assert sorted(set(planted) - matched) == []
    assert len(lines) == len(planted) + len(photos()) - LISTED
    assert not [line for line in lines if line.get("refused")]


def test_the_summary_counts_what_the_lines_say(tmp_path: Path) -> None:
    page = tmp_path / "summary.html"
    listed = photos()[0]
    (tmp_path / "hashes.jsonl").write_text(_tutela("hash", listed).stdout)
    _tutela("index", "build", tmp_path / "hashes.jsonl", "-o", tmp_path / "list.snapshot")
    entry = json.loads(_tutela("scan", listed, "--list", tmp_path / "list.snapshot").stdout.splitlines()[0])
    with (tmp_path / "planted.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["name", "entry_id", "edit"])
        writer.writerow([str(listed), entry["matches"][0]["entry_id"], "none"])
    done = _tutela(
        "scan",
        listed,
        photos()[1],
        "--list",
        tmp_path / "list.snapshot",
        "--format",
        "html",
        "-o",
        page,
        "--planted",
        tmp_path / "planted.csv",
    )
    assert done.returncode == 1, done.stderr
    text = page.read_text()
    assert "http://" not in text
    assert "<script" not in text
    assert "none" in text
