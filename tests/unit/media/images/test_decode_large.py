"""Pictures of a hundred and more megapixels are hashed within the memory and the time of one picture."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from struct import pack

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.support.mutations.png import IEND, SIGNATURE, chunk
from tests.support.pictures import FORMS, encode, oversized_png, texture
from tutela.media import Hashed, HasherPool
from tutela.media.formats.png import usual
from tutela.media.images.decode import describe
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.pixels import large
from tutela.media.results import Code, Refusal

SMALL = texture(3, 500, 500)
# What keeps the colours of transparent pixels.
EXACT: dict[str, dict[str, bool]] = {"WEBP": {"lossless": True, "exact": True}}
TRUE = PdqHash(hash_pixels(SMALL)[0])


def png(side: int, depth: int, colour: int, *, seen_through: bool = False) -> bytes:
    """Every sample of the small picture as a square of many. A transparency hides nothing, or it is the picture."""
    places = np.arange(side) * len(SMALL) // side
    samples = SMALL if colour == 2 else np.dstack([SMALL, np.full(SMALL.shape[:2], 255, np.uint8)])
    if seen_through:
        samples = np.dstack([np.full(SMALL.shape, 255, np.uint8), Image.fromarray(SMALL).convert("L")])
    rows = samples[:, places].astype(">u2") * 257 if depth == 16 else samples[:, places]
    packed = zlib.compressobj(1)
    body = b"".join(packed.compress(b"\0" + rows[place].tobytes()) for place in places) + packed.flush()
    head = pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(*IEND)


def webp() -> bytes:
    wide = Image.fromarray(SMALL).resize((16383, 6000), Image.Resampling.NEAREST)
    return encode(wide, "WEBP", quality=60, method=0)


def jpeg() -> bytes:
    """As many pixels as the cameras of telephones give."""
    return encode(Image.fromarray(SMALL).convert("L").resize((16320, 12240), Image.Resampling.NEAREST), "JPEG")


LARGE: dict[str, Callable[[], bytes]] = {
    "PNG of 9999 × 9999": lambda: png(9999, 8, 2),
    "PNG of 9999 × 9999 with transparency": lambda: png(9999, 8, 6),
    "PNG of 9000 × 9000 and 16 bits": lambda: png(9000, 16, 2),
    "PNG of 11000 × 11000 that is seen through": lambda: png(11000, 8, 6, seen_through=True),
    "WebP of 16383 × 6000": webp,
    "JPEG of 16320 × 12240": jpeg,
}


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=1, limits=Limits(seconds=120)) as pool:
        yield pool


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_large_picture_is_hashed(pool: HasherPool, name: str) -> None:
    answer = pool.hash_bytes(LARGE[name](), tenant="house")
    assert isinstance(answer, Hashed), answer
    assert TRUE.distance(PdqHash(answer.frames[0].pdq)) <= MATCH_DISTANCE
    assert not answer.notes


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(Refusal) as caught:
        describe(oversized_png(22_361, 22_361), Limits())
    assert caught.value.code is Code.TOO_LARGE


# Rows that end within a square, and columns.
ODD = texture(4, 701, 603)
SEEN_THROUGH = np.dstack([np.full(ODD.shape, 255, np.uint8), ODD[..., 1]])


@pytest.fixture
def reduced_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "LARGE", 120_000)
    monkeypatch.setattr(large, "KEPT", 120_000)
    monkeypatch.setattr(large, "_STRIP_PIXELS", 50_000)


@pytest.mark.usefixtures("reduced_from_here")
@pytest.mark.parametrize("form", [one for one in FORMS if one != "png one bit"])
def test_a_reduced_picture_is_near_to_itself_in_every_format(form: str) -> None:
    true = PdqHash(hash_pixels(ODD)[0])
    described = describe(FORMS[form](ODD), Limits())
    frame = described.frames[0]
    assert (described.width, described.height) == (701, 603)
    assert true.distance(PdqHash(frame.pdq)) <= 10
    assert frame.windows


@pytest.mark.usefixtures("reduced_from_here")
@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_a_reduced_picture_is_found_on_every_ground(form: str) -> None:
    for listed in (False, True):
        data = encode(Image.fromarray(SEEN_THROUGH), form, **EXACT.get(form, {}))
        (frame,) = describe(data, Limits(), listed=listed).frames
        true = PdqHash(hash_pixels(ODD[..., 1])[0])
        assert true.distance(PdqHash(frame.pdq)) <= 10
        assert frame.quality >= 50


@pytest.mark.usefixtures("reduced_from_here")
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_reduced_picture_is_upright(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.fromarray(ODD), form, exif=exif)
    described = describe(data, Limits())
    with Image.open(io.BytesIO(data)) as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    assert (described.height, described.width) == shown.shape[:2]
    assert PdqHash(hash_pixels(shown)[0]).distance(PdqHash(described.frames[0].pdq)) <= 10


@pytest.mark.usefixtures("reduced_from_here")
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_reduced_picture_that_is_cut_is_hashed_as_far_as_it_goes(form: str) -> None:
    data = encode(Image.fromarray(ODD), form)
    described = describe(data[: len(data) * 9 // 10], Limits())
    assert PdqHash(hash_pixels(ODD)[0]).distance(PdqHash(described.frames[0].pdq)) <= 48
    assert described.notes[0].startswith("damaged")


@pytest.mark.usefixtures("reduced_from_here")
def test_strips_of_a_png_that_are_not_whole_are_left_to_the_decoder() -> None:
    for change in (lambda raw: raw[:-5], lambda raw: raw + b"\0", lambda raw: b"\7" + raw[1:]):
        raw = b"".join(b"\0" + row.tobytes() for row in ODD)
        head = pack(">IIBBBBB", 701, 603, 8, 2, 0, 0, 0)
        data = SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(change(raw))) + chunk(*IEND)
        with Image.open(io.BytesIO(data)) as image:
            found = usual(data, image)
            assert found is not None
            assert found.seen() is None


@pytest.mark.parametrize(
    ("size", "scale"),
    [((10_000, 10_000), 1), ((10_001, 10_000), 4), ((20_000, 20_000), 4), ((22_360, 22_360), 8), ((10**6, 400), 2),
     ((10**6, 359), 1), ((3 * 10**6, 150), 1)],
)  # fmt: skip
def test_a_picture_is_reduced_as_little_as_it_must(size: tuple[int, int], scale: int) -> None:
    assert large.reduction_of(*size) == large.reduction_of(*size[::-1]) == scale
