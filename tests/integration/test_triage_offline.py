"""Triage from the start to the exports, without a network, on disk images, killed at random and resumed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from tests.support.triage_world import SeizedDevice, authorisation, ext4_image, fat_image, seized_device
from tutela.exchange.hash_lists.entry import Listed
from tutela.exchange.hash_lists.vics_reader import VicsReader
from tutela.forensics.items.classes import ItemClass
from tutela.media import HasherPool

FORMATS = ("jsonl", "csv", "html", "vics", "vics-1.3", "case")
SCHEMA = Path(__file__).parents[1] / "fixtures" / "case_export.schema.json"
# `make drills`: 50,000 files, most of them noise, on the two images together.
LONG = os.environ.get("DRILLS") == "long"
EXACT, NEAR, UNKNOWN, NOISE = (1000, 1000, 3000, 20_000) if LONG else (20, 50, 10, 0)
MEGABYTES = 8192 if LONG else 48


def triage(*arguments: object, expect: tuple[int, ...] = (0,)) -> str:
    """The command in a network namespace of its own, where no address can be reached."""
    done = subprocess.run(offline(*arguments), capture_output=True, text=True)
    assert done.returncode in expect, done.stdout + done.stderr
    return done.stdout


def offline(*arguments: object) -> list[str]:
    own = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-r", "-n"]
    return [*own, sys.executable, "-m", "tutela.app.cli", "triage", *map(str, arguments)]


class Lab:
    """A device, its images, and a case that was started and not run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with HasherPool(workers=2) as pool:
            self.device: SeizedDevice = seized_device(pool, EXACT, NEAR, UNKNOWN)
        chance = random.Random(1)
        for number in range(NOISE):
            self.device.plant(f"system/{number // 500}/{number}.dat", chance.randbytes(chance.randint(1, 60_000)))
        source = self.device.write(root / "source")
        self.images = [
            ext4_image(root / "phone.img", source, MEGABYTES),
            fat_image(root / "card.dd", source, MEGABYTES),
        ]
        allowed = authorisation(root / "authorisation.json", *self.images)
        lists = self.device.write_lists(root)
        given = [part for role, path in lists.items() for part in (f"--{role}", path)]
        self.started = root / "started"
        triage("start", self.started, "--authorisation", allowed, *given)
        self.whole = self.copy("whole")
        triage("run", self.whole, expect=(1,))

    def copy(self, name: str) -> Path:
        """The started case in another folder."""
        return Path(shutil.copytree(self.started, self.root / name))

    def exported(self, case: Path, form: str, *options: str) -> Path:
        """An export of a case."""
        target = case / f"export-{form}.{'jsonld' if form == 'case' else 'out'}"
        triage("export", case, "--format", form, "-o", target, *options)
        return target


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab(tmp_path_factory.mktemp("triage"))


