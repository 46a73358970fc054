"""Data URIs of an SVG are found however they are written; what is not plain leaves the answer incomplete."""

from __future__ import annotations

import pytest

from tests.support.mutations import jpeg, svg
from tests.support.mutations.pieces import picture
from tests.support.videos import video
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import INCOMPLETE, Code, Described, Refusal

LIMITS = Limits()
ADDRESS = svg.uri(jpeg.write(1))
LONG = ADDRESS.replace(";base64", f";name={'x' * 3000};base64")
ESCAPED = ADDRESS.replace("data:", r"d\61 t\61\:", 1).replace("base64,", "base64\\,")
BROKEN = ADDRESS[:200] + "\\\n" + ADDRESS[200:]


def drawing(inside: str, *, before: str = "") -> bytes:
    return f'<svg {svg.NAMESPACES} width="200" height="150">{before}{inside}</svg>'.encode()


def plain(address: str) -> str:
    return f'<image width="200" height="150" href="{address}"/>'


def found(described: Described) -> bool:
    true = PdqHash(hash_pixels(picture(1))[0])
    return any(true.distance(PdqHash(frame.pdq)) <= MATCH_DISTANCE for frame in described.frames)


def complete(data: bytes) -> bool:
    return not any(note.startswith(INCOMPLETE) for note in decode.describe(data, LIMITS).notes)


@pytest.mark.parametrize(
    "inside",
    [
        plain(LONG),
        f"<style>rect {{ background: url('{ESCAPED}') }}</style>",
        f"<style>rect {{ background: url('{BROKEN}') }}</style>",
        f"<style>rect {{ background: url('{ADDRESS[:300]}<g/>{ADDRESS[300:]}') }}</style>",
        f"<style>rect {{ background: url('{ADDRESS[:300]}<![CDATA[{ADDRESS[300:]}') }}]]></style>",
        f'<rect style="background: url({ESCAPED})"/>',
    ],
    ids=["long kind", "escaped", "broken line", "over an element", "over a section", "attribute"],
)
def test_a_picture_is_found_however_its_address_is_written(inside: str) -> None:
    assert found(decode.describe(drawing(inside), LIMITS))


def test_a_kind_that_is_too_long_leaves_the_answer_incomplete() -> None:
    endless = ADDRESS.replace(";base64", f";name={'x' * 70_000};base64")
    assert not complete(drawing(plain(ADDRESS) + plain(endless)))


@pytest.mark.parametrize(
    "data",
    [
        drawing(plain(ADDRESS) + "<script/>"),
        drawing(plain(f"{ADDRESS}#svgView(viewBox(9,9,50,50))")),
        drawing(plain(ADDRESS) + "<foreignObject/>"),
        drawing(plain(ADDRESS) + "<rect/>"),
        drawing(plain(ADDRESS) + "<style/>"),
        drawing(plain(ADDRESS) + plain(svg.uri(jpeg.write(2)))),
        drawing(f"<g transform='scale(2)'>{plain(ADDRESS)}</g>"),
        drawing(plain(ADDRESS)).replace(b"<svg ", b'<svg onload="go()" '),
        drawing(plain(ADDRESS)).replace(b"<svg ", b'<svg viewBox="9 9 50 50" '),
        drawing(plain(ADDRESS)).replace(b"<image ", b'<image x="-50" '),
        drawing(plain(ADDRESS)).replace(b'<image width="200"', b'<image width="900"'),
        drawing(plain(ADDRESS)).replace(b"<image ", b'<image preserveAspectRatio="none" '),
        b'<?xml-stylesheet href="data:text/css,svg{}"?>' + drawing(plain(ADDRESS)),
        b'<!DOCTYPE svg [<!ENTITY % p ""> %p; <!ENTITY a "b">]>' + drawing(plain(ADDRESS)),
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">' + drawing(plain(ADDRESS)),
        b'<!DOCTYPE svg [<!ATTLIST image href CDATA "data:,">]>' + drawing(plain(ADDRESS)),
        b'<?xml version="1.0" encoding="shift_jis"?>' + drawing(plain(ADDRESS)),
        drawing(plain(ADDRESS) + plain(svg.uri(b"a font", "font/woff"))),
    ],
    ids=range(18),
)
def test_an_svg_that_may_show_more_than_one_whole_picture_is_incomplete(data: bytes) -> None:
    assert complete(drawing(plain(ADDRESS)))
    try:
        whole = complete(data)
    except Refusal as refused:
        whole = refused.code is not Code.UNSUPPORTED
    assert not whole


@pytest.mark.parametrize("before", ["", '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">', "<!-- a -->"])
@pytest.mark.parametrize("size", ['width="100%" height="100%"', 'width="200px" height="150.0"'])
def test_a_plain_svg_is_complete(before: str, size: str) -> None:
    data = drawing(f'<title>A reef</title><g><image {size} href="{ADDRESS}"/></g>')
    assert complete(before.encode() + data)
    assert complete(data.replace(b' width="200" height="150">', b' viewBox="0 0 200 150">', 1))


def test_a_name_behind_a_long_comment_is_found() -> None:
    before = f'<?xml version="1.0" encoding="shift_jis"?><!-- {"x" * (1 << 20)} -->'
    with pytest.raises(Refusal) as refused:
        decode.describe(before.encode() + drawing(plain(ADDRESS)), LIMITS)
    assert refused.value.code is Code.UNSUPPORTED


def test_what_is_no_xml_leaves_the_answer_incomplete_and_a_cut_file_does_not() -> None:
    whole = drawing(plain(ADDRESS) + "<g/>" * 20)
    assert complete(whole[:-30])
    assert not complete(whole.replace(b"<g/>", b"<g \xff=/>", 1))
    assert not complete(drawing(plain(ADDRESS) + "<g><rect></g>" + plain(ADDRESS)))


def test_a_video_in_an_svg_leaves_the_answer_incomplete() -> None:
    address = svg.uri(video(seconds=1), "video/mp4")
    assert not complete(drawing(plain(ADDRESS) + plain(address)))
