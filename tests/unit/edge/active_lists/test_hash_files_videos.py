"""Videos at the Edge and on the command line, with the real hasher: lists made of them, scans, look-ups, candidates."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.support.edge_centre import NOW, manifest
from tests.support.pictures import png
from tests.support.videos import KINDS, encode, frames, video
from tutela import clock
from tutela.app.cli import app
from tutela.edge.active_lists.hash_files import records
from tutela.edge.active_lists.lists_in_use import LiveLists, live_list
from tutela.edge.errors import SettingsError
from tutela.edge.process.app import build_app
from tutela.edge.process.coordinator import policy_of
from tutela.edge.runtime.hashers import Hashers
from tutela.edge.runtime.metrics import Metrics
from tutela.edge.runtime.remote import EdgeMatcher
from tutela.edge.runtime.scanner import EdgeService
from tutela.edge.runtime.settings import Settings
from tutela.edge.spool.candidates import NamedItem, candidate
from tutela.edge.spool.encryption import Sealer
from tutela.edge.spool.outbox import Outbox
from tutela.edge.spool.unscanned import UnscannedQueue
from tutela.edge.spool.unscanned_entry import unscanned
from tutela.exchange.report.candidate import Candidate
from tutela.matching import THRESHOLDS, VIDEO, MatchList, Record, Snapshot, Thresholds, snapshot_bytes
from tutela.media import Hashed, HasherPool, Limits, Refused, Sampling
from tutela.media.video.vpdq import features, read_lines, write_json
from tutela.scan.item_json import described
from tutela.scan.scan import in_lists

TOKEN = "t" * 32
STILL = frames(5, 25, 320, 180)[50]


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1) as pool:
        yield pool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A listed video and a listed still, other encodings of the video, and a video of something else."""
    made = tmp_path_factory.mktemp("videos")
    (made / "items").mkdir()
    (made / "listed.mp4").write_bytes(video())
    (made / "still.png").write_bytes(png(STILL))
    other = tuple(np.ascontiguousarray(picture[:, ::-1]) for picture in frames(5, 25, 320, 180, seed=40))
    around = frames(5, 25, 320, 180, seed=70)
    for name, data in {
        "a.webm": video("vp9-webm"),
        "b.mov": encode(other, KINDS["h264-baseline-mov"]),
        "c.png": png(STILL),
        "d.mkv": encode((*around, *frames(5, 25, 320, 180), *around), KINDS["h264-open-groups-mkv"]),
    }.items():
        (made / "items" / name).write_bytes(data)
    with zipfile.ZipFile(made / "items" / "e.zip", "w") as archive:
        archive.writestr("inside.avi", video("mpeg4-avi"))
    for name in ("listed.mp4", "still.png"):
        (made / f"{name}.jsonl").write_text(run("hash", made / name).stdout)
    return made


def listed(path: Path) -> MatchList:
    data, report = snapshot_bytes(records(path))
    assert not report.quarantined
    return MatchList.load(Snapshot(data), list_id="list-v", version=1)


def test_a_line_of_a_hashed_video_becomes_an_entry_that_is_a_video(folder: Path) -> None:
    (entry,) = records(folder / "listed.mp4.jsonl")
    assert entry.flags == VIDEO
    assert len(entry.pdq) == 5
    line = json.loads((folder / "listed.mp4.jsonl").read_text())
    assert line["picture"]["video"]["codec"] == "h264"
    assert [frame["time_ms"] for frame in line["picture"]["frames"]] == [0, 1000, 2000, 3000, 4000]


def test_a_scan_finds_the_video_in_other_files_and_says_where(folder: Path) -> None:
    done = run("scan", folder / "items", "--list", folder / "listed.mp4.jsonl", "--jobs", 1)
    assert done.exit_code == 1, done.output
    found = {Path(one["name"]).name: one for one in map(json.loads, done.stdout.splitlines())}
    rules = {name: [match["rule"] for match in one["matches"]] for name, one in found.items()}
    assert rules == {
        "a.webm": ["near-video"],
        "b.mov": [],
        "c.png": ["near-frame"],
        "d.mkv": ["near-video"],
        "e.zip!inside.avi": ["near-video"],
    }
    (match,) = found["d.mkv"]["matches"]
    assert match["corroborated"]
    assert match["footage"]["compared_percent"] == 100
    # Some of the frames around it are too flat to count.
    assert 33 <= match["footage"]["query_percent"] <= 50
    assert (match["footage"]["from_ms"], match["footage"]["to_ms"]) == (5000, 9000)
    assert found["a.webm"]["size"] == len(video("vp9-webm"))


