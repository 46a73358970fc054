"""An Edge whose disk is full: what matches is not waved through, everything else is answered, and room is enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.drills import until
from tests.support.edges import LISTED, OTHER, RealEdge, hashes
from tests.support.outages import Disk
from tests.support.pictures import photos

pytestmark = pytest.mark.slow

FILE, THIRD = "application/octet-stream", photos()[2]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "edge", 96)
    yield made
    made.unmount()


@pytest.fixture
def edge(disk: Disk, tmp_path: Path) -> Iterator[RealEdge]:
    # The list lies elsewhere: only what the Edge itself keeps is on the small disk. So is its log.
    listed = hashes(tmp_path / "listed.jsonl", LISTED)
    made = RealEdge(disk.folder, listed, SINK_FILE=str(disk.folder / "candidates.jsonl"))
    made.log = tmp_path / "edge.log"
    made.start()
    yield made
    made.stop()


def test_an_edge_without_room_keeps_no_candidate_half_and_goes_on_when_there_is_some(
    edge: RealEdge, disk: Disk, tmp_path: Path
) -> None:
    def scan(name: str, picture: Path) -> object:
        return edge.ask("POST", "/v1/scan", content=picture.read_bytes(), headers={"X-Tutela-Item": name})

    assert scan("before", LISTED).json()["candidate"]["new"]
    until("it is in the file", lambda: _lines(disk) == 1, 20)
    disk.fill()
    full = scan("while it is full", LISTED)
    assert full.status_code == 507, full.text
    assert int(full.headers["Retry-After"]) > 0
    assert full.headers["content-type"] == "application/problem+json"
    assert "Send the same request again later" in full.json()["detail"]
    # What matches nothing needs no room, and a look-up none either.
    assert scan("no match", OTHER).json()["matches"] == []
    digests = scan("again", OTHER).json()["digests"]
    asked = edge.ask("POST", "/v1/lookup", json={"items": [{"ref": "a", "sha256": digests["sha256"]}]})
    assert asked.status_code == 200, asked.text
    ready = edge.ask("GET", "/healthz/ready")
    assert ready.status_code == 200
    assert ready.json()["troubles"]
    # A newer list finds no room either: the one in use stays in use, whole.
    hashes(tmp_path / "listed.jsonl", LISTED, THIRD)
    until("the newer list was tried", lambda: "ProviderSources." in edge.log.read_text(), 20)
    assert edge.ask("GET", "/v1/lists").json()["lists"][0]["entries"] == 1
    disk.empty()
    until("the same upload is taken", lambda: scan("while it is full", LISTED).status_code == 200, 20)
    until("the newer list is in use", lambda: edge.ask("GET", "/v1/lists").json()["lists"][0]["entries"] == 2, 30)
    until("both are in the file, whole and once", lambda: _lines(disk) == 2, 30)
    until("the outbox is empty", lambda: _outbox(disk) == 0, 30)


def _lines(disk: Disk) -> int:
    import json

    file = disk.folder / "candidates.jsonl"
    return len({json.loads(line)["key"] for line in file.read_text().splitlines()}) if file.exists() else 0


def _outbox(disk: Disk) -> int:
    with closing(sqlite3.connect(f"file:{disk.folder}/data/outbox.sqlite3?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT count(*) FROM sealed_outbox").fetchone()[0])
