"""A picture whose profile shows other colours than are stored is looked up by both; a usual profile changes nothing."""

from __future__ import annotations

from random import Random
from struct import pack
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from tests.fuzz.fuzz_decode import mutate
from tests.support.mutations import avif, bmp, jpeg, png, profiles, webp
from tests.support.mutations.pieces import image, picture
from tests.support.pictures import encode
from tutela.media.formats import picture_formats
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.pixels import colour_profile
from tutela.media.pixels.colour_profile import TRANSFERS, Colours, as_shown
from tutela.media.results import Refusal
from tutela.media.salvage.bmp import colours_of

TRUE = PdqHash(hash_pixels(picture(1))[0])
MODULES = {"PNG": png, "JPEG": jpeg, "WEBP": webp, "AVIF": avif, "BMP": bmp}


def nearest(data: bytes) -> int:
    looks = [look for frame in decode.describe(data, Limits()).frames for look in (frame, *frame.windows)]
    return min(TRUE.distance(PdqHash(look.variants[0])) for look in looks)


def kinds(form: str) -> list[str]:
    module = MODULES[form]
    return [
        name for name in module.kinds(module.write(1)) if name.endswith("pixels so") or "profile that turns" in name
    ]


@pytest.mark.parametrize(
    ("form", "kind"), [(form, kind) for form in MODULES for kind in kinds(form) if "cut" not in kind]
)
def test_a_picture_is_found_by_its_colours_as_they_are_shown(form: str, kind: str) -> None:
    module = MODULES[form]
    data = module.kinds(module.write(1))[kind](Random(1))
    assert nearest(data) <= MATCH_DISTANCE


def test_an_avif_is_found_by_a_transfer_that_only_its_pixels_may_name() -> None:
    data = bytearray(avif.kinds(avif.write(1))["transfer 8, pixels so"](Random(1)))
    place = data.index(b"colrnclx") + 10
    data[place : place + 2] = (13).to_bytes(2)
    assert nearest(bytes(data)) <= 10
    # An entry of a list is looked up by what its file states alone.
    (frame,) = decode.describe(bytes(data), Limits(), listed=True).frames
    assert min(TRUE.distance(PdqHash(look.variants[0])) for look in (frame, *frame.windows)) > 20


@pytest.mark.parametrize("number", sorted(TRANSFERS))
def test_a_transfer_by_levels_is_that_of_every_pixel(number: int) -> None:
    pixels = np.random.default_rng(number).integers(0, 256, (40, 50, 3), np.uint8)
    shown = as_shown(pixels, Colours(transfer=number))
    if shown is not None:
        assert np.array_equal(shown, colour_profile._converted(pixels, Colours(transfer=number)))


def test_the_part_of_a_picture_that_is_shown_is_looked_up_too() -> None:
    data = avif.kinds(avif.write(1))["cut out of a corner"](Random(1))
    assert nearest(data) <= MATCH_DISTANCE
    for width in (1, 7, 4000):
        for cut in picture_formats.cuts_of(data, width, 9):
            assert 0 <= cut[0] < min(cut[2], width)


def test_a_picture_is_called_by_its_stored_colours_as_the_reference_does() -> None:
    data = encode(profiles.negative(1), "PNG", icc_profile=profiles.turned_over())
    stored = hash_pixels(np.asarray(profiles.negative(1)))[0]
    assert decode.describe(data, Limits()).frames[0].pdq == stored


def test_a_usual_profile_costs_no_look_up() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = decode.describe(png.write(1), Limits()).frames[0]
    assert decode.describe(encode(image(1), "PNG", icc_profile=srgb), Limits()).frames[0] == plain
    with_gamma = png.kinds(png.write(1))["gAMA"](Random(1))
    assert decode.describe(with_gamma, Limits()).frames[0] == plain


@pytest.mark.parametrize("profile", [b"no profile", bytes(4000), profiles.turned_over()[:200]])
def test_a_profile_that_cannot_be_read_is_left_out(profile: bytes) -> None:
    assert as_shown(picture(1), Colours(profile)) is None


def test_numbers_that_are_none_change_nothing() -> None:
    for colours in (Colours(gamma=1e-9), Colours(gamma=1e9), Colours(chromaticity=(0.0,) * 8), Colours(transfer=77)):
        shown = as_shown(picture(1), colours)
        assert shown is None or shown.dtype == np.uint8


