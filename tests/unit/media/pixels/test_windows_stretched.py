"""A picture with little contrast is looked up stretched if its bits hold; what is still flat is never compared."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.pictures import encode, jpeg, landscape, photos, png, texture
from tests.support.videos import KINDS
from tests.support.videos import encode as video_of
from tutela.media import pdq
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, MINIMUM_QUALITY, PdqHash, hash_pixels
from tutela.media.results import FrameHash, WindowKind
from tutela.media.video.hash_video import describe_video

type Rgb = NDArray[np.uint8]

SIDE, FREQUENCIES = 64, 16
COSINES = np.sqrt(2 / SIDE) * np.cos(
    np.pi / 2 / SIDE * np.arange(1, FREQUENCIES + 1)[:, None] * (2 * np.arange(SIDE) + 1)
)
# Of half a level to either side, evenly spread.
ROUNDING = 1 / np.sqrt(12)


def paler(rgb: Rgb, contrast: float, ground: float = 128) -> Rgb:
    """A copy with this share of the contrast; on a ground of 0 it is darker."""
    return np.asarray(np.rint(rgb * contrast + ground * (1 - contrast)), np.uint8)


def stretched(frame: FrameHash) -> list[PdqHash]:
    return [PdqHash(value) for one in frame.windows if one.stretched for value in one.variants]


def sources() -> list[Rgb]:
    """Every fifth photograph, as it is shown in a page."""
    found = []
    for path in photos()[::5]:
        with Image.open(path) as image:
            image.thumbnail((480, 480))
            found.append(np.asarray(image.convert("RGB")))
    return found


@pytest.mark.parametrize("ground", [128, 0], ids=["paler", "darker"])
@pytest.mark.parametrize("contrast", [0.5, 0.4, 0.3, 0.2])
def test_copies_with_little_contrast_are_looked_up_and_found(contrast: float, ground: int) -> None:
    flat = lost = 0
    for rgb in sources():
        original, quality = hash_pixels(rgb)
        frame = describe(jpeg(paler(rgb, contrast, ground)), Limits()).frames[0]
        if quality < MINIMUM_QUALITY or frame.matchable:
            continue
        flat += 1
        near = min((PdqHash(original).distance(one) for one in stretched(frame)), default=256)
        assert near <= MATCH_DISTANCE or not frame.compared, "a picture that is compared is found"
        lost += not frame.compared
    assert flat > (contrast < 0.5)
    assert lost <= (contrast < 0.3)


def test_a_stretched_picture_is_marked_has_its_quality_of_before_and_is_turned_in_all_ways() -> None:
    rgb = landscape(3)
    frame = describe(png(paler(rgb, 0.2)), Limits()).frames[0]
    assert (frame.matchable, frame.compared) == (False, True)
    one = frame.windows[0]
    assert (one.kind, one.part, one.stretched) == (WindowKind.STRETCHED, True, True)
    assert one.quality >= MINIMUM_QUALITY
    assert (one.variants, one.structures) == (frame.variants, frame.structures)


@pytest.mark.parametrize(
    "rgb",
    [
        np.full((300, 400, 3), 90, np.uint8),
        np.random.default_rng(1).integers(90, 92, (300, 400, 3), np.uint8),
        np.repeat(np.linspace(100, 110, 400).astype(np.uint8)[None, :, None], 300, axis=0).repeat(3, axis=2),
        paler(landscape(3), 0.02),
    ],
    ids=["one colour", "grain of a level", "a slope of ten levels", "a fiftieth of the contrast"],
)
def test_what_is_still_flat_is_not_compared(rgb: Rgb) -> None:
    described = describe(png(rgb), Limits())
    assert not described.frames[0].compared
    assert stretched(described.frames[0]) == []
    assert described.notes[-1].startswith("too flat: quality ")


def test_no_frequency_takes_more_of_rounding_than_a_pixel_does() -> None:
    """Of independent errors of half a level; pictures of more than 64 pixels a side take less, as their blur does."""
    rng = np.random.default_rng(5)
    errors = COSINES @ rng.uniform(-0.5, 0.5, (4000, SIDE, SIDE)) @ COSINES.T
    assert np.abs(errors.std(axis=0) / ROUNDING - 1).max() < 0.06
    assert np.abs(errors.mean(axis=0)).max() < 0.02


@pytest.mark.parametrize("contrast", [0.3, 0.2, 0.1, 0.06])
def test_bits_that_rounding_turns_are_few_where_a_picture_is_compared(contrast: float) -> None:
    """The estimate against the truth: hashes of the unrounded picture, and of the same in whole levels."""
    for seed in range(12):
        luma = pdq.luminance(landscape(seed, 320, 240)) * np.float32(contrast) + np.float32(90.3)
        look = pdq.look_at(np.rint(luma).astype(np.uint8))
        turned = PdqHash(look.variants[0]).distance(PdqHash(hash_pixels(luma.astype(np.float32))[0]))
        assert turned <= 256 - 225 or look.stretched == 0


def test_what_is_flat_between_bars_is_stretched_without_them() -> None:
    rgb = landscape(8)
    framed = np.zeros((rgb.shape[0] + 160, rgb.shape[1], 3), np.uint8)
    framed[80:-80] = paler(rgb, 0.12, 20)
    frame = describe(png(framed), Limits()).frames[0]
    boxes = [one for one in frame.windows if one.stretched and one.box[1] > 0]
    near = [PdqHash(hash_pixels(rgb)[0]).distance(PdqHash(value)) for one in boxes for value in one.variants]
    assert min(near, default=256) <= MATCH_DISTANCE


def in_clipped_chroma(strength: float) -> tuple[bytes, Rgb]:
    """A JPEG of one luminance; what a screen cuts off of its colours makes the picture. And what is displayed."""
    picture = np.asarray(texture(4, 320, 240)[..., 1], np.float64) / 255
    planes = [np.full(picture.shape, 245.0), 128 + 90 * strength * picture, 128 + 90 * strength * picture]
    bands = [Image.fromarray(np.rint(plane).astype(np.uint8)) for plane in planes]
    data = encode(Image.merge("YCbCr", bands), "JPEG", quality=95, subsampling=0)
    with Image.open(io.BytesIO(data)) as image:
        return data, np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("strength", [1.0, 0.5, 0.25, 0.1, 0.02])
def test_a_jpeg_with_its_picture_in_clipped_colours_is_found_as_displayed_or_not_compared(strength: float) -> None:
    data, shown = in_clipped_chroma(strength)
    frame = describe(data, Limits()).frames[0]
    hashes = [PdqHash(frame.variants[0])] if frame.matchable else stretched(frame)
    near = [one.distance(PdqHash(hash_pixels(shown)[0])) for one in hashes]
    assert frame.compared is bool(near)
    assert not near or min(near) <= MATCH_DISTANCE
    assert frame.compared is (strength > 0.1)


def test_one_opacity_that_shows_little_is_stretched_too() -> None:
    """A picture that is white in all colours, and itself in its opacity, of a tenth."""
    rgb = landscape(2)
    faint = paler(rgb, 0.15, 0)[..., 1]
    data = encode(Image.fromarray(np.dstack([np.full_like(rgb, 255), faint])), "PNG")
    frame = describe(data, Limits()).frames[0]
    assert frame.compared
    wanted = PdqHash(hash_pixels(np.ascontiguousarray(rgb[..., 1]))[0])
    assert min(wanted.distance(one) for one in stretched(frame)) <= MATCH_DISTANCE


def test_a_picture_under_full_transparency_is_not_compared() -> None:
    data = encode(Image.fromarray(np.dstack([landscape(2), np.zeros((480, 640), np.uint8)])), "PNG")
    assert not describe(data, Limits()).frames[0].compared


def test_a_dark_video_is_stretched_where_no_frame_can_be_compared_as_it_is() -> None:
    bright = [landscape(seed, 320, 180) for seed in range(4)]
    dark = [paler(one, 0.2, 20) for one in bright]
    for pictures, is_stretched in ((dark, True), ([*dark[:3], bright[3]], False)):
        film = tuple(one for one in pictures for _ in range(25))
        found = describe_video(io.BytesIO(video_of(film, KINDS["h264-mp4"])), Limits())
        assert any(frame.compared for frame in found.frames)
        assert any(one.stretched for frame in found.frames for one in frame.windows) is is_stretched
