"""Of a damaged animation every frame is hashed that a browser shows, or the answer says that some are missing."""

from __future__ import annotations

import io
import struct

import pytest

from tests.support.mutations import png
from tests.support.mutations.pieces import image, picture
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import INCOMPLETE, Code, Described, Refusal


def animation(form: str) -> bytes:
    """One picture for a moment, and another for a minute."""
    shown, out = image(1), io.BytesIO()
    image(2).resize(shown.size).save(
        out, form, save_all=True, append_images=[shown], duration=[20, 60_000], loop=1, lossless=True
    )
    return out.getvalue()


PNG, GIF, WEBP = animation("PNG"), animation("GIF"), animation("WEBP")
CHUNKS = png.chunks_of(PNG)
PIXELS = next(number for number, (kind, _body) in enumerate(CHUNKS) if kind == b"IDAT")
TEXT = [*CHUNKS[:PIXELS], (b"tEXt", b"Comment\0a picture"), *CHUNKS[PIXELS:]]


def long_riff() -> bytes:
    return WEBP[:4] + struct.pack("<I", len(WEBP) + 100) + WEBP[8:]


SHOWN = {
    "a wrong checksum in a text": png.joined(TEXT, b"tEXt"),
    "a PNG without an end": png.joined(CHUNKS[:-1]),
    "a GIF without its last two bytes": GIF[:-2],
    "a WebP that says it is longer": long_riff(),
}
BROKEN = {
    "a PNG cut in its last frame": PNG[:-40],
    "a GIF cut in its last frame": GIF[:-2000],
    "a WebP cut in its last frame": WEBP[:-200],
    "a WebP with a broken frame": WEBP[:-600] + b"\xff" * 200 + WEBP[-400:],
}


def found_in(described: Described) -> bool:
    true = PdqHash(hash_pixels(picture(1))[0])
    looks = [look for frame in described.frames for look in (frame, *frame.windows)]
    return min(true.distance(PdqHash(look.variants[0])) for look in looks) <= MATCH_DISTANCE


@pytest.mark.parametrize("kind", SHOWN)
def test_every_frame_is_hashed(kind: str) -> None:
    described = decode.describe(SHOWN[kind], Limits())
    assert len(described.frames) == 2
    assert found_in(described)


@pytest.mark.parametrize("kind", BROKEN)
def test_frames_that_are_missing_are_told(kind: str) -> None:
    described = decode.describe(BROKEN[kind], Limits())
    assert found_in(described) or any(note.startswith(INCOMPLETE) for note in described.notes)


def test_a_cut_animation_has_no_more_frames_than_others() -> None:
    frames = [image(1).resize((8, 8)).point(lambda light, k=k: (light + k) % 256) for k in range(30)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=20)
    with pytest.raises(Refusal) as refused:
        decode.describe(out.getvalue()[:-1], Limits(max_frames=10))
    assert refused.value.code is Code.TOO_MANY_FRAMES