def test_a_copy_between_bars_is_found_by_what_lies_between_them(pool: HasherPool, folder: Path) -> None:
    pictures = frames(5, 25, 320, 180)
    barred = tuple(np.pad(picture, ((40, 40), (0, 0), (0, 0))) for picture in pictures)
    known = listed(folder / "listed.mp4.jsonl")
    result = pool.hash_bytes(encode(barred, KINDS["h264-mp4"]), tenant="house")
    assert isinstance(result, Hashed)
    (match,) = known.match(result.digests, result.frames)
    assert (match.rule, match.by_window, match.corroborated) == ("near-video", True, False)
    data, _ = snapshot_bytes(_as_entry(result, folder))
    reverse = MatchList.load(Snapshot(data), list_id="list-v", version=1)
    copy = pool.hash_bytes(video("vp9-webm"), tenant="house")
    assert isinstance(copy, Hashed)
    assert reverse.match(copy.digests, copy.frames)[0].rule in ("near-video", "near-segment")


def _as_entry(result: Hashed, folder: Path) -> list[Record]:
    path = folder / "entry.jsonl"
    path.write_text(json.dumps({"name": "x", **described(result, listed=True)}) + "\n")
    return list(records(path))


def test_how_much_must_agree_is_said_by_who_asks(folder: Path) -> None:
    args = ("scan", folder / "items" / "d.mkv", "--list", folder / "listed.mp4.jsonl", "--jobs", 1)
    assert run(*args, "--agree", "0:100").exit_code == 1
    # All five frames of the listed one are there on end, which is a segment whatever the shares are.
    (match,) = json.loads(run(*args, "--agree", "99:99").stdout)["matches"]
    assert match["rule"] == "near-segment"
    wrong = run(*args, "--agree", "80")
    assert (wrong.exit_code, "QUERY:COMPARED" in wrong.stderr) == (2, True)


def test_a_listed_picture_is_found_in_a_video_with_its_time(folder: Path) -> None:
    done = run("scan", folder / "items" / "a.webm", "--list", folder / "still.png.jsonl", "--jobs", 1)
    (match,) = json.loads(done.stdout)["matches"]
    assert (match["rule"], match["frame"]) == ("near-pdq", 50)
    assert match["footage"]["times_ms"] == [2000]
    assert "compared_percent" not in match["footage"]


def test_key_frames_are_enough_for_a_copy_and_rows_of_a_table_say_so(folder: Path) -> None:
    done = run(
        "scan",
        folder / "items" / "a.webm",
        "--list",
        folder / "listed.mp4.jsonl",
        "--sampling",
        "keys",
        "--format",
        "csv",
        "--jobs",
        1,
    )
    header, row = (line.split(",") for line in done.stdout.splitlines())
    told = dict(zip(header, row, strict=True))
    assert (told["rule"], told["query_percent"], told["from_ms"]) == ("near-video", "100", "0")


def test_a_video_is_hashed_in_the_references_text_and_looked_up_by_it(folder: Path, tmp_path: Path) -> None:
    text = run("hash", folder / "items" / "a.webm", "--vpdq", "--interval", "0.2").stdout
    assert [one.frame for one in read_lines(text)] == [*range(0, 125, 5)]
    asked = tmp_path / "asked.vpdq"
    asked.write_text(text)
    done = run("match", asked, "--list", folder / "listed.mp4.jsonl")
    assert done.exit_code == 1, done.output
    assert json.loads(done.stdout)[0]["rule"] == "near-video"
    assert run("match", asked, "--list", asked).exit_code == 1
    refused = run("hash", folder / "still.png", "--vpdq")
    assert "the file is a picture" in refused.stderr


def test_two_texts_are_compared_in_both_forms(pool: HasherPool, folder: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.vpdq", tmp_path / "part.vpdq"
    hashed = pool.hash_file(folder / "listed.mp4", tenant="house")
    assert isinstance(hashed, Hashed)
    whole.write_text(run("hash", folder / "listed.mp4", "--vpdq").stdout)
    part.write_text(write_json(features(hashed.frames[2:4])))
    done = run("compare", part, whole)
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"query_percent": 100.0, "compared_percent": 40.0, "agree": True}
    whole.write_text("0,100,xyz,0\n")
    broken = run("compare", part, whole)
    assert broken.exit_code == 2
    assert "Frame 1" in broken.stderr
    assert run("compare", part, folder / "still.png").exit_code == 2


