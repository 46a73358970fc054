"""Every picture of a file that holds several is hashed: icons, SVGs, data URIs, pictures behind pictures."""

from __future__ import annotations

import base64
import io

import pytest

from tests.support.mutations import ico, jpeg, png, profiles, svg
from tests.support.mutations.pieces import image, picture
from tests.support.pictures import encode
from tutela.media import Hashed, HasherPool
from tutela.media.formats import icons
from tutela.media.images import decode, embedded
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import INCOMPLETE, Code, Described, Refusal

LIMITS = Limits()
TRUE = [PdqHash(hash_pixels(picture(k))[0]) for k in range(4)]


def describe(data: bytes) -> Described:
    return decode.describe(data, LIMITS)


def found(data: bytes, number: int) -> bool:
    hashes = [PdqHash(frame.pdq) for frame in describe(data).frames]
    return min(TRUE[number].distance(one) for one in hashes) <= MATCH_DISTANCE


def shown(*addresses: str) -> bytes:
    body = "".join(f'<image width="200" height="150" href="{one}"/>' for one in addresses)
    return f'<svg {svg.NAMESPACES} width="200" height="150">{body}</svg>'.encode()


def test_pictures_of_one_file_are_all_hashed() -> None:
    data = jpeg.several(0)
    assert found(data, 0)
    assert found(data, 1)
    assert [frame.index for frame in describe(data).frames] == list(range(len(describe(data).frames)))


def test_a_picture_behind_another_of_another_format_is_hashed() -> None:
    data = encode(image(3), "PNG") + bytes(300) + jpeg.write(2)
    assert found(data, 3)
    assert found(data, 2)


def test_no_more_than_thirty_two_pictures_of_a_file_are_hashed_and_a_note_says_so() -> None:
    described = describe(jpeg.write(0) * 40)
    assert len(described.frames) == 4 * LIMITS.hashed_frames
    assert "32 pictures in one file, more are not hashed" in described.notes
    assert not complete(described)


def complete(described: Described) -> bool:
    return not any(note.startswith(INCOMPLETE) for note in described.notes)


# A head and an end, and nothing to show.
UNREAD = encode(image(1), "PNG")[:33] + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(
    "data",
    [
        jpeg.write(0) + UNREAD + jpeg.write(2),
        ico.directory([ico.bitmap(0), encode(image(1), "PNG")[:40]]),
        ico.directory([ico.bitmap(0), bytes(200)]),
    ],
)
def test_a_picture_that_cannot_be_read_makes_its_file_incomplete(data: bytes) -> None:
    described = describe(data)
    assert described.frames
    assert not complete(described)


def test_what_stands_behind_a_picture_that_cannot_be_read_is_hashed() -> None:
    assert found(jpeg.write(0) + UNREAD + jpeg.write(2), 2)


@pytest.mark.parametrize("body", [UNREAD, b"\x00\x00\x00\x0cjP  \r\n" + bytes(90), b"\0\0\1\0\1\0" + bytes(60)])
def test_an_svg_with_a_picture_that_cannot_be_read_is_incomplete(body: bytes) -> None:
    described = describe(shown(svg.uri(jpeg.write(0)), svg.uri(body)))
    assert described.frames
    assert not complete(described)


def test_what_is_no_picture_leaves_a_file_complete() -> None:
    assert complete(describe(shown(svg.uri(jpeg.write(0)))))
    assert complete(describe(svg.uri(jpeg.write(0)).encode()))
    assert complete(describe(jpeg.write(0) + b"words behind a picture"))


def test_more_pictures_than_are_looked_for_make_a_file_incomplete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_MOST", 2)
    assert embedded.pictures(shown(*[svg.uri(jpeg.write(k)) for k in range(2)]), LIMITS).whole
    assert not embedded.pictures(shown(*[svg.uri(jpeg.write(k)) for k in range(3)]), LIMITS).whole
    monkeypatch.setattr(icons, "_MOST", 2)
    small = [ico.bitmap(0, 32, 4), ico.bitmap(1, 32, 4), ico.bitmap(2, 32, 4)]
    assert complete(describe(ico.directory(small[:2])))
    assert not complete(describe(ico.directory(small)))


def test_a_picture_behind_a_long_animation_makes_it_incomplete() -> None:
    first, *others = [image(0).resize((32, 32)).rotate(k) for k in range(40)]
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=1000)
    assert len(describe(out.getvalue()).frames) > 32
    assert complete(describe(out.getvalue() + bytes(40)))
    assert not complete(describe(out.getvalue() + jpeg.write(1)))


def test_an_entry_of_a_list_has_no_more_frames_than_pages_and_no_negative() -> None:
    assert len(decode.describe(jpeg.write(0) * 20, LIMITS, listed=True).frames) == LIMITS.hashed_frames
    data = shown(svg.uri(jpeg.write(1))).replace(b"</svg>", b"<rect/></svg>")
    (frame,) = decode.describe(data, LIMITS, listed=True).frames
    negative = bytes(255 - byte for byte in frame.pdq)
    assert negative not in {window.variants[0] for window in frame.windows}
    assert negative in {window.variants[0] for window in describe(data).frames[0].windows}


