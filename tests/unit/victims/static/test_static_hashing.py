"""The browser's fingerprints: the scripts' PDQ and windows are the kernel's bit for bit, digests are the library's."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright._impl._driver import compute_driver_executable

import tutela.victims
from tutela.media.pdq import MINIMUM_QUALITY, hash_pixels, look_at
from tutela.media.pixels.colour import blended
from tutela.media.pixels.windows import Decoded, decoded_of, listed_windows, look_of
from tutela.media.results import WindowKind

# With what the browser tests run anyway. The workers' own message handlers are never called.
STATIC = Path(tutela.victims.__file__).parent / "static/victims"
NODE = compute_driver_executable()[0]
BEGIN = """
const fs = require("fs"), vm = require("vm");
vm.runInThisContext(fs.readFileSync(process.argv[1], "utf8"));
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
"""
HASH = """
const told = asked.map(({ rows, cols, file }) => {
  const luma = new Float32Array(new Uint8Array(fs.readFileSync(file)).buffer);
  const fill = (row, to) => to.set(luma.subarray(row * cols, (row + 1) * cols));
  return [pdq(rows, cols, fill), looks(rows, cols, fill)];
});
console.log(JSON.stringify(told));
"""
SEEN = """
const told = asked.map(({ rows, cols, file }) => {
  const data = new Uint8ClampedArray(fs.readFileSync(file));
  const context = { getImageData: (x, y, w, h) => ({ data: data.subarray(4 * y * w, 4 * (y + h) * w) }) };
  const { fill, opacity } = rowsOf(context, rows, cols, () => {});
  return looks(rows, cols, fill, opacity);
});
console.log(JSON.stringify(told));
"""
DIGEST = """
const told = asked.map(({ file, parts }) => {
  const bytes = new Uint8Array(fs.readFileSync(file)), made = [md5(), sha256()];
  let at = 0;
  for (const size of parts) made.forEach((one) => one.add(bytes.slice(at, at + size))), at += size;
  return made.map((one) => one.add(bytes.slice(at)).end());
});
console.log(JSON.stringify(told));
"""
SIZES = [
    (4, 90), (5, 5), (6, 130), (63, 65), (64, 64), (64, 65), (127, 128), (128, 129), (129, 127), (191, 257),
    (256, 256), (300, 5), (5, 700), (385, 384), (511, 513), (640, 480), (1000, 333), (1023, 777),
]  # fmt: skip


def run(script: str, code: str, asked: object) -> list[list[object]]:
    """What a script answers under Node."""
    arguments = [NODE, "-e", BEGIN + code, str(STATIC / script)]
    done = subprocess.run(arguments, input=json.dumps(asked), capture_output=True, text=True, check=True)
    found: list[list[object]] = json.loads(done.stdout)
    return found


def good(look: dict[str, int]) -> bool:
    """As the script chooses what it sends."""
    return max(look["quality"], look["stretched"]) >= MINIMUM_QUALITY


def hashed_in_javascript(
    pictures: list[NDArray[np.float32]], folder: Path
) -> tuple[list[tuple[bytes, int]], list[list[str]]]:
    """Hash and quality of pictures by the page's script, and the hashes of their windows."""
    asked = []
    for number, picture in enumerate(pictures):
        file = folder / f"{number}.f32"
        file.write_bytes(picture.tobytes())
        asked.append({"rows": picture.shape[0], "cols": picture.shape[1], "file": str(file)})
    whole, windows = [], []
    for one, all_of_it in run("hashing.js", HASH, asked):
        assert isinstance(one, dict)
        assert isinstance(all_of_it, list)
        whole.append((bytes.fromhex(one["hash"]), one["quality"]))
        windows.append([each["hash"] for each in all_of_it[1:] if good(each)])
    return whole, windows


