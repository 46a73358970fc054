"""Data URIs of an SVG are found however they are written; what cannot be followed leaves the answer incomplete."""

from __future__ import annotations

import pytest

from tests.support.mutations import jpeg, svg
from tests.support.mutations.pieces import picture
from tests.support.videos import video
from tutela.media.images import decode
from tutela.media.limits import Limits
from tutela.media.pdq import MATCH_DISTANCE, PdqHash, hash_pixels
from tutela.media.results import INCOMPLETE, Described

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


@pytest.mark.parametrize("name", ["script", "foreignObject", "iframe", "handler"])
def test_what_may_show_more_than_the_file_holds_leaves_the_answer_incomplete(name: str) -> None:
    assert complete(drawing(plain(ADDRESS)))
    assert not complete(drawing(plain(ADDRESS) + f"<{name}/>"))


def test_what_is_no_xml_leaves_the_answer_incomplete_and_a_cut_file_does_not() -> None:
    whole = drawing(plain(ADDRESS) + "<g/>" * 20)
    assert complete(whole[:-30])
    assert not complete(whole.replace(b"<g/>", b"<g \xff=/>", 1))
    assert not complete(drawing(plain(ADDRESS) + "<g><rect></g>" + plain(ADDRESS)))


def test_a_video_in_an_svg_leaves_the_answer_incomplete() -> None:
    address = svg.uri(video(seconds=1), "video/mp4")
    assert not complete(drawing(plain(ADDRESS) + plain(address)))
