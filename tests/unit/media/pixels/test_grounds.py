"""A picture with transparency is found as white pages, dark pages and viewers of files show it."""

from __future__ import annotations

from collections.abc import Callable
from struct import pack

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.pictures import encode, jpeg, texture
from tutela.media import pdq
from tutela.media.images.decode import describe
from tutela.media.kernels import _pdq
from tutela.media.limits import Level, Limits
from tutela.media.pdq import MATCH_DISTANCE, MINIMUM_QUALITY, PdqHash, hash_pixels
from tutela.media.pixels.grounds import GROUNDS
from tutela.media.results import MOST_WINDOWS, Described, WindowKind

type Rgba = NDArray[np.uint8]

SHAPE = texture(5, 320, 240)[..., 1]
# The picture is in the opacity alone: its colour is the same everywhere.
WHITE, BLACK = (np.dstack([np.full((*SHAPE.shape, 3), level, np.uint8), SHAPE]) for level in (255, 0))


def two_pictures() -> Rgba:
    """One picture is seen on white, another on black."""
    on_white, on_black = texture(6, 320, 240)[..., 0] // 2 + 128, texture(7, 320, 240)[..., 0] // 2
    alpha = 255 - (on_white.astype(int) - on_black)
    grey = np.clip(on_black * 255.0 / np.maximum(alpha, 1), 0, 255).round()
    return np.dstack([grey] * 3 + [alpha]).astype(np.uint8)


def bitmap(rgba: Rgba) -> bytes:
    """A BMP whose header names a mask for opacity."""
    rows, cols = rgba.shape[:2]
    body = rgba[::-1, :, [2, 1, 0, 3]].tobytes()
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = pack("<IiiHHIIiiII4I4s48x", 108, cols, rows, 1, 32, 3, len(body), 2835, 2835, 0, 0, *masks, b"BGRs")
    return pack("<2sIHHI", b"BM", 14 + len(head) + len(body), 0, 0, 14 + len(head)) + head + body