def smooth(rng: np.random.Generator, rows: int, cols: int) -> NDArray[np.float32]:
    """Waves of several lengths, as a picture has them."""
    y, x = np.mgrid[0:rows, 0:cols]
    total = np.zeros((rows, cols))
    for _ in range(12):
        down, across, begin = rng.uniform(0.2, 6, 3)
        total += rng.uniform(5, 40) * np.sin(down * y / rows * 6 + across * x / cols * 6 + begin)
    return np.clip(total + 128, 0, 255).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_hash_and_quality_are_those_of_the_kernel(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = []
    for rows, cols in SIZES:
        pictures.append(rng.uniform(0, 255, (rows, cols)).astype(np.float32))
        pictures.append(smooth(rng, rows, cols))
        pictures.append(np.full((rows, cols), float(rng.integers(0, 256)), np.float32))
    assert hashed_in_javascript(pictures, tmp_path)[0] == [hash_pixels(one) for one in pictures]


@pytest.mark.parametrize("seed", range(3))
def test_windows_are_those_of_a_listed_picture(tmp_path: Path, seed: int) -> None:
    """Also of pictures with frames of one colour, once and twice."""
    rng = np.random.default_rng(seed)
    grey = [np.rint(smooth(rng, rows, cols)).astype(np.uint8) for rows, cols in SIZES if min(rows, cols) >= 5]
    for rows, cols in ((300, 400), (700, 500), (1200, 900)):
        framed = np.full((rows, cols), 250, np.uint8)
        framed[20:-30, 15:-25] = 5
        framed[30:-40, 25:-35] = np.rint(smooth(rng, rows - 70, cols - 60)).astype(np.uint8)
        grey.append(framed)
    found = hashed_in_javascript([one.astype(np.float32) for one in grey], tmp_path)[1]
    for picture, hashes in zip(grey, found, strict=True):
        windows = listed_windows(Decoded(picture, *picture.shape))
        assert hashes == [one.variants[0].hex() for one in windows]
    assert any(len(hashes) > 4 for hashes in found), "a frame adds windows"


@pytest.mark.parametrize("contrast", [0.3, 0.1, 0.03, 0.01])
def test_the_verdict_about_little_contrast_is_that_of_the_kernel(tmp_path: Path, contrast: float) -> None:
    """The quality once stretched, 0 where the bits do not hold; and the windows of such a picture."""
    rng = np.random.default_rng(12)
    # The reference does not blur a picture of 64 × 64 where it makes one hash.
    sizes = [size for size in SIZES if min(size) >= 5 and size != (64, 64)]
    grey = [np.rint(smooth(rng, *size) * contrast + 70).astype(np.uint8) for size in sizes]
    asked = []
    for number, picture in enumerate(grey):
        file = tmp_path / f"{number}.f32"
        file.write_bytes(picture.astype(np.float32).tobytes())
        asked.append({"rows": picture.shape[0], "cols": picture.shape[1], "file": str(file)})
    verdicts = set()
    for picture, (whole, all_of_it) in zip(grey, run("hashing.js", HASH, asked), strict=True):
        assert isinstance(whole, dict)
        assert isinstance(all_of_it, list)
        look = look_at(picture)
        assert (whole["hash"], whole["quality"]) == (look.variants[0].hex(), look.quality)
        assert whole["stretched"] == look.stretched
        windows = [one.variants[0].hex() for one in listed_windows(Decoded(picture, *picture.shape))]
        assert [one["hash"] for one in all_of_it[1:] if good(one)] == windows
        verdicts.add(good(whole))
    assert verdicts == {0.3: {True}, 0.1: {True, False}, 0.03: {True, False}, 0.01: {False}}[contrast]


@pytest.mark.parametrize("size", [(5, 40), (64, 64), (90, 400), (300, 200), (900, 700)], ids=str)
def test_a_picture_with_transparency_is_hashed_on_the_grounds_of_a_listed_picture(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    """White with the picture in its opacity, opacity and colours that differ, and one opacity for all."""
    rng, asked, wanted = np.random.default_rng(4), [], []
    waves = [np.rint(smooth(rng, *size)).astype(np.uint8) for _ in range(4)]
    white = np.full(size, 255, np.uint8)
    for number, planes in enumerate(
        [[white, white, white, waves[3]], waves, [*waves[:3], white], [*waves[:3], white // 2]]
    ):
        rgba = np.dstack(planes)
        file = tmp_path / f"{number}.rgba"
        file.write_bytes(rgba.tobytes())
        asked.append({"rows": size[0], "cols": size[1], "file": str(file)})
        decoded = decoded_of(blended(rgba), 1)
        look, wholes = look_of(decoded, listed=True)
        grounds = [one for one in wholes if one.kind in (WindowKind.GROUND, WindowKind.STRETCHED)]
        looks = [look, *grounds, *listed_windows(decoded)]
        stretched = {one.hex() for one in look.variants[:1] if look.stretched >= MINIMUM_QUALITY}
        wanted.append({one.variants[0].hex() for one in looks if one.quality >= MINIMUM_QUALITY} | stretched)
    found = []
    for answers in run("hashing.js", SEEN, asked):
        looks = [one for one in answers if isinstance(one, dict) and good(one)]
        found.append({one["hash"] for one in looks})
    assert found == wanted
    assert min(size) < 64 or len(found[0]) > 1


def test_rows_of_colours_give_the_luminance_of_the_kernel(tmp_path: Path) -> None:
    """The script weighs colours in 64 bits and rounds once; so does the kernel."""
    colours = np.random.default_rng(7).integers(0, 256, (400, 300, 3), np.uint8)
    weighed = colours.astype(np.int64) @ np.array([299, 587, 114])
    luma = (weighed / 1000).astype(np.float32)
    assert hashed_in_javascript([luma], tmp_path)[0] == [hash_pixels(colours)]


def test_digests_are_those_of_the_library_whatever_the_parts(tmp_path: Path) -> None:
    rng, asked, wanted = np.random.default_rng(3), [], []
    for size in (0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, 100_003):
        body = rng.bytes(size)
        file = tmp_path / f"{size}.bin"
        file.write_bytes(body)
        asked.append({"file": str(file), "parts": [int(one) for one in rng.integers(0, 90, 6)]})
        wanted.append([hashlib.md5(body, usedforsecurity=False).hexdigest(), hashlib.sha256(body).hexdigest()])
    assert run("digests.js", DIGEST, asked) == wanted