def items(lab: Lab) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path on the device, and the item, of every place."""
    for line in lab.exported(lab.whole, "jsonl").read_text().splitlines():
        row = json.loads(line)
        if row["record"] == "item":
            yield row["path"].partition("/")[2], row


def test_every_planted_item_has_its_class_and_nothing_else_is_known(lab: Lab) -> None:
    found = [(path, row["class"]) for path, row in items(lab)]
    truth = lab.device.truth
    exact = [(path, got) for path, got in found if truth.get(path) not in (None, "near_known")]
    assert {(path, got) for path, got in exact} == {(path, truth[path]) for path, _ in exact}
    assert {path for path, _ in exact} == {path for path in truth if truth[path] != "near_known"}
    assert {path for path, got in found if got == "known"} == {path for path in truth if truth[path] == "known"}
    near = [got == "near_known" for path, got in found if truth.get(path) == "near_known"]
    assert len(near) == 2 * NEAR
    assert sum(near) / len(near) >= 0.98


def test_what_was_not_read_or_examined_is_counted(lab: Lab) -> None:
    said = json.loads(triage("status", lab.whole, "--json"))
    # On each device: a file and a member of the lawyer's; an age file, a 7z, a flat picture.
    assert said["outside"] == {"privileged": 4}
    assert said["not_examined"] == {"encrypted": 2, "low_information": 2, "unopened": 2}
    assert said["conflicts"] == 2, "a lawful list that has a known item is an alarm, and hides nothing"
    assert said["complete"]
    paths = {path for path, _ in items(lab)}
    assert not any("lawyer" in path for path in paths)


def test_unknown_items_are_ordered_by_explained_signs(lab: Lab) -> None:
    scores = {path: (row["score"], row["signs"]) for path, row in items(lab) if row["class"] == "unknown"}
    best = max(scores, key=lambda path: scores[path][0])
    assert best == "DCIM/100CANON/new-0.jpg"
    assert {"camera", "serial", "native_size", "camera_folder", "recent"} <= set(scores[best][1])
    assert scores["home/flat.png"][0] < scores[best][0]


def test_a_run_that_is_killed_at_random_ends_with_the_same_bytes(lab: Lab) -> None:
    case, chance = lab.copy("killed"), random.Random(os.urandom(8))
    kills = 0
    while kills < 4:
        before = done_files(case)
        running = subprocess.Popen(
            offline("run", case), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wanted = before + chance.randint(1, 30)
        wait_for(case, wanted, running)
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        if running.wait() in (0, 1):
            break
        kills += 1
    assert kills, "the first run was too short to be killed"
    triage("run", case, expect=(1,))
    for form in FORMATS:
        assert lab.exported(case, form).read_bytes() == lab.exported(lab.whole, form).read_bytes(), form


def test_a_quick_pass_finds_exact_copies_and_obeys_the_authorisation(lab: Lab) -> None:
    case = lab.copy("quick")
    triage("run", case, "--quick", 3600 if LONG else 60, "--only-quick", expect=(1,))
    said = json.loads(triage("status", case, "--json"))
    assert said["quick"]["known"] == 2 * EXACT
    assert not said["complete"]
    assert said["outside"] == {"privileged": 2}


@pytest.mark.parametrize("form", ["vics", "vics-1.3"])
def test_a_vics_export_goes_round(lab: Lab, form: str) -> None:
    with lab.exported(lab.whole, form).open(encoding="utf-8") as file:
        entries = [one for one in VicsReader().read(file) if isinstance(one, Listed)]
    wanted = {row["md5"] for _, row in items(lab) if row["kind"] == "picture" and row["class"] != "ignorable"}
    assert {one.first("md5") for one in entries} == wanted
    assert not any(one.classification for one in entries), "only grades of people are written"
    places = [each for one in entries for each in one.files]
    assert {f"{one.folder}\\{one.name}" for one in places} >= {"device 1\\volume 0\\home\\exact-0.png"}


def test_a_case_export_conforms(lab: Lab) -> None:
    validator = Path(sys.executable).with_name("case_validate")
    # The validator takes hours for thousands of findings.
    few = ("--class", "known_elsewhere") if LONG else ()
    command = [validator, "--built-version", "case-1.4.0", lab.exported(lab.whole, "case", *few)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Conforms: True" in done.stdout


def test_a_case_export_of_every_class_has_its_shape(lab: Lab) -> None:
    classes = [part for one in ItemClass for part in ("--class", one)]
    found = json.loads(lab.exported(lab.whole, "case", *classes).read_bytes())
    schema = Validator(json.loads(SCHEMA.read_bytes()))
    assert [f"{list(one.absolute_path)}: {one.message[:200]}" for one in islice(schema.iter_errors(found), 5)] == []
    nodes = [one["@id"] for one in _nodes(found["@graph"])]
    assert len(nodes) == len(set(nodes)), "every node has an ID of its own"
    files = sum(one["@type"] == "uco-observable:File" for one in found["@graph"])
    assert files == sum(bool(row["sha256"]) for _, row in items(lab))


def _unique(_: object, wanted: bool, found: list[object], __: object) -> Iterator[ValidationError]:
    """`uniqueItems` by text: the library compares each item with every other, which takes hours for thousands."""
    texts = [json.dumps(one, sort_keys=True) for one in found] if wanted else []
    if len(texts) != len(set(texts)):
        yield ValidationError("two items are the same")


Validator = extend(Draft202012Validator, {"uniqueItems": _unique})


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every node with a type, at any depth."""
    if isinstance(value, list):
        yield from (found for one in value for found in _nodes(one))
    elif isinstance(value, dict):
        if "@id" in value and "@type" in value:
            yield value
        yield from (found for one in value.values() for found in _nodes(one))


def test_the_sources_are_as_they_were(lab: Lab) -> None:
    for image in lab.images:
        assert image.stat().st_mtime_ns < (lab.started / "case.db").stat().st_mtime_ns


def done_files(case: Path) -> int:
    with closing(sqlite3.connect(f"file:{case / 'case.db'}?mode=ro", uri=True, timeout=60)) as database:
        return int(database.execute("SELECT count(*) FROM file WHERE done = 1").fetchone()[0])


def wait_for(case: Path, wanted: int, running: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    """Until so many files are done, or the run has ended."""
    end = time.monotonic() + seconds
    while done_files(case) < wanted:
        assert time.monotonic() < end, "nothing happened"
        try:
            running.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        return
