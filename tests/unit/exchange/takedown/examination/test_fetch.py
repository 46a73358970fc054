"""Fetching an address: its page and files, redirects, conditions, limits, and only public hosts."""

from __future__ import annotations

import base64
import gzip
import itertools
import zlib
from collections.abc import Callable

import httpx
import pytest

from tutela.exchange.feeds.http_client import AddressRefusedError, AnswerTooLargeError, NoAnswerError
from tutela.exchange.takedown.examination import fetch
from tutela.exchange.takedown.examination.fetch import ContentFetcher
from tutela.exchange.takedown.examination.messages import AccessConditions

PUBLIC = "193.0.6.139"
PAGE = "https://host.example.org/page"


class Web:
    """A web that answers from a table, and notes what it was asked."""

    def __init__(self, answers: dict[str, httpx.Response]) -> None:
        self.answers, self.asked = answers, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        place = f"{request.headers['Host']}{request.url.raw_path.decode()}"
        found = self.answers.get(place)
        return found or httpx.Response(404, stream=httpx.ByteStream(b""))


def answer(body: bytes = b"", status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=httpx.ByteStream(body))


def fetcher(web: Callable[[httpx.Request], httpx.Response], **conditions: str) -> ContentFetcher:
    return ContentFetcher(
        AccessConditions(**conditions),
        resolve=lambda host, _port: ["10.0.0.1"] if host.startswith("inside") else [PUBLIC],
        transport=httpx.MockTransport(web),
    )


def test_a_file_at_the_address_is_the_only_item() -> None:
    web = Web({"host.example.org/page": answer(b"\xff\xd8\xff", content_type="image/jpeg")})
    found = fetcher(web).fetch(PAGE)
    assert [(one.data, one.part) for one in found.files] == [(b"\xff\xd8\xff", False)]
    assert (found.status, found.page, found.not_fetched) == (200, None, 0)


def test_every_file_of_a_page_is_fetched_or_counted() -> None:
    inline = base64.b64encode(b"inline").decode()
    page = f"<img src=1.png><img src=gone.png><img src='data:image/png;base64,{inline}'><img src='http://inside.example.org/x'>"
    web = Web(
        {
            "host.example.org/page": answer(page.encode(), content_type="text/html"),
            "host.example.org/1.png": answer(b"one"),
        }
    )
    found = fetcher(web).fetch(PAGE)
    assert [one.data for one in found.files] == [b"one", b"inline"]
    assert found.not_fetched == 2
    assert found.page is not None
    assert found.page.data == page.encode()
    assert not any("inside" in one.headers["Host"] for one in web.asked), "no packet to a network that is not public"


def test_conditions_are_sent_and_the_cookie_stays_with_its_host() -> None:
    web = Web(
        {
            "host.example.org/page": answer(
                b"<img src=1.png><img src='https://cdn.example.net/2.png'>", content_type="text/html"
            ),
            "host.example.org/1.png": answer(b"1"),
            "cdn.example.net/2.png": answer(b"2"),
        }
    )
    fetcher(web, cookie="s=1", referrer="https://a.example/", device="Phone").fetch(PAGE)
    first, own, other = web.asked
    assert (first.headers["Cookie"], first.headers["Referer"], first.headers["User-Agent"]) == (
        "s=1",
        "https://a.example/",
        "Phone",
    )
    assert (own.headers["Cookie"], own.headers["Referer"]) == ("s=1", PAGE)
    assert "Cookie" not in other.headers
    assert other.headers["Referer"] == "https://host.example.org/"


def test_redirects_are_followed_by_the_same_rules() -> None:
    web = Web(
        {
            "host.example.org/page": answer(status=302, location="https://other.example.org/2"),
            "other.example.org/2": answer(b"file", content_type="image/png"),
        }
    )
    found = fetcher(web, cookie="s=1").fetch(PAGE)
    assert [one.address for one in found.files] == ["https://other.example.org/2"]
    assert "Cookie" not in web.asked[1].headers
    for target in ("http://inside.example.org/", "http://127.0.0.1/"):
        with pytest.raises(Exception, match=r"public|reserved|address"):
            fetcher(Web({"host.example.org/page": answer(status=302, location=target)})).fetch(PAGE)


def test_a_circle_of_redirects_ends() -> None:
    web = Web({"host.example.org/page": answer(status=302, location=PAGE)})
    assert fetcher(web).fetch(PAGE).files == []
    assert len(web.asked) == fetch.MOST_REDIRECTS + 1