def test_lists_are_made_of_the_texts_that_others_write(folder: Path, tmp_path: Path) -> None:
    lines = run("hash", folder / "listed.mp4", "--vpdq").stdout
    (tmp_path / "one.vpdq").write_text(lines)
    told = [f"{one.pdq.hex()},{one.quality},{one.seconds}" for one in read_lines(lines)]
    (tmp_path / "many.jsonl").write_text(
        "\n".join(
            json.dumps({"entry_id": f"00000000-0000-0000-0000-00000000000{n}", "vpdq": told if n else json.dumps(told)})
            for n in range(2)
        )
        + '\n{"vpdq": ["x"]}\n'
    )
    (only,) = records(tmp_path / "one.vpdq")
    first, second, broken = records(tmp_path / "many.jsonl")
    assert only.pdq == first.pdq == second.pdq
    assert only.flags == first.flags == VIDEO
    _, report = snapshot_bytes([broken])
    assert report.entries == 0
    assert [one.field for one in report.quarantined] == ["pdq", "record"]


@pytest.fixture
def at_now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


class World:
    """An Edge with one list, and the real hasher."""

    def __init__(self, folder: Path, entries: Path, pool: HasherPool) -> None:
        given = {"TOKENS": TOKEN, "MAX_BODY_BYTES": str(64 << 20), "DETECTION": "on", "PROCESSES": "1"}
        self.settings = Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in given.items()})
        self.outbox, lists = Outbox(folder / "outbox", Sealer(bytes(32), "outbox")), LiveLists(["list-a"])
        data, report = snapshot_bytes(records(entries))
        lists.put(live_list(Snapshot(data), manifest(data, report.entries, 3), NOW + timedelta(hours=1), NOW))
        queue = UnscannedQueue(folder / "unscanned", Sealer(bytes(32), "unscanned"), 3)
        service = EdgeService(lists, pool, self.outbox, Metrics(), policy_of(self.settings), queue)
        self.http = TestClient(build_app(self.settings, service), headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def world(tmp_path: Path, folder: Path, pool: HasherPool, at_now: None) -> World:
    return World(tmp_path, folder / "listed.mp4.jsonl", pool)


def test_an_uploaded_copy_becomes_a_candidate_that_carries_the_times(world: World, folder: Path) -> None:
    data = (folder / "items" / "d.mkv").read_bytes()
    answer = world.http.post("/v1/scan", content=data, headers={"X-Tutela-Item": "upload-1"}).json()
    assert answer["picture"]["format"] == "Matroska"
    assert answer["picture"]["video"]["seconds"] == pytest.approx(15, abs=0.1)
    (match,) = answer["matches"]
    assert (match["rule"], match["footage"]["from_ms"]) == ("near-video", 5000)
    (waiting,) = world.outbox.due(NOW)
    message = Candidate.from_bytes(waiting.body)
    assert message.media_type == "Matroska"
    assert len(message.pdq) == 15
    footage = message.matches[0].footage
    assert footage is not None
    assert (footage.from_seconds, footage.to_seconds) == (5, 9)
    assert footage.times_ms[:2] == (5000, 6000)
    assert [one.shown for one in footage.segments] == ["0:05–0:09"]


def test_a_scan_elsewhere_asks_the_edge_with_hashes_alone(world: World, folder: Path, pool: HasherPool) -> None:
    result = pool.hash_file(folder / "items" / "d.mkv", tenant="scan")
    ours = in_lists([listed(folder / "listed.mp4.jsonl")])(result)
    theirs = EdgeMatcher(world.http)(result)
    assert [one.entry_id for one in theirs] == [one.entry_id for one in ours]
    told, found = theirs[0].footage, ours[0].footage
    assert told is not None
    assert found is not None
    assert 0 <= told.query_percent - found.query_percent < 1
    assert replace(told, query_percent=found.query_percent) == found


def test_what_passed_unscanned_is_matched_later_as_the_video_it_was(folder: Path, pool: HasherPool) -> None:
    result = pool.hash_file(folder / "items" / "a.webm", tenant="scan")
    again = unscanned(NamedItem("upload-1"), NOW, result=result, location=None).result()
    assert isinstance(again, Hashed)
    assert again.frames == result.frames  # type: ignore[union-attr]
    known = listed(folder / "listed.mp4.jsonl")
    assert known.match(None, again.frames)[0].rule == "near-video"


def test_a_candidate_of_a_long_video_carries_the_frames_that_agree(pool: HasherPool, folder: Path) -> None:
    result = pool.hash_file(folder / "items" / "d.mkv", tenant="scan")
    assert isinstance(result, Hashed)
    matches = listed(folder / "listed.mp4.jsonl").match(None, result.frames)
    filler = [replace(result.frames[0], index=10_000 + n, time_ms=1_000_000 + n) for n in range(600)]
    long = replace(result, frames=(*filler, *result.frames))
    message = candidate(NamedItem("upload-1"), long, matches, shadow=False, at=NOW)
    assert len(message.pdq) == 500
    assert {125, 150, 175, 200, 225} <= {one.frame for one in message.pdq}


def _signalled(pid: int, number: signal.Signals) -> None:
    """To a process and all that it started: of a sandbox the decoder is a child."""
    os.kill(pid, number)
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                _signalled(int(path.parent.name), number)


def test_a_picture_waits_for_no_video() -> None:
    with Hashers(1, Limits(video_seconds=30)) as hashers:
        assert isinstance(hashers.hash_bytes(png(STILL), tenant="house"), Hashed)
        assert hashers._videos is None
        assert isinstance(hashers.hash_bytes(video(), tenant="house"), Hashed)
        assert hashers._videos is not None
        (decoder,) = hashers._videos._places.idle()
        _signalled(decoder.process.pid, signal.SIGSTOP)
        answers: list[Hashed | Refused] = []
        slow = threading.Thread(target=lambda: answers.append(hashers.hash_bytes(video(), tenant="house")))
        slow.start()
        assert isinstance(hashers.hash_bytes(png(STILL), tenant="house"), Hashed)
        assert not answers
        _signalled(decoder.process.pid, signal.SIGCONT)
        slow.join(30)
        assert isinstance(answers[0], Hashed)


def test_settings_choose_how_videos_are_looked_at() -> None:
    given = {
        "TOKENS": TOKEN,
        "SAMPLING": "keys",
        "INTERVAL": "2.5",
        "VIDEO_SECONDS": "30",
        "VIDEO_PERCENT": "0:50,90:5",
    }
    chosen = Settings.from_env({f"TUTELA_EDGE_{name}": value for name, value in given.items()})
    assert chosen.video_thresholds() == (Thresholds(0, 50), Thresholds(90, 5))
    assert Settings.from_env({"TUTELA_EDGE_TOKENS": TOKEN}).video_thresholds() == THRESHOLDS
    with pytest.raises(SettingsError, match="VIDEO_PERCENT"):
        Settings.from_env({"TUTELA_EDGE_TOKENS": TOKEN, "TUTELA_EDGE_VIDEO_PERCENT": "80"})
    limits = chosen.media_limits()
    assert (limits.sampling, limits.interval, limits.video_seconds) == (Sampling.KEYS, 2.5, 30.0)


def test_a_host_of_a_cluster_looks_as_it_was_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tutela.edge.cluster import worker_host
    from tutela.media import Level, Limits

    made: list[Any] = []

    class Pool(HasherPool):
        def __init__(self, workers: int, limits: Limits | None = None) -> None:
            made.append(limits)
            super().__init__(workers, limits)

    monkeypatch.setattr(worker_host, "HasherPool", Pool)
    limits = Limits(windows=Level.OFF, sampling=Sampling.KEYS)
    done = worker_host.Host(lambda: [listed(folder / "listed.mp4.jsonl")], 1, limits).scan(
        (str(folder / "items" / "a.webm"),)
    )
    assert made == [limits]
    assert json.loads(done.lines)["picture"]["video"]["sampling"] == "keys"


def test_fingerprints_of_whole_videos_are_compared(tmp_path: Path) -> None:
    samples = Path(__file__).parents[3] / "fixtures" / "threatexchange"
    one, copy, other = (
        samples / f"{n}.tmk" for n in ("chair-20-sd-bar", "chair-22-sd-grey-bar", "pattern-sd-grey-bar")
    )
    agreeing, differing = run("compare", one, copy), run("compare", one, other)
    assert (agreeing.exit_code, differing.exit_code) == (1, 0)
    assert json.loads(agreeing.stdout) == {"level_1": 0.98593, "level_2": 0.988437, "agree": True}
    (tmp_path / "cut.tmk").write_bytes(one.read_bytes()[:-1])
    broken = run("compare", one, tmp_path / "cut.tmk")
    assert (broken.exit_code, "length" in broken.stderr) == (2, True)
    assert run("compare", one, tmp_path / "absent.tmk").exit_code == 2