def test_a_changed_profile_is_read_or_left_out() -> None:
    whole, small = profiles.turned_over(), picture(1)[:16, :16]
    outcomes = set()
    for seed in range(400):
        rng = Random(seed)
        shown = as_shown(small, Colours(mutate(rng, whole, whole)))
        assert shown is None or shown.shape == small.shape
        outcomes.add(shown is None)
    assert outcomes == {True, False}


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\0\0\0\x28clap", b"colrnclx", b"\0\0\0\x04cICP", b"\0\0\0\x10ftypavif"]),
)
def test_what_a_container_says_of_colours_and_cuts_is_read_from_any_bytes(rest: bytes, begin: bytes) -> None:
    data = begin + rest
    assert all(0 <= one <= 255 for one in picture_formats.transfers_of(data, "PNG"))
    assert all(0 <= one <= 65535 for one in picture_formats.transfers_of(data, "AVIF"))
    assert all(box[0] < box[2] and box[1] < box[3] for box in picture_formats.cuts_of(data, 40, 30))
    bmp_file = b"BM" + data.ljust(140, b"\x7c")
    assert isinstance(colours_of(bmp_file), Colours)


def chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", crc32(kind + body))


@pytest.mark.parametrize("before", [chunk(b"prVt", bytes(70_000)), chunk(b"cICP", bytes([1, 13, 0, 1])), b""])
def test_a_transfer_is_found_wherever_a_file_names_it(before: bytes) -> None:
    linear = np.floor(255 * (picture(1) / 255.0) ** 2.2).astype(np.uint8)
    data = encode(Image.fromarray(linear), "PNG")
    assert nearest(data[:33] + before + chunk(b"cICP", bytes([1, 8, 0, 1])) + data[33:]) <= MATCH_DISTANCE


def test_a_file_with_many_transfers_or_cuts_is_refused() -> None:
    many = b"".join(chunk(b"cICP", bytes([1, number, 0, 1])) for number in range(1, 9))
    with pytest.raises(Refusal):
        picture_formats.transfers_of(many, "PNG")
    cuts = b"".join(b"\0\0\0\x28clap" + pack(">IIIIiIiI", 8 + 2 * k, 1, 8, 1, 0, 1, 0, 1) for k in range(9))
    with pytest.raises(Refusal):
        picture_formats.cuts_of(cuts, 100, 100)


@pytest.mark.parametrize("header", [pack(">I4s", 40, b"clap"), pack(">I4sQ", 1, b"clap", 48)])
@pytest.mark.parametrize("before", [0, 70_000])
def test_a_cut_is_found_wherever_a_file_states_it(header: bytes, before: int) -> None:
    data = bytes(before) + header + pack(">IIIIiIiI", 20, 1, 10, 1, 5, 1, 0, 1)
    assert (15, 10, 35, 20) in picture_formats.cuts_of(data, 40, 30)


def test_a_transfer_that_a_text_seems_to_name_hides_no_profile() -> None:
    data = encode(profiles.negative(1), "PNG", icc_profile=profiles.turned_over())
    text = chunk(b"tEXt", b"Comment\0\0\0\0\4cICP" + bytes([1, 4, 0, 1]))
    assert nearest(data) <= MATCH_DISTANCE
    assert nearest(data[:33] + text + data[33:]) <= MATCH_DISTANCE


def test_every_pixel_is_converted_before_the_picture_is_reduced() -> None:
    levels = np.tile(np.array([[0, 200], [200, 0]], np.uint8), (512, 512))
    pixels = np.dstack([levels] * 3)
    colours = Colours(transfer=8)
    shown = as_shown(pixels, colours)
    whole = as_shown(np.full((400, 400, 3), 200, np.uint8), colours)
    assert shown is not None
    assert whole is not None
    assert abs(int(shown[50, 50, 0]) - int(whole[50, 50, 0]) // 2) <= 1


def test_without_a_statement_any_transfer_may_be_in_the_pixels_of_an_avif() -> None:
    data = avif.write(1)
    assert b"nclx" in data
    assert picture_formats.transfers_of(data.replace(b"nclx", b"nclz"), "AVIF") == [0, 4, 5, 8, 9, 10, 16, 17, 18]


def test_a_profile_behind_a_damaged_statement_counts() -> None:
    data = encode(profiles.negative(1), "PNG", icc_profile=profiles.turned_over())
    damaged = pack(">I", 4) + b"cICP" + bytes((1, 4, 0, 1)) + b"no!!"
    assert nearest(data[:33] + damaged + data[33:]) <= MATCH_DISTANCE