def test_limits_are_counted_and_never_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MOST_ITEMS", 2)
    monkeypatch.setattr(fetch, "MOST_FILE_BYTES", 200)
    page = "".join(f"<img src={number}>" for number in range(5))
    web = Web({"host.example.org/page": answer(page.encode(), content_type="text/html")})
    web.answers |= {f"host.example.org/{number}": answer(b"x" * (300 if number == 1 else 3)) for number in range(5)}
    found = fetcher(web).fetch(PAGE)
    assert [one.address[-1] for one in found.files] == ["0"]
    assert found.not_fetched == 4


def test_an_address_without_an_answer_or_a_host_says_so() -> None:
    def silent(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    with pytest.raises(NoAnswerError):
        fetcher(silent).fetch(PAGE)
    with pytest.raises(AddressRefusedError):
        fetcher(Web({})).fetch("http://inside.example.org/")
    assert fetcher(Web({})).fetch(PAGE).status == 404


@pytest.mark.parametrize(
    ("target", "cookie", "referrer"),
    [
        ("https://host.example.org/2.png", "s=1", PAGE),
        ("https://host.example.org:8443/2.png", None, "https://host.example.org/"),
        ("http://host.example.org/2.png", None, None),
    ],
)
def test_another_origin_learns_nothing(target: str, cookie: str | None, referrer: str | None) -> None:
    web = Web({"host.example.org/page": answer(f"<img src='{target}'>".encode(), content_type="text/html")})
    fetcher(web, cookie="s=1").fetch(PAGE)
    asked = web.asked[1]
    assert (asked.headers.get("Cookie"), asked.headers.get("Referer")) == (cookie, referrer)


def test_a_picture_counts_whatever_its_type_says_and_a_page_is_counted() -> None:
    web = Web(
        {
            "host.example.org/page": answer(b"<img src=1><img src=2>", content_type="text/html"),
            "host.example.org/1": answer(b"\xff\xd8\xff", content_type="text/html"),
            "host.example.org/2": answer(b"<html>no", content_type="image/png"),
        }
    )
    found = fetcher(web).fetch(PAGE)
    assert ([one.data for one in found.files], found.not_fetched) == ([b"\xff\xd8\xff"], 1)


def test_an_item_that_redirects_nowhere_ends_nothing() -> None:
    web = Web(
        {
            "host.example.org/page": answer(b"<img src=1><img src=2>", content_type="text/html"),
            "host.example.org/1": answer(status=302, location="http://["),
            "host.example.org/2": answer(b"two"),
        }
    )
    found = fetcher(web).fetch(PAGE)
    assert ([one.data for one in found.files], found.not_fetched) == ([b"two"], 1)


def test_what_is_packed_is_hashed_as_a_browser_shows_it() -> None:
    packed = gzip.compress(b"<img src=1.png>")
    web = Web(
        {
            "host.example.org/page": answer(packed, content_type="text/html", content_encoding="gzip"),
            "host.example.org/1.png": answer(zlib.compress(b"one"), content_encoding="deflate"),
        }
    )
    assert [one.data for one in fetcher(web).fetch(PAGE).files] == [b"one"]
    for encoding, body in (("br", b"x"), ("gzip", b"x")):
        strange = Web({"host.example.org/page": answer(body, content_encoding=encoding)})
        with pytest.raises(NoAnswerError):
            fetcher(strange).fetch(PAGE)


def test_a_small_answer_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MOST_FILE_BYTES", 1000)
    web = Web({"host.example.org/page": answer(gzip.compress(b"x" * 100_000), content_encoding="gzip")})
    with pytest.raises(AnswerTooLargeError):
        fetcher(web).fetch(PAGE)


def test_time_ends_and_what_is_left_is_counted() -> None:
    moments = itertools.count(0, fetch.MOST_SECONDS)
    page = answer(b"<img src=1><img src=2>", content_type="text/html")
    one = ContentFetcher(
        AccessConditions(),
        now=lambda: next(moments),
        resolve=lambda _host, _port: [PUBLIC],
        transport=httpx.MockTransport(Web({"host.example.org/page": page, "host.example.org/1": answer(b"1")})),
    )
    found = one.fetch(PAGE)
    assert (len(found.files), found.not_fetched) == (1, 1)
