"""Addresses of what a page shows: each way in which a page names a picture or a video."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.exchange.takedown.examination.page_items import MOST_ADDRESSES, is_page, looks_like_page, page_items

BASE = "https://host.example.org/a/page"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<img src=1.jpg>", ["https://host.example.org/a/1.jpg"]),
        ("<IMG SRC='/1.jpg'>", ["https://host.example.org/1.jpg"]),
        ("<img src=//cdn.example.net/1>", ["https://cdn.example.net/1"]),
        ("<img srcset='s.jpg 320w, l.jpg 1280w, m.jpg 640w'>", ["https://host.example.org/a/l.jpg"]),
        ("<img srcset='a.jpg, b.jpg 2x'>", ["https://host.example.org/a/b.jpg"]),
        ("<img src=t.jpg data-src=f.jpg>", ["https://host.example.org/a/t.jpg", "https://host.example.org/a/f.jpg"]),
        (
            "<video poster=p.png><source src=v.mp4></video>",
            ["https://host.example.org/a/p.png", "https://host.example.org/a/v.mp4"],
        ),
        ("<picture><source srcset=w.webp></picture>", ["https://host.example.org/a/w.webp"]),
        ("<svg><image href=i.png /></svg>", ["https://host.example.org/a/i.png"]),
        (
            "<object data=o.png></object><embed src=e.mp4>",
            ["https://host.example.org/a/o.png", "https://host.example.org/a/e.mp4"],
        ),
        ("<a href=full.JPG>x</a><a href=other.html>y</a>", ["https://host.example.org/a/full.JPG"]),
        ("<a href='v.mp4?t=1'>x</a>", ["https://host.example.org/a/v.mp4?t=1"]),
        ("<meta property=og:image content=/o.jpg>", ["https://host.example.org/o.jpg"]),
        ("<link rel=preload as=image href=p.jpg><link rel=icon href=i.ico>", ["https://host.example.org/a/p.jpg"]),
        ("<base href='https://b.example.org/x/'><img src=1.jpg>", ["https://b.example.org/x/1.jpg"]),
        ("<img src=1.jpg><img src=1.jpg>", ["https://host.example.org/a/1.jpg"]),
        ("<img src='data:image/png;base64,AAAA'>", ["data:image/png;base64,AAAA"]),
        ("<img src='javascript:x'><img src='ftp://a/b'><img src=''>", []),
        ("<img src='http://[x'>", []),
        ("<!-- <img src=1.jpg> -->", []),
        ("<img src=1.jpg", ["https://host.example.org/a/1.jpg"]),
    ],
)
def test_each_way_to_name_a_file_is_found(text: str, found: list[str]) -> None:
    got = list(page_items(text.encode(), "text/html", BASE).addresses)
    if text == "<img src=1.jpg":
        assert got in ([], found), "a tag without its end is read as the library reads it"
    else:
        assert got == found


def test_a_page_in_another_charset_is_read() -> None:
    found = page_items("<img src='ü.jpg'>".encode("latin-1"), "text/html; charset=iso-8859-1", BASE)
    assert found.addresses == ("https://host.example.org/a/ü.jpg",)
    assert page_items(b"<img src=1.jpg>", "text/html; charset=no-such", BASE).addresses == (
        "https://host.example.org/a/1.jpg",
    )


@pytest.mark.parametrize(
    ("media_type", "data", "said"),
    [
        ("text/html; charset=utf-8", b"x", True),
        ("", b"\n<!DOCTYPE html><p>", True),
        ("application/octet-stream", b"<html>", True),
        ("image/jpeg", b"\xff\xd8\xff", False),
        ("text/plain", b"<htmlish", False),
    ],
)
def test_a_page_is_known_by_type_or_first_bytes(media_type: str, data: bytes, said: bool) -> None:
    assert is_page(media_type, data) is said


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_bytes_and_no_type_break_the_reader(data: bytes, media_type: str) -> None:
    for address in page_items(b"<img src=" + data + b">" + data, media_type, BASE).addresses:
        assert address.split(":", 1)[0] in ("http", "https", "data")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("<iframe src=a.html></iframe>", 1),
        ("<frame src=a.html>", 1),
        ("<div style='background: url(x.jpg)'>", 1),
        ("<style>p { background: url(a) } q { background: url(b) }</style>", 2),
        ("<p>url(x)</p><iframe></iframe>", 0),
    ],
)
def test_what_is_not_read_is_counted(text: str, more: int) -> None:
    assert page_items(text.encode(), "text/html", BASE).not_read == more


def test_addresses_without_end_are_counted() -> None:
    many = "".join(f"<img src={n}>" for n in range(MOST_ADDRESSES + 5)).encode()
    found = page_items(many, "text/html", BASE)
    assert (len(found.addresses), found.not_read) == (MOST_ADDRESSES, 5)


@pytest.mark.parametrize("tail", [b"x", b"<html>"])
def test_comments_without_end_take_no_time(tail: bytes) -> None:
    data = b"<!---->" * 500 + tail
    assert looks_like_page(data) is (tail == b"<html>")


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "rot13", "utf-7", "zip", "x" * 50])
def test_charsets_of_no_page_are_read_as_utf_8(charset: str) -> None:
    found = page_items(b"<img src=1.jpg>", f"text/html; charset={charset}", BASE)
    assert found.addresses == ("https://host.example.org/a/1.jpg",)