def icon(rgba: Rgba) -> bytes:
    """An icon whose picture is a bitmap, with a mask that hides nothing."""
    rows, cols = rgba.shape[:2]
    body = rgba[::-1, :, [2, 1, 0, 3]].tobytes() + bytes((cols + 31) // 32 * 4 * rows)
    head = pack("<IiiHHIIiiII", 40, cols, 2 * rows, 1, 32, 0, 0, 0, 0, 0, 0)
    return pack("<3H", 0, 1, 1) + pack("<4B2H2I", 0, 0, 0, 0, 1, 32, len(head) + len(body), 22) + head + body


def palette(rgba: Rgba) -> bytes:
    """One colour, in a palette with as many entries as there are opacities."""
    image = Image.fromarray(rgba[..., 3], "P")
    image.putpalette(bytes(rgba[0, 0, :3]) * 256)
    return encode(image, "PNG", transparency=bytes(range(256)))


def sharp(rgba: Rgba) -> Rgba:
    """The opacity as a GIF has it: none or all."""
    alpha = np.asarray(Image.fromarray(rgba[..., 3]).convert("1")).astype(np.uint8) * 255
    return np.dstack([rgba[..., :3], alpha])


def moving(rgba: Rgba, form: str) -> bytes:
    """An animation in which the picture follows one without structure."""
    first = Image.new("RGBA", (rgba.shape[1], rgba.shape[0]), (200, 0, 0, 255))
    return encode(first, form, save_all=True, append_images=[Image.fromarray(rgba)], duration=400, lossless=True)


def longer(webp: bytes) -> bytes:
    """A WebP that states more bytes than it has."""
    return webp[:4] + pack("<I", len(webp) + 100) + webp[8:]


# What of a file may differ from the picture on a ground: sizes, rows and colours that were lost.
CHANGED = ("ICO with a PNG", "PNG without its last bytes", "WebP with a false size")
WRITTEN: dict[str, Callable[[Rgba], bytes]] = {
    "PNG": lambda rgba: encode(Image.fromarray(rgba), "PNG"),
    "PNG in grey": lambda rgba: encode(Image.fromarray(rgba).convert("LA"), "PNG"),
    "PNG with a palette": palette,
    "PNG without its last bytes": lambda rgba: encode(Image.fromarray(rgba), "PNG")[:-40],
    "PNG that moves": lambda rgba: moving(rgba, "PNG"),
    "WebP": lambda rgba: encode(Image.fromarray(rgba), "WEBP", lossless=True, method=0, exact=True),
    "WebP with a false size": lambda rgba: longer(encode(Image.fromarray(rgba), "WEBP", quality=90, method=0)),
    "WebP that moves": lambda rgba: moving(rgba, "WEBP"),
    "AVIF": lambda rgba: encode(Image.fromarray(rgba), "AVIF", quality=95, speed=10),
    "HEIF": lambda rgba: encode(Image.fromarray(rgba), "HEIF", quality=95),
    "TIFF": lambda rgba: encode(Image.fromarray(rgba), "TIFF"),
    "BMP": bitmap,
    "BMP with a false size": lambda rgba: bitmap(rgba)[:-40],
    "ICO with a bitmap": icon,
    "ICO with a PNG": lambda rgba: encode(Image.fromarray(rgba), "ICO", sizes=[(256, 192)]),
}


def of(data: bytes, *, listed: bool = False) -> Described:
    return describe(data, Limits(), listed=listed)


def looked_up(described: Described) -> set[bytes]:
    """Upright hashes by which the file is looked up."""
    looks = [look for frame in described.frames for look in (frame, *frame.windows)]
    return {look.variants[0] for look in looks if look.quality >= MINIMUM_QUALITY}


def on(rgba: Rgba, ground: int) -> NDArray[np.uint8]:
    image = Image.fromarray(rgba)
    page = Image.new("RGB", image.size, (ground,) * 3)
    page.paste(image, mask=image)
    return np.asarray(page)


def farthest(rgba: Rgba, described: Described) -> int:
    """Over all grounds on which something is seen, the largest distance to the nearest hash."""
    found, distances = looked_up(described), []
    for ground in GROUNDS:
        value, quality = hash_pixels(on(rgba, ground))
        if quality >= MINIMUM_QUALITY:
            distances.append(min((PdqHash(value).distance(PdqHash(one)) for one in found), default=256))
    assert len(distances) >= 3
    return max(distances)


@pytest.mark.parametrize("form", WRITTEN)
def test_a_picture_in_the_opacity_alone_is_found(form: str) -> None:
    for rgba in (WHITE, BLACK):
        described = of(WRITTEN[form](rgba))
        assert farthest(rgba, described) <= (MATCH_DISTANCE if form in CHANGED else 6)
        assert not any("flat" in note for note in described.notes)
        # What reports and lists call it by is a hash of a picture that somebody sees.
        assert max(frame.quality for frame in described.frames) >= MINIMUM_QUALITY


@pytest.mark.parametrize("rgba", [WHITE, BLACK], ids=["white", "black"])
def test_a_gif_is_seen_or_not_by_its_ground(rgba: Rgba) -> None:
    hard = sharp(rgba)
    assert farthest(hard, of(encode(Image.fromarray(hard), "GIF"))) <= 2


@pytest.mark.parametrize("form", [one for one in WRITTEN if "palette" not in one])
def test_each_of_two_pictures_in_one_file_is_found(form: str) -> None:
    rgba = two_pictures()
    data = WRITTEN[form](rgba)
    assert farthest(rgba, of(data)) <= (MATCH_DISTANCE if form in CHANGED else 8)


def test_the_own_hash_is_that_on_white_where_that_shows_something() -> None:
    rgba = two_pictures()
    (frame,) = of(WRITTEN["PNG"](rgba)).frames
    assert frame.pdq == hash_pixels(on(rgba, 255))[0]
    grounds = [one for one in frame.windows if one.kind is WindowKind.GROUND]
    assert len({one.variants for one in grounds} | {frame.variants}) == len(GROUNDS)
    assert not any(one.part for one in grounds)


def test_grounds_that_look_alike_are_kept_once() -> None:
    """A small hole moves no bit."""
    picture = texture(8, 320, 240)
    rgba = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    rgba[100, 100, 3] = 0
    (frame,) = of(encode(Image.fromarray(rgba), "PNG")).frames
    assert WindowKind.GROUND not in {one.kind for one in frame.windows}


@pytest.mark.parametrize("level", [0, 90, 255])
def test_an_opacity_that_is_the_same_everywhere_has_no_grounds(level: int) -> None:
    rgba = np.dstack([texture(8, 320, 240), np.full((240, 320), level, np.uint8)])
    (frame,) = of(encode(Image.fromarray(rgba), "PNG")).frames
    assert WindowKind.GROUND not in {one.kind for one in frame.windows}
    assert WindowKind.OPAQUE in {one.kind for one in frame.windows} or level == 255


@pytest.mark.parametrize("broken", [False, True])
def test_a_bitmap_that_is_wholly_transparent_is_shown_without_transparency(broken: bool) -> None:
    data = bitmap(np.dstack([texture(8, 320, 240), np.zeros((240, 320), np.uint8)]))
    true = PdqHash(hash_pixels(texture(8, 320, 240))[0])
    assert true.distance(PdqHash(of(data[:-1] if broken else data).frames[0].pdq)) <= 2 + 4 * broken


def test_white_is_hashed_to_the_bit_and_each_ground_at_every_level_of_the_processor() -> None:
    rgba = two_pictures()
    white, alpha = on(rgba, 255), rgba[..., 3]
    before, answers = _pdq.simd_level(), []
    for level in _pdq.simd_levels():
        _pdq.select_simd_level(level)
        answers.append(pdq.look_on_grounds(white, alpha, GROUNDS))
    _pdq.select_simd_level(before)
    assert all(one == answers[0] for one in answers)
    assert answers[0][0] == pdq.look_at(white)
    with pytest.raises(ValueError, match="another size"):
        pdq.look_on_grounds(white, alpha[1:], GROUNDS)


@pytest.mark.parametrize("side", [1, 4, 5, 63, 64, 65, 300])
def test_pictures_of_every_size_have_grounds(side: int) -> None:
    rgba = np.dstack([np.full((side, 90, 3), 255, np.uint8), texture(3, 90, side)[..., 0]])
    described = of(encode(Image.fromarray(rgba), "PNG"))
    qualities = [hash_pixels(on(rgba, ground))[1] for ground in GROUNDS]
    assert described.frames[0].matchable is (max(qualities) >= MINIMUM_QUALITY)


def test_a_listed_picture_is_found_by_who_saw_it_on_a_dark_page() -> None:
    rgba = two_pictures()
    listed = looked_up(of(encode(Image.fromarray(rgba), "PNG"), listed=True))
    for ground in GROUNDS:
        seen = looked_up(of(jpeg(on(rgba, ground))))
        assert min(PdqHash(a).distance(PdqHash(b)) for a in seen for b in listed) <= MATCH_DISTANCE, ground


def test_a_framed_copy_in_the_opacity_is_found_by_its_content() -> None:
    copy = np.zeros((400, 500), np.uint8)
    copy[60:300, 40:360] = SHAPE
    rgba = np.dstack([np.full((*copy.shape, 3), 255, np.uint8), copy])
    true = PdqHash(hash_pixels(SHAPE)[0])
    found = looked_up(of(encode(Image.fromarray(rgba), "PNG")))
    assert min(true.distance(PdqHash(one)) for one in found) <= MATCH_DISTANCE


def test_the_rows_that_a_cut_file_lacks_are_as_dark_as_the_page() -> None:
    picture = texture(9, 320, 240)
    data = encode(Image.fromarray(picture), "PNG", compress_level=0)
    found = looked_up(of(data[: len(data) * 2 // 3]))
    for ground in (14, 255):
        seen = picture.copy()
        seen[158:] = ground
        assert min(PdqHash(hash_pixels(seen)[0]).distance(PdqHash(one)) for one in found) <= 10


def test_a_frame_has_no_more_windows_than_an_answer_can_count() -> None:
    rgba = two_pictures()
    rgba[:12], rgba[-12:], rgba[:, :12], rgba[:, -12:] = (np.uint8([0, 0, 0, 255]),) * 4
    (frame,) = describe(encode(Image.fromarray(rgba), "PNG"), Limits(windows=Level.WIDE)).frames
    assert 128 < len(frame.windows) <= MOST_WINDOWS


def test_an_opaque_picture_has_the_windows_of_before() -> None:
    plain = texture(8, 320, 240)
    both = [of(encode(Image.fromarray(plain).convert(mode), "PNG")).frames for mode in ("RGB", "RGBA")]
    assert both[0] == both[1]
