"""A scan of thousands of real pictures by the command itself: no crash, the planted copies, and nothing else.

`corpus/` is filled by `make corpus`; the photographs of the tests are listed, and copies of them edited in every way of
`tests/support/pictures.py` lie among the corpus. The photographs come from the packages of the corpus, so the listed
ones lie in it as well: what is found besides counts as another picture unless it correlates with a listed one as a
whole.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report, seconds
from same_content import SAME, Plane, Small, correlation
from tests.support.pictures import EDITS, jpeg, photos

from tutela.matching.files.records import MIN_QUALITY

CORPUS = Path(os.environ.get("TUTELA_CORPUS", Path(__file__).resolve().parent.parent / "corpus"))
LISTED, MOST = (3, 20) if QUICK else (40, 20_000)
PHOTOS = photos()[:20] if QUICK else photos()


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Tutela as somebody types it."""
    return subprocess.run(
        [sys.executable, "-m", "tutela.app.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def listable() -> tuple[list[Path], str]:
    """The first photographs that a list takes, with their lines of `tutela hash`: too flat a one is on no list."""
    chosen, kept = list[Path](), list[str]()
    for line in command("hash", *PHOTOS).stdout.splitlines():
        said = json.loads(line)
        if said["picture"]["frames"][0]["quality"] >= MIN_QUALITY and len(chosen) < LISTED:
            chosen.append(Path(said["name"]))
            kept.append(line)
    return chosen, "\n".join(kept)


def plant(folder: Path, listed: list[Path]) -> dict[str, tuple[str, str]]:
    """Edited copies into a folder; each file's name with the listed one's and the edit."""
    planted = {}
    for photo in listed:
        with Image.open(photo) as opened:
            pixels = np.asarray(opened.convert("RGB"))
        for edit, change in EDITS.items():
            name = f"{photo.stem}-{edit}.jpg"
            (folder / name).write_bytes(jpeg(change(pixels), quality=85))
            planted[name] = (photo.name, edit)
    return planted


def corpus() -> list[Path]:
    """Every file of the corpus that may be a picture."""
    ends = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"}
    found = sorted(path for path in CORPUS.rglob("*") if path.suffix.lower() in ends) if CORPUS.exists() else []
    if len(found) < (300 if QUICK else 2000):
        note(f"{len(found)} pictures in {CORPUS}: run `make corpus` for more")
    return found[:MOST]


def scan(folder: Path) -> None:
    """Plant, scan, and print what came of it."""
    listed, hashed = listable()
    planted = plant(folder, listed)
    others = [*(photo for photo in PHOTOS if photo not in listed), *corpus()]
    (folder / "hashes.jsonl").write_text(hashed)
    made = command("index", "build", folder / "hashes.jsonl", "-o", folder / "list.snapshot")
    assert made.returncode == 0, made.stderr
    out = folder / "out.jsonl"
    paths = [folder / name for name in planted] + others
    done: list[Any] = []
    taken = seconds(
        lambda: done.append(command("scan", "--list", folder / "list.snapshot", "-o", out, *_folders(folder, paths)))
    )
    assert done[0].returncode in (1, 3), done[0].stderr[-2000:]
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    places = {Path(line["name"]).name: Path(line["name"]) for line in lines}
    shown = [small(path) for path in listed]
    _say(lines, planted, taken, lambda name: any(correlation(small(places[name]), one) > SAME for one in shown))


def small(path: Path) -> Plane:
    """A whole picture's luminance, 64 × 64."""
    with Image.open(path) as opened:
        return Small.of(opened).window((0.0, 0.0, 1.0, 1.0))


def _folders(folder: Path, paths: list[Path]) -> list[Path]:
    """One folder of links: no command line holds twenty thousand names."""
    links = folder / "scanned"
    links.mkdir()
    for number, path in enumerate(paths):
        link = links / (path.name if path.parent == folder else f"{number:06d}{path.suffix.lower()}")
        try:
            link.hardlink_to(path)
        except OSError:  # on another file system
            shutil.copyfile(path, link)
    return [links]


def _say(
    lines: list[dict[str, Any]],
    planted: dict[str, tuple[str, str]],
    taken: float,
    listed_itself: Callable[[str], bool],
) -> None:
    present, found, hits, refused = Counter[str](), Counter[str](), list[str](), Counter[str]()
    for line in lines:
        name, hit = Path(line["name"]).name, bool(line.get("matches"))
        if line.get("refused"):
            refused[line["refused"]["code"]] += 1
        if name in planted:
            present[planted[name][1]] += 1
            found[planted[name][1]] += hit
        elif hit:
            hits.append(name)
    others = [name for name in hits if not listed_itself(name)]
    note(f"{len(lines)} files, {len(planted)} of them planted; refused: {dict(refused)}")
    note("found: " + ", ".join(f"{edit} {found[edit]} of {present[edit]}" for edit in EDITS))
    note(f"{len(hits) - len(others)} more are the listed pictures themselves")
    figure("scan_files", len(lines), "files", f">={300 if QUICK else 2000}")
    figure("scan_crashes", refused["crashed"] + refused["unavailable"], "files", "=0")
    figure("scan_recall", sum(found.values()) / max(1, sum(present.values())), "of planted", ">=0.98")
    figure("scan_others_found", len(others), "files", "=0")
    figure("scan_rate", len(lines) / taken, "files/s", ">0")


def main() -> None:
    """Scan once."""
    machine()
    with tempfile.TemporaryDirectory(prefix="tutela-scan-") as place:
        scan(Path(place))
    report()


if __name__ == "__main__":
    main()