def test_small_pictures_in_an_svg_do_not_keep_out_a_large_one() -> None:
    small = [svg.uri(encode(image(k % 4).resize((20 + k, 20)), "PNG"), "image/png") for k in range(60)]
    described = describe(shown(*small, svg.uri(jpeg.write(1))))
    assert TRUE[1].distance(PdqHash(described.frames[0].pdq)) <= MATCH_DISTANCE


def test_an_svg_that_changes_its_pictures_has_a_note() -> None:
    address = svg.uri(jpeg.write(1))
    assert not describe(shown(address)).notes
    for more in ('<rect width="9" height="9"/>', '<g filter="invert(1)"/>', "<style>image { opacity: 1 }</style>"):
        data = shown(address).replace(b"</svg>", more.encode() + b"</svg>")
        assert not complete(describe(data))


def test_every_picture_of_an_icon_is_hashed_the_largest_first() -> None:
    data = ico.directory([ico.bitmap(0, 32, 4), ico.bitmap(1), encode(image(2), "PNG")])
    described = describe(data)
    assert described.format == "ICO"
    assert (described.width, described.height) == picture(2).shape[1::-1]
    assert found(data, 1)
    assert found(data, 2)


@pytest.mark.parametrize("depth", [8, 24, 32])
def test_a_bitmap_of_an_icon_is_read_at_every_depth(depth: int) -> None:
    assert found(ico.directory([ico.bitmap(1, depth)]), 1)


def test_rasters_of_an_svg_are_all_hashed() -> None:
    data = shown(svg.uri(jpeg.write(0)), svg.uri(png.write(1), "image/png"))
    described = describe(data)
    assert described.format == "SVG"
    assert found(data, 0)
    assert found(data, 1)
    assert "2 pictures in one file" in described.notes


def test_a_data_uri_alone_is_hashed() -> None:
    described = describe(svg.uri(jpeg.write(1)).encode())
    assert described.format == "data URI"
    assert TRUE[1].distance(PdqHash(described.frames[0].pdq)) <= MATCH_DISTANCE


def test_an_svg_without_a_raster_is_refused_as_unsupported() -> None:
    with pytest.raises(Refusal) as caught:
        describe(shown())
    assert caught.value.code is Code.UNSUPPORTED


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_svg_is_known_by_the_namespace_of_its_first_element(coding: str) -> None:
    body = f'<é:image href="{svg.uri(jpeg.write(1))}"/>'
    for before in ("", "\n \n", f"<!--{'x' * (1 << 20)}-->"):
        text = f'{before}<é:svg xmlns:é="http://www.w3.org/2000/svg">{body}</é:svg>'
        assert embedded.is_svg(text.encode(coding))
    assert describe(text.encode(coding)).format == "SVG"
    other = f'<é:svg xmlns:é="http://example.org/other">{body}</é:svg>'
    assert not embedded.is_svg(other.encode(coding))


def test_text_that_is_no_svg_is_no_picture() -> None:
    for data in (b"<html><p>svg</p></html>", b"data", b"<!-- svg -->", b"svg", b"<svgx/>"):
        with pytest.raises(Refusal) as caught:
            describe(data)
        assert caught.value.code in (Code.NOT_A_PICTURE, Code.UNSUPPORTED)


def test_an_svg_in_an_svg_is_read_three_deep_and_no_deeper() -> None:
    data = shown(svg.uri(jpeg.write(1)))
    for depth in range(6):
        pictures, whole, _plain = embedded.pictures(data, LIMITS)
        assert (bool(pictures), whole) == (depth <= 3, depth <= 3)
        data = shown(f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}")


def test_entities_do_not_grow_without_bound() -> None:
    names = [f'<!ENTITY a{k} "{f"&a{k - 1};" * 10 if k else "data:image/png,x"}">' for k in range(12)]
    data = f"<!DOCTYPE svg [{''.join(names)}]><svg><image href='&a11;'/></svg>".encode()
    with pytest.raises(Refusal):
        describe(data)


def test_what_lies_in_other_files_is_not_fetched() -> None:
    data = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg><text>&a;</text></svg>'
    assert not embedded.pictures(data, LIMITS).pictures


def test_icons_svgs_cut_pictures_and_profiles_hash_inside_the_cage() -> None:
    files = [
        ico.write(1),
        svg.write(1),
        jpeg.write(1)[:-2],
        png.write(1)[:-99],
        svg.uri(png.write(1)).encode(),
        encode(profiles.negative(1), "JPEG", icc_profile=profiles.turned_over()),
    ]
    with HasherPool(workers=1) as pool:
        for data in files:
            answer = pool.hash_bytes(data, tenant="house")
            assert isinstance(answer, Hashed), answer
            hashes = [PdqHash(look.variants[0]) for look in (answer.frames[0], *answer.frames[0].windows)]
            assert min(map(TRUE[1].distance, hashes)) <= MATCH_DISTANCE
