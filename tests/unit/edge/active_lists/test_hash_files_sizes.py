"""Videos of every size that phones and sites make: hashed, scanned, and answered by an Edge, in every codec.

Decoders pad the rows of a frame unless its width suits them: upright and square videos have such widths.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.drills import long_only
from tests.support.edge_centre import NOW
from tests.support.pictures import landscape
from tests.support.videos import KINDS, Rgb, encode
from tests.unit.edge.active_lists.test_hash_files_videos import World, run
from tutela import clock
from tutela.media import Hashed, HasherPool, Limits, pdq
from tutela.media.pdq import PdqHash
from tutela.media.video.hash_video import describe_video

SIZES = (
    (1080, 1920), (1080, 1080), (720, 1280), (640, 640), (540, 960), (480, 854), (854, 480), (406, 720), (360, 640),
    (426, 240), (270, 480), (202, 360),
)  # fmt: skip
QUICK = {
    "h264-mp4": {"crf": "20", "preset": "ultrafast"},
    "hevc-mp4": {
        "crf": "20",
        "preset": "ultrafast",
        "x265-params": "log-level=none:pools=none:frame-threads=1:bframes=0",
    },
    "vp8-webm": {"b": "4M", "deadline": "realtime", "cpu-used": "8"},
    "vp9-webm": {"b": "4M", "deadline": "realtime", "cpu-used": "8"},
    "av1-mp4": {"crf": "20", "preset": "13"},
    "mpeg4-avi": {"q": "3", "qmax": "4"},
}
CASES = [(kind, size) for kind in QUICK for size in SIZES]
NAMES = [f"{kind} {width}x{height}" for kind, (width, height) in CASES]


@cache
def shown(width: int, height: int) -> Rgb:
    return np.asarray(Image.fromarray(landscape(9, 240, 240)).resize((width, height), Image.Resampling.BICUBIC))


@cache
def made(kind: str, width: int, height: int, rotation: int = 0) -> bytes:
    """Two frames, one a second."""
    return encode((shown(width, height),) * 2, replace(KINDS[kind], options=QUICK[kind]), 1, rotation)


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1, limits=Limits(pictures_per_worker=5000)) as pool:
        yield pool


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A list of the picture in each of its sizes."""
    hashes = {pdq.hash_pixels(shown(*size)) for size in SIZES}
    path = tmp_path_factory.mktemp("sizes") / "listed.txt"
    path.write_text("".join(f"{value.hex()},{quality}\n" for value, quality in sorted(hashes)))
    return path


def far(pixels: Rgb, hashed: bytes) -> int:
    return PdqHash(pdq.hash_pixels(pixels)[0]).distance(PdqHash(hashed))


@pytest.mark.parametrize(("kind", "size"), CASES, ids=NAMES)
def test_a_video_of_any_size_is_hashed_as_it_looks(pool: HasherPool, kind: str, size: tuple[int, int]) -> None:
    hashed = pool.hash_bytes(made(kind, *size), tenant="house")
    assert isinstance(hashed, Hashed), hashed
    assert hashed.complete, hashed.notes
    assert (hashed.width, hashed.height) == size
    assert len(hashed.frames) == 2
    assert max(far(shown(*size), frame.pdq) for frame in hashed.frames) <= 10


@pytest.mark.parametrize("rotation", [90, -90, 180])
@pytest.mark.parametrize("size", [(854, 480), (406, 720)])
def test_a_turned_video_of_any_size_is_hashed_as_players_show_it(size: tuple[int, int], rotation: int) -> None:
    described = describe_video(io.BytesIO(made("h264-mp4", *size, rotation)), Limits())
    upright = np.rot90(shown(*size), rotation // 90)
    assert (described.height, described.width) == upright.shape[:2]
    assert max(far(upright, frame.pdq) for frame in described.frames) <= 10


def test_a_scan_finds_the_video_in_every_size(tmp_path: Path, listed: Path) -> None:
    for (kind, size), name in zip(CASES, NAMES, strict=True):
        (tmp_path / name).write_bytes(made(kind, *size))
    done = run("scan", tmp_path, "--list", listed, "--jobs", 1)
    assert done.exit_code == 1, done.output
    found = {Path(one["name"]).name: one for one in map(json.loads, done.stdout.splitlines())}
    assert {name for name, one in found.items() if one["matches"]} == set(NAMES)
    assert {len(one["picture"]["frames"]) for one in found.values()} == {2}


def test_an_edge_finds_the_video_in_every_size(tmp_path: Path, listed: Path, pool: HasherPool) -> None:
    with clock.simulate(NOW):
        edge = World(tmp_path, listed, pool).http
        for (kind, size), name in zip(CASES, NAMES, strict=True):
            answer = edge.post("/v1/scan", content=made(kind, *size), headers={"X-Tutela-Item": name}).json()
            assert answer["status"] == "scanned", (name, answer)
            assert answer["matches"], name


@long_only
@pytest.mark.parametrize("kind", QUICK)
def test_a_video_of_every_even_width_is_hashed(kind: str) -> None:
    # Encoders refuse smaller pictures.
    for width in range(130, 2050, 2):
        described = describe_video(io.BytesIO(made.__wrapped__(kind, width, 128)), Limits())
        assert [frame.index for frame in described.frames] == [0, 1], width
