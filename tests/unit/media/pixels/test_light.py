"""A picture whose colours lie beyond a screen's is looked up as it is displayed too."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.support.mutations import jpeg
from tests.support.mutations.pieces import image
from tests.support.pictures import encode
from tests.support.videos import usual_priority
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import Described
from tutela.media.video.hash_video import describe_video

SIZE = (224, 160)
WEIGHTS = np.array([0.299, 0.587, 0.114])
TRUE = PdqHash(hash_pixels(np.asarray(image(1, "L").resize(SIZE)))[0])


def of_ycc(*planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """RGB of the full range, by BT.601 as JPEG has it, cut off as a screen does."""
    light, blue, red = (part.astype(np.float32) for part in planes)
    blue, red = blue - 128, red - 128
    rgb = np.stack([light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue], axis=-1)
    return np.asarray(np.clip(np.rint(rgb), 0, 255), np.uint8)


def planes() -> list[NDArray[np.uint8]]:
    """Luminance of one picture that is nearly black, and another in the colours."""
    dark = np.asarray(image(2, "L").resize(SIZE)).astype(np.float64)
    bright = np.asarray(image(1, "L").resize(SIZE)).astype(np.float64)
    bright = (bright - bright.min()) / np.ptp(bright)
    return [np.asarray(np.rint(part), np.uint8) for part in (16 + dark / 16, 128 + 112 * bright, 128 + 112 * bright)]


def found(described: Described) -> bool:
    looks = [look for frame in described.frames for look in (frame, *frame.windows)]
    return min(TRUE.distance(PdqHash(look.variants[0])) for look in looks) <= MATCH_DISTANCE


@pytest.mark.parametrize("times", [1, 8])
def test_a_jpeg_whose_colours_are_cut_off_is_found_as_it_is_displayed(times: int) -> None:
    bands = [Image.fromarray(part).resize((SIZE[0] * times, SIZE[1] * times)) for part in planes()]
    out = io.BytesIO()
    Image.merge("YCbCr", bands).save(out, "JPEG", quality=95, subsampling=0)
    described = decode.describe(out.getvalue(), Limits())
    assert not described.notes
    assert found(described)


@pytest.mark.parametrize("said", [b"", *(b"Adobe" + bytes([0, 100, 0, 0, 0, 0, transform]) for transform in (0, 1, 2))])
def test_a_picture_with_much_luminance_is_found_as_it_is_displayed(said: bytes) -> None:
    """Whatever the file states about how its colours are stored."""
    bands = [np.asarray(image(3, "L").resize(SIZE)) // 5, *planes()[1:]]
    parts = [Image.fromarray(part).resize((SIZE[0] * 4, SIZE[1] * 4)) for part in bands]
    data = encode(Image.merge("YCbCr", parts), "JPEG", quality=95, subsampling=0)
    at = data.index(b"\xff\xdb")
    data = data[:at] + (jpeg.segment(0xEE, said) if said else b"") + data[at:]
    with Image.open(io.BytesIO(data)) as opened:
        displayed = PdqHash(hash_pixels(np.asarray(opened.convert("RGB")))[0])
    described = decode.describe(data, Limits())
    looks = [PdqHash(look.variants[0]) for look in (described.frames[0], *described.frames[0].windows)]
    assert not described.notes
    assert min(displayed.distance(look) for look in looks) <= 10
    luminance = PdqHash(hash_pixels(np.asarray(parts[0]))[0])
    assert luminance.distance(displayed) > MATCH_DISTANCE, "by its luminance alone it is another picture"


def encoded(shown: list[NDArray[np.uint8]]) -> bytes:
    out = io.BytesIO()
    with usual_priority(), av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.options = "yuv444p", {"crf": "8"}
        for at in range(5):
            frame = av.VideoFrame(*SIZE, "yuv444p")
            for plane, values in zip(frame.planes, shown, strict=True):
                rows = np.zeros((SIZE[1], plane.line_size), np.uint8)
                rows[:, : SIZE[0]] = values
                plane.update(rows.tobytes())
            frame.pts = at
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def test_a_video_whose_colours_are_cut_off_is_found_as_it_is_displayed() -> None:
    assert found(describe_video(io.BytesIO(encoded(planes())), Limits()))


def chequered() -> list[NDArray[np.uint8]]:
    """Bright luminance of one picture, and colours that change with every pixel, as much as hides another in them."""
    other, hidden = (np.asarray(image(seed, "L").resize(SIZE)).astype(np.float64) / 255 for seed in (2, 1))
    y, wanted = np.rint(235 + 10 * other).astype(np.uint8), 180 + 70 * hidden
    best, strength = np.full(y.shape, 1e9), np.zeros(y.shape)
    for level in range(0, 128, 4):
        colours = [np.full(y.shape, 128 + sign * level, np.uint8) for sign in (1, -1)]
        shown = sum(of_ycc(y, one, one) @ WEIGHTS for one in colours) / 2
        better = np.abs(shown - wanted) < best
        best[better], strength[better] = np.abs(shown - wanted)[better], level
    pattern = np.indices(y.shape).sum(0) % 2 * 2 - 1
    colour = np.clip(128 + pattern * strength, 0, 255).astype(np.uint8)
    return [y, colour, colour]


@pytest.mark.parametrize("times", [1, 4])
def test_a_picture_in_the_change_of_colours_is_found(times: int) -> None:
    bands = [Image.fromarray(np.kron(part, np.ones((times, times), np.uint8))) for part in chequered()]
    out = io.BytesIO()
    Image.merge("YCbCr", bands).save(out, "JPEG", quality=100, subsampling=0)
    described = decode.describe(out.getvalue(), Limits())
    assert not described.notes
    assert found(described)


def test_a_jpeg_whose_light_is_cut_off_is_found_as_it_is_displayed() -> None:
    data = jpeg.in_dots(1)
    with Image.open(io.BytesIO(data)) as opened:
        displayed = PdqHash(hash_pixels(np.asarray(opened))[0])
    assert TRUE.distance(displayed) <= MATCH_DISTANCE
    described = decode.describe(data, Limits())
    assert not described.notes
    assert PdqHash(described.frames[0].pdq).distance(displayed) <= 10


def isoluminant() -> list[NDArray[np.uint8]]:
    hidden = np.asarray(image(1, "L").resize(SIZE)).astype(np.float64) / 127.5 - 1
    grey = np.asarray(image(2, "L").resize(SIZE)).astype(np.float64) / 16
    return [np.rint(part).astype(np.uint8) for part in (120 + grey, 128 + 75 * hidden, 128 + 75 * hidden)]


def test_a_video_is_found_by_the_matrix_that_players_use() -> None:
    assert found(describe_video(io.BytesIO(encoded(isoluminant())), Limits()))
